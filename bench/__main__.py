"""Bench: every measurement, one after the other, each on a site of its own: `make bench`."""

import subprocess
import sys

MEASUREMENTS = ("bench.sync_load", "bench.pages")


def main() -> int:
    failed = 0
    for module in MEASUREMENTS:
        print(f"\n=== {module}", flush=True)
        failed += subprocess.run([sys.executable, "-m", module], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
