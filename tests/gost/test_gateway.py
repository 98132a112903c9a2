"""`python -m sandbox.gost` as a process: it makes its certificates, serves, and ends when told."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from banking.clients.gost.config import GostConfig
from banking.clients.gost.handshake import check_gateway
from tests.gost.stage import free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def served(behind, tmp_path):
    started = []

    def start(*options):
        port = free_port()
        words = ["--port", str(port), "--upstream", behind.url, "--directory", str(tmp_path), *options]
        without = {name: value for name, value in os.environ.items() if name != "OPENSSL_CONF"}
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox.gost", *words],
            cwd=ROOT, env=without, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        _wait_for(port, process)
        return f"https://127.0.0.1:{port}", process

    yield start
    for process in started:
        process.terminate()
        process.communicate(timeout=10)


def _wait_for(port, process):
    for _ in range(300):
        assert process.poll() is None
        with socket.socket() as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the gateway does not listen")


def test_the_gateway_serves_what_is_behind(served, tmp_path):
    url, process = served()
    config = GostConfig(base_url=url, ca_file=str(tmp_path / "ca.pem"))
    check = check_gateway(config, http_path="/any")
    assert (check.outcome, check.http_status) == ("http_reached", 404)
    process.terminate()
    _, said = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "stopped" in said


def test_the_gateway_may_want_a_client_s_certificate(served, tmp_path):
    url, _ = served("--require-client-certificate")
    without = GostConfig(base_url=url, ca_file=str(tmp_path / "ca.pem"))
    keys = {"client_cert": str(tmp_path / "client.pem"), "client_key": str(tmp_path / "client.key")}
    assert check_gateway(without).outcome == "refused"
    assert check_gateway(GostConfig(base_url=url, ca_file=without.ca_file, **keys)).outcome == "handshake"


def test_keys_are_for_their_owner_only(served, tmp_path):
    served()
    assert {file.stat().st_mode & 0o077 for file in tmp_path.glob("*.key")} == {0}
