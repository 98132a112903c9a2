"""Where the engine is missing the gateway says what to install, and ends well."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("openssl", "said"),
    [
        (None, "apt-get install openssl"),
        ("#!/bin/sh\nexit 1\n", "apt-get install libengine-gost-openssl"),
    ],
    ids=["no command", "no engine"],
)
def test_the_gateway_says_what_is_missing(tmp_path, openssl, said):
    if openssl:
        command = tmp_path / "openssl"
        command.write_text(openssl)
        command.chmod(0o755)
    run = subprocess.run(
        [sys.executable, "-m", "sandbox.gost", "--directory", str(tmp_path / "gost")],
        cwd=ROOT,
        env=os.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stdout) == (0, "")
    assert "not started. " in run.stderr
    assert said in run.stderr


def test_the_gateway_may_stay_for_managers_that_stop_all_with_one(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.gost", "--stay", "--directory", str(tmp_path / "gost")],
        cwd=ROOT,
        env=os.environ | {"PATH": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert "not started" in process.stderr.readline()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.3)
    process.terminate()
    process.communicate(timeout=10)
