"""Runs the whole demo — site, worker and bundled banks — the way `make demo` does, on free ports."""

import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import requests

from sandbox.settings import SandboxSettings
from tests.bank_server import BankServer

ROOT = Path(__file__).resolve().parents[1]
START_TAKES_AT_MOST = 60
STOP_TAKES_AT_MOST = 20
NO_OUTGOING_PORTS = range(20_000, 32_000)


@dataclass(frozen=True, slots=True)
class Site:
    """A running demo: `url` is the site's origin, `banks` the bundled banks with their back door open."""

    url: str
    banks: BankServer
    folder: Path

    @property
    def log(self) -> Path:
        """What all its processes say."""
        return self.folder / "demo.log"

    def get(self, path: str) -> requests.Response:
        """Ask for a page past all proxies of the environment."""
        with requests.Session() as session:
            session.trust_env = False
            return session.get(self.url + path, timeout=30, allow_redirects=False)

    def write(self, sql: str, *values: str) -> None:
        """Change a row of the site's database behind its back: time does not pass in a test."""
        with closing(sqlite3.connect(self.folder / "financehub.sqlite3", timeout=20)) as database, database:
            database.execute(sql, values)


@contextmanager
def running_site(folder: Path, **variables: str) -> Iterator[Site]:
    """Start the demo with its files in a folder, and stop it with all its processes at the end."""
    web_port, banks_port, gost_port = _free_ports(3)
    settings = SandboxSettings(database=folder / "sandbox.sqlite3", control=True)
    environment = {
        "PATH": os.environ["PATH"],
        "VAR_DIR": str(folder),
        "SANDBOX_DB": str(settings.database),
        "SANDBOX_CONTROL": "1",
    }
    site = Site(
        url=f"http://127.0.0.1:{web_port}",
        banks=BankServer(root=f"http://127.0.0.1:{banks_port}", settings=settings),
        folder=folder,
    )
    ports = (f"PORT={web_port}", f"BANKS_PORT={banks_port}", f"GOST_PORT={gost_port}")
    with site.log.open("wb") as log:
        demo = subprocess.Popen(
            [_make(), "demo", *ports, f"VENV={sys.prefix}"],
            cwd=ROOT,
            env=environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_it_serves(demo, site)
        yield site
    finally:
        _stop(demo)


def _wait_until_it_serves(demo: "subprocess.Popen[bytes]", site: Site) -> None:
    latest = time.monotonic() + START_TAKES_AT_MOST
    while time.monotonic() < latest and demo.poll() is None:
        try:
            if site.get("/healthz").ok and site.banks.call("GET", "/vbank/").ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError(f"the demo does not serve:\n{site.log.read_text()}")


def _stop(demo: "subprocess.Popen[bytes]") -> None:
    demo.send_signal(signal.SIGTERM)
    try:
        demo.wait(STOP_TAKES_AT_MOST)
    except subprocess.TimeoutExpired:
        os.killpg(demo.pid, signal.SIGKILL)
        raise


def _make() -> str:
    path = shutil.which("make")
    if path is None:
        raise FileNotFoundError("make is not installed")
    return path


def _free_ports(count: int) -> list[int]:
    """Free ports from which no connection goes out, for that could take one before the demo does."""
    return list(islice(filter(_is_free, random.sample(NO_OUTGOING_PORTS, k=100)), count))


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
