"""GOST: a handshake made now and what came of it. Whatever says "GOST works" has such a result in hand."""

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from banking.clients.gost import http_probe
from banking.clients.gost.certificates import CertificateFacts, facts_of
from banking.clients.gost.config import GostConfig
from banking.clients.gost.context import BadGostFiles, GostContext, NoGostLibrary, RefusedByUs, gost_context
from banking.clients.gost.engine import engine_status
from banking.clients.gost.suites import BY_OPENSSL_NAME, Suite

Outcome = Literal[
    "handshake",  # completed and verified
    "http_reached",  # completed, verified, and somebody speaks HTTP behind it, be it 404
    "tunnel",  # something on this machine speaks GOST in our place: not measured here
    "not_configured",
    "no_library",
    "misconfigured",
    "unreachable",
    "timeout",
    "refused",  # by the server: no common suite, no certificate of ours, or no TLS at all
    "untrusted_root",
    "wrong_certificate",
    "name_mismatch",
    "expired",
    "not_yet_valid",
    "revoked",
    "not_gost",
]
WORKING: frozenset[Outcome] = frozenset({"handshake", "http_reached", "tunnel"})
PASSING: frozenset[Outcome] = frozenset({"unreachable", "timeout"})

# Results of OpenSSL's verification (x509_vfy.h); every other one means that no trusted root was reached.
BY_VERIFY_CODE: dict[int, Outcome] = {
    9: "not_yet_valid",
    10: "expired",
    23: "revoked",
    62: "name_mismatch",
    64: "name_mismatch",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """A completed, verified GOST handshake."""

    protocol: str
    suite: Suite
    certificate: CertificateFacts
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GostCheck:
    """What came of one attempt to reach the gateway; `detail` is for the operator, never a secret."""

    outcome: Outcome
    measured_at: datetime
    address: str
    detail: str = ""
    handshake: Handshake | None = None
    http_status: int | None = None

    @property
    def is_working(self) -> bool:
        """Whether data may go this way."""
        return self.outcome in WORKING

    @property
    def is_measured(self) -> bool:
        """Whether this very process saw the handshake: what a badge may rest on."""
        return self.handshake is not None

    @property
    def may_pass(self) -> bool:
        """Whether the same attempt may succeed later without anybody's help."""
        return self.outcome in PASSING


def utc_now() -> datetime:
    return datetime.now(UTC)


def check_gateway(
    config: GostConfig, *, http_path: str | None = None, now: Callable[[], datetime] = utc_now
) -> GostCheck:
    """Reach the gateway once, and with `http_path` ask it for that path; never raises for what it finds.

    A handshake that succeeded stays a success when the question gets no answer: see `http_status`.
    """
    return open_gateway(config, http_path=http_path, now=now)[0]


def open_gateway(
    config: GostConfig, *, http_path: str | None = None, now: Callable[[], datetime] = utc_now
) -> tuple[GostCheck, GostContext | None]:
    """The same, with the context that made the handshake: for the connections to follow."""
    attempt = _Attempt(config, now())
    if config.is_tunnel:
        return attempt.through_tunnel(http_path), None
    try:
        context = gost_context(config)
    except NoGostLibrary:
        return attempt.ended("no_library", engine_status().advice), None
    except BadGostFiles as why:
        return attempt.ended("misconfigured", str(why)), None
    return attempt.through_gost(context, http_path), context


class _Attempt:
    def __init__(self, config: GostConfig, started_at: datetime) -> None:
        self._config = config
        self._started_at = started_at

    def ended(
        self,
        outcome: Outcome,
        detail: str = "",
        *,
        handshake: Handshake | None = None,
        http_status: int | None = None,
    ) -> GostCheck:
        return GostCheck(
            outcome=outcome,
            measured_at=self._started_at,
            address=f"{self._config.host}:{self._config.port}",
            detail=detail,
            handshake=handshake,
            http_status=http_status,
        )

    def through_tunnel(self, http_path: str | None) -> GostCheck:
        sock = self._connected()
        if isinstance(sock, GostCheck):
            return sock
        with sock:
            status = self._ask(sock, http_path)
        return self.ended("tunnel", "through a tunnel, not measured here", http_status=status)

    def through_gost(self, context: GostContext, http_path: str | None) -> GostCheck:
        sock = self._connected()
        if isinstance(sock, GostCheck):
            return sock
        sock.settimeout(self._config.handshake_timeout)
        begun = time.perf_counter()
        try:
            secured = context.wrap_socket(sock, server_hostname=self._config.server_name)
        except OSError as why:
            sock.close()
            return self._failed(why)
        with secured:
            handshake = _measured(secured, time.perf_counter() - begun)
            status = self._ask(secured, http_path)
        reached: Outcome = "handshake" if status is None else "http_reached"
        return self.ended(reached, handshake=handshake, http_status=status)

    def _connected(self) -> socket.socket | GostCheck:
        address = (self._config.host, self._config.port)
        try:
            return socket.create_connection(address, timeout=self._config.connect_timeout)
        except TimeoutError:
            return self.ended("timeout", "no connection in time")
        except OSError as why:
            return self.ended("unreachable", _words(why))

    def _ask(self, sock: socket.socket, http_path: str | None) -> int | None:
        if http_path is None:
            return None
        return http_probe.status_of(
            sock, host=self._config.host_sent, path=http_path, seconds=self._config.handshake_timeout
        )

    def _failed(self, why: OSError) -> GostCheck:
        match why:
            case RefusedByUs():
                return self.ended(why.kind, _words(why))
            case ssl.SSLCertVerificationError():
                outcome = BY_VERIFY_CODE.get(why.verify_code, "untrusted_root")
                return self.ended(outcome, why.verify_message)
            case TimeoutError():
                return self.ended("timeout", "the handshake was not completed in time")
        return self.ended("refused", _words(why))


def _measured(secured: ssl.SSLSocket, seconds: float) -> Handshake:
    """The facts of a socket that the context has let through: suite and certificate are there."""
    name, _, _ = secured.cipher() or ("", "", 0)
    return Handshake(
        protocol=secured.version() or "",
        suite=BY_OPENSSL_NAME[name],
        certificate=facts_of(secured.getpeercert(binary_form=True) or b""),
        seconds=seconds,
    )


def _words(why: OSError) -> str:
    """The library's own name of the failure, else the system's sentence, else the kind."""
    reason = getattr(why, "reason", None)
    return reason if isinstance(reason, str) and reason else (why.strerror or type(why).__name__)
