"""GOST: which way a bank's data goes, decided once per client by policy and by a handshake made now."""

import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from banking.clients.errors import GatewayUnavailable
from banking.clients.gost.config import GostConfig
from banking.clients.gost.context import GostContext
from banking.clients.gost.handshake import GostCheck, open_gateway, utc_now
from banking.clients.transport import OwnTls

logger = logging.getLogger(__name__)


class GostPolicy(StrEnum):
    """What a person wants: GOST or nothing, GOST where it works, or ordinary TLS."""

    REQUIRE = "require"
    PREFER = "prefer"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The way chosen. `check` is the evidence: of the handshake, or of why there was none."""

    via: Literal["gost", "tunnel", "ordinary"]
    base_url: str
    tls: OwnTls | None = None
    host_header: str = ""
    check: GostCheck | None = None

    @property
    def fell_back(self) -> bool:
        """Whether GOST was wanted and ordinary TLS was taken: to be shown, never to be hidden."""
        return self.via == "ordinary" and self.check is not None


def choose_route(*, bank: str, policy: GostPolicy, base_url: str, gost: GostConfig | None) -> Route:
    """Decide; raises GatewayUnavailable where GOST is required and does not work."""
    if policy is GostPolicy.OFF:
        return Route(via="ordinary", base_url=base_url)
    if gost is None:
        check = GostCheck(outcome="not_configured", measured_at=utc_now(), address="")
    else:
        check, context = open_gateway(gost)
        if check.is_working:
            return _through(gost, check, context)
    if policy is GostPolicy.REQUIRE:
        raise GatewayUnavailable(check, bank=bank)
    logger.warning("gost fallback to ordinary tls: bank=%s outcome=%s", bank, check.outcome)
    return Route(via="ordinary", base_url=base_url, check=check)


def _through(gost: GostConfig, check: GostCheck, context: GostContext | None) -> Route:
    return Route(
        via="tunnel" if context is None else "gost",
        base_url=gost.base_url,
        tls=None if context is None else OwnTls(context, gost.server_name),
        host_header=gost.host_header,
        check=check,
    )
