"""GOST: `python -m banking.clients.gost.conf [FILE]`, for whatever starts our processes.

Prints the path for `OPENSSL_CONF` when the engine is installed, and nothing when it is not; the exit code
is 0 either way, for everything but GOST works without it.
"""

import argparse
import os
import sys
from pathlib import Path

from banking.clients.gost.engine import conf_text, engine_file, engine_status

DEFAULT_FILE = Path("var/gost/openssl.cnf")


def write_conf(file: Path) -> Path | None:
    """Write the configuration and return its full path, or None when there is no engine to load."""
    engine = engine_file()
    if engine is None:
        return None
    text = conf_text(engine)
    if not file.is_file() or file.read_text() != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Processes that start at the same time must never read half a file.
        draft = file.with_name(f"{file.name}.{os.getpid()}")
        draft.write_text(text)
        draft.replace(file)
    return file.resolve()


def main(arguments: list[str] | None = None) -> int:
    """Print the path: of the operator's own configuration when that one works, else of the one written."""
    parser = argparse.ArgumentParser(description="Write an OpenSSL configuration that loads the gost engine.")
    parser.add_argument("file", nargs="?", type=Path, default=DEFAULT_FILE)
    wanted = parser.parse_args(arguments).file
    given = os.environ.get("OPENSSL_CONF")
    if given and engine_status().usable:
        sys.stdout.write(f"{given}\n")
        return 0
    written = write_conf(wanted)
    if written is not None:
        sys.stdout.write(f"{written}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
