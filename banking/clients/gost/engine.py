"""GOST: whether this process can speak it, why not, and the configuration that makes the next one able to.

OpenSSL reads its configuration once, at its first use. So `OPENSSL_CONF` must name a file that loads the
engine before Python starts; nothing that runs later can make up for it.
"""

import ctypes
import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from banking.clients.gost.suites import CIPHER_STRING

Obstacle = Literal["conf_not_set", "engine_missing", "builtin_openssl", "engine_not_loaded"]

PACKAGE = "libengine-gost-openssl"
ENGINE_FILE = "gost.so"
MEMORY_MAP = Path("/proc/self/maps")
# Wheels bring libraries of their own under names such as libcrypto-81d66ed9.so.3: those are not Python's.
SHARED_LIBCRYPTO = re.compile(r"\s(/\S*/libcrypto\.so[.\d]*)$", re.MULTILINE)
ENGINES_DIR = 5
QUOTED = re.compile(r'"(.*)"')

CONF = """\
# Loads the gost engine beside everything that OpenSSL has by itself.
openssl_conf = openssl_init

[openssl_init]
engines = engines
ssl_conf = ssl

[engines]
gost = gost

[gost]
engine_id = gost
dynamic_path = {engine}
default_algorithms = ALL

[ssl]
system_default = system_default

[system_default]
MinProtocol = TLSv1.2
CipherString = DEFAULT@SECLEVEL=2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus:
    """Whether this process can make GOST handshakes; if not, what stands in the way and what helps."""

    usable: bool
    openssl: str
    obstacle: Obstacle | None = None
    advice: str = ""


def engine_status(environment: Mapping[str, str] = os.environ) -> EngineStatus:
    """Find out by trying to select the suites; reads no setting and opens no connection."""
    if offers_gost():
        return EngineStatus(usable=True, openssl=ssl.OPENSSL_VERSION)
    obstacle, advice = _obstacle(environment)
    return EngineStatus(usable=False, openssl=ssl.OPENSSL_VERSION, obstacle=obstacle, advice=advice)


def offers_gost() -> bool:
    """Whether OpenSSL in this process knows at least one of our suites."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).set_ciphers(CIPHER_STRING)
    except ssl.SSLError:
        return False
    return True


def engine_file() -> Path | None:
    """The engine that Python's own OpenSSL would load, if it is installed."""
    library = shared_libcrypto()
    directory = library and _engines_directory(library)
    file = directory and directory / ENGINE_FILE
    return file if file and file.is_file() else None


def shared_libcrypto() -> Path | None:
    """The system library that `ssl` stands on; None when OpenSSL is built into Python."""
    try:
        found = SHARED_LIBCRYPTO.search(MEMORY_MAP.read_text())
    except OSError:
        return None
    return Path(found[1]) if found else None


def conf_text(engine: Path) -> str:
    """An OpenSSL configuration that loads the engine."""
    return CONF.format(engine=engine)


def _obstacle(environment: Mapping[str, str]) -> tuple[Obstacle, str]:
    if shared_libcrypto() is None:
        return "builtin_openssl", "this Python has OpenSSL built in; use one that takes the system's library"
    if engine_file() is None:
        return "engine_missing", f"apt-get install {PACKAGE}"
    if not environment.get("OPENSSL_CONF"):
        return "conf_not_set", "set OPENSSL_CONF before the start (python -m banking.clients.gost.conf)"
    return "engine_not_loaded", "the file named by OPENSSL_CONF does not load the gost engine"


def _engines_directory(library: Path) -> Path | None:
    """Ask the library itself: the path is fixed when it is built and differs between systems."""
    tell = ctypes.CDLL(str(library)).OpenSSL_version
    tell.restype = ctypes.c_char_p
    told = tell(ENGINES_DIR)
    found = QUOTED.search(told.decode()) if isinstance(told, bytes) else None
    return Path(found[1]) if found else None
