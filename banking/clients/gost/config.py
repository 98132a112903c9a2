"""GOST: how to reach the gateway and whom to believe there, filled from the settings by the caller."""

import re
from dataclasses import dataclass, replace
from ipaddress import ip_address
from urllib.parse import urlsplit

FINGERPRINT = re.compile(r"[0-9a-f]{64}")
DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True, kw_only=True)
class GostConfig:
    """The gateway.

    No public authority issues GOST certificates, so one is always pinned: the authority by `ca_file`
    (a revocation list in the same file is obeyed), the server's own certificate by `cert_sha256`, or both.
    An `http` address is a tunnel on this machine, which speaks GOST in our place. `host_header` is the
    gateway's name when the address is not: it is sent as Host and, over TLS, is the name checked.
    """

    base_url: str
    host_header: str = ""
    ca_file: str | None = None
    cert_sha256: str = ""
    client_cert: str | None = None
    client_key: str | None = None
    check_hostname: bool = True
    connect_timeout: float = 5.0
    handshake_timeout: float = 10.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "cert_sha256", self.cert_sha256.replace(":", "").strip().lower())
        _check_address(self)
        if self.is_tunnel:
            return
        _check_trust(self)

    @property
    def is_tunnel(self) -> bool:
        return urlsplit(self.base_url).scheme == "http"

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def port(self) -> int:
        url = urlsplit(self.base_url)
        return url.port or DEFAULT_PORTS[url.scheme]

    @property
    def server_name(self) -> str:
        """The name that the certificate must bear."""
        return urlsplit(f"//{self.host_header}").hostname or self.host

    @property
    def host_sent(self) -> str:
        """The Host header of a request."""
        return self.host_header or urlsplit(self.base_url).netloc

    def at(self, base_url: str) -> "GostConfig":
        """The same trust at another address."""
        return replace(self, base_url=base_url)


def _check_address(config: GostConfig) -> None:
    url = urlsplit(config.base_url)
    if url.scheme not in DEFAULT_PORTS or not url.hostname or url.query or url.fragment or url.username:
        raise ValueError("GOST: the gateway's address must be https://host[:port][/prefix]")
    if url.scheme == "http" and not _is_loopback(url.hostname):
        raise ValueError("GOST: a plain address is a tunnel and must be on this machine")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_trust(config: GostConfig) -> None:
    if config.cert_sha256 and not FINGERPRINT.fullmatch(config.cert_sha256):
        raise ValueError("GOST: the fingerprint must be the 64 hexadecimal digits of SHA-256")
    if not config.ca_file and not config.cert_sha256:
        raise ValueError("GOST: pin an authority (CA file) or the server's certificate (fingerprint)")
    if config.check_hostname and not config.ca_file:
        raise ValueError("GOST: names are checked with a CA file only; a pinned certificate needs no name")
    if not config.check_hostname and not config.cert_sha256:
        raise ValueError("GOST: without the check of the host name the certificate must be pinned")
    if config.client_key and not config.client_cert:
        raise ValueError("GOST: a client key needs its certificate")
