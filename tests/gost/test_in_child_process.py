"""Runs this folder in a Python that was started with the gost engine."""

import os
import subprocess
import sys
from pathlib import Path

from banking.clients.gost.conf import write_conf
from tests.gost.stage import without_engine

ROOT = Path(__file__).resolve().parents[2]


def test_real_handshakes_hold_where_the_engine_is_loaded(tmp_path: Path) -> None:
    conf = write_conf(tmp_path / "openssl.cnf")
    if conf is None:
        without_engine("the engine is not installed: apt-get install libengine-gost-openssl")
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    # Files of its own: the tests out here have their database open.
    environment |= {"VAR_DIR": str(tmp_path), "OPENSSL_CONF": str(conf), "FINANCEHUB_REQUIRE_GOST": "1"}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/gost"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    sys.stdout.write(run.stdout)
    assert run.returncode == 0, run.stdout + run.stderr
