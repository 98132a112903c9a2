"""The faults of the connection under the server of the demo, not only under the one of the tests."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from tests.bank_server import TEAM_ID, TEAM_SECRET, BankServer, settings_for_tests

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN = 20


@pytest.fixture(scope="module")
def gunicorn(tmp_path_factory):
    database = tmp_path_factory.mktemp("gunicorn") / "sandbox.sqlite3"
    log = database.with_suffix(".log")
    environment = os.environ | {
        "SANDBOX_DB": str(database),
        "SANDBOX_TEAM_ID": TEAM_ID,
        "SANDBOX_TEAM_SECRET": TEAM_SECRET,
        "SANDBOX_TODAY": "2026-10-15",
        "SANDBOX_CONTROL": "1",
    }
    options = ["-b", "127.0.0.1:0", "--threads", "4", "--no-control-socket"]
    command = [sys.executable, "-m", "gunicorn", *options, "sandbox.wsgi:app"]
    with (
        log.open("w") as output,
        subprocess.Popen(command, cwd=ROOT, env=environment, stderr=output) as process,
    ):
        try:
            yield BankServer(root=_address(log), settings=settings_for_tests(database))
        finally:
            process.terminate()


def _address(log) -> str:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        found = re.search(r"Listening at: (http://[\d.:]+)", log.read_text())
        if found and "Booting worker" in log.read_text():
            return found[1]
        time.sleep(0.05)
    raise AssertionError(log.read_text())


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"what": "reset"}, requests.ConnectionError),
        ({"what": "half_body"}, (requests.exceptions.ChunkedEncodingError, requests.ConnectionError)),
        ({"what": "hang", "seconds": 0.2}, requests.ConnectionError),
    ],
)
def test_connection_breaks_and_the_server_lives_on(gunicorn, fault, error):
    headers = gunicorn.granted("vbank")
    path = "/vbank/accounts/acc-11/transactions?limit=100"
    gunicorn.control("vbank", "faults", fault | {"where": "transactions", "times": 1})

    with pytest.raises(error):
        gunicorn.call("GET", path, headers=headers)
    assert gunicorn.call("GET", path, headers=headers).status_code == 200
