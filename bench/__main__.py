"""Bench: every measurement, one after the other, each on a site of its own: `make bench`.

On SQLite, and once more on a throwaway PostgreSQL where there is one on this machine.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEASUREMENTS = (("bench.sync_load",), ("bench.pages", "--rows", "1000", "10000", "100000", "1000000"))
POSTGRES = Path(__file__).resolve().parent.parent / ".ci" / "postgres"
POSTGRES_PROGRAMS = Path("/usr/lib/postgresql/15/bin")


def main() -> int:
    failed = _measure({})
    if POSTGRES_PROGRAMS.is_dir():
        with _postgres() as url:
            failed += _measure({"DATABASE_URL": url})
    return failed


def _measure(environment: dict[str, str]) -> int:
    failed = 0
    for module, *arguments in MEASUREMENTS:
        print(f"\n=== {module}{' on PostgreSQL' if environment else ''}", flush=True)
        command = [sys.executable, "-m", module, *arguments]
        failed += subprocess.run(command, check=False, env=os.environ | environment).returncode != 0
    return failed


@contextmanager
def _postgres() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="financehub-bench-") as folder:
        place = f"{folder}/postgres"
        started = subprocess.run([POSTGRES, "start", place], check=True, capture_output=True, text=True)
        try:
            yield started.stdout.strip()
        finally:
            subprocess.run([POSTGRES, "stop", place], check=True)


if __name__ == "__main__":
    sys.exit(main())
