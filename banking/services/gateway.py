"""Services: the way to the Banking API and its GOST gateway, and the evidence that each attempt leaves."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from banking.clients.bankingapi import BankingApiConfig
from banking.clients.gost.config import GostConfig
from banking.clients.gost.engine import EngineStatus, engine_status
from banking.clients.gost.handshake import GostCheck, Handshake, utc_now
from banking.clients.gost.handshake import check_gateway as attempt
from banking.clients.gost.route import GostPolicy
from banking.models import BankConnection, GostHandshake
from banking.models.connection import GOST_POLICIES
from financehub.errors import DomainError

# Asked for nothing but an answer: the real gateway has none of these accounts and says 404.
PROBED_PATH = "/api/rb/accounts/v1/accounts"


class ChannelUnavailable(DomainError):
    """Asked for a channel that this installation does not have."""

    code = "channel_unavailable"
    message = _("Banking API на этой установке не настроен. Соединение не устанавливалось.")


class GostUnavailable(ChannelUnavailable):
    """Asked for the GOST channel, which is never silently replaced by ordinary TLS."""

    code = "gost_unavailable"
    message = _("ГОСТ-шлюз на этой установке не настроен. Соединение не устанавливалось.")


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one attempt to reach the gateway showed, and whether this process can speak GOST at all."""

    check: GostCheck
    evidence: GostHandshake
    engine: EngineStatus


def gost_config(bank_code: str) -> GostConfig | None:
    """The gateway before a bank, or None; raises ValueError for settings that could never work."""
    if not settings.GOST_ENABLED:
        return None
    return GostConfig(
        base_url=_at(settings.GOST_BASE_URL, bank_code),
        host_header=settings.GOST_HOST_HEADER,
        ca_file=settings.GOST_CA_FILE or None,
        cert_sha256=settings.GOST_CERT_SHA256,
        client_cert=settings.GOST_CLIENT_CERT or None,
        client_key=settings.GOST_CLIENT_KEY or None,
        check_hostname=settings.GOST_CHECK_HOSTNAME,
        connect_timeout=settings.GOST_CONNECT_TIMEOUT,
        handshake_timeout=settings.GOST_HANDSHAKE_TIMEOUT,
    )


def api_config(bank_code: str, *, policy: str) -> BankingApiConfig:
    """The Banking API of a bank, with what a policy asks of the way there."""
    return BankingApiConfig(
        code=bank_code,
        base_url=_at(settings.BANKINGAPI_BASE_URL, bank_code),
        token_url=_at(settings.BANKINGAPI_TOKEN_URL, bank_code),
        client_id=settings.BANKINGAPI_CLIENT_ID,
        client_secret=settings.BANKINGAPI_CLIENT_SECRET,
        ca_file=settings.BANK_CA_FILE or None,
        client_header=settings.BANKINGAPI_CLIENT_HEADER,
        consent_header=settings.BANKINGAPI_CONSENT_HEADER,
        gost=gost_config(bank_code),
        policy=GostPolicy(policy),
    )


def check_settings() -> None:
    """Build everything once; raises ValueError for settings that could never work."""
    for code in settings.BANK_BASE_URLS:
        if settings.GOST_ENABLED or settings.BANKINGAPI_CLIENT_SECRET:
            api_config(code, policy=GostPolicy.OFF)


def check_available(channel: str) -> None:
    """Raise ChannelUnavailable, or GostUnavailable, for a channel that the settings do not describe."""
    if channel in GOST_POLICIES and not settings.GOST_ENABLED:
        raise GostUnavailable
    if channel != BankConnection.Channel.BANK and not settings.BANKINGAPI_CLIENT_SECRET:
        raise ChannelUnavailable


def available_channels() -> list[str]:
    """The channels that a connection may go over on this installation, those with GOST first."""
    found = []
    for channel in (*GOST_POLICIES, BankConnection.Channel.BANK, BankConnection.Channel.BANKING_API):
        with suppress(ChannelUnavailable):
            check_available(channel)
            found.append(channel)
    return found


def measure(bank_code: str = "") -> Measurement:
    """Make a handshake now and ask behind it for an answer; nothing is stored, no token is sent."""
    config = gost_config(bank_code or next(iter(settings.BANK_BASE_URLS)))
    if config is None:
        check = GostCheck(outcome="not_configured", measured_at=utc_now(), address="")
    else:
        path = urlsplit(config.base_url).path.rstrip("/") + PROBED_PATH
        check = attempt(config, http_path=path)
    via = "" if not check.is_working else "gost" if check.is_measured else "tunnel"
    return Measurement(check, GostHandshake(**_facts(check, via)), engine_status())


def keep_evidence(connection_id: int, check: GostCheck, via: str) -> None:
    """Put an attempt on record; a handshake that was verified before stays beside one that failed."""
    with transaction.atomic():
        held = BankConnection.objects.select_for_update().filter(pk=connection_id)
        if held.first() is None:  # the person removed it while the bank was asked
            return
        GostHandshake.objects.update_or_create(connection_id=connection_id, defaults=_facts(check, via))


def _facts(check: GostCheck, via: str) -> dict[str, Any]:
    """The columns that an attempt fills: those of a verified handshake only if it was one."""
    facts: dict[str, Any] = {
        "outcome": check.outcome,
        "via": via,
        "measured_at": check.measured_at,
        "address": check.address,
        "detail": check.detail[:255],
        "pinned": _pinned(),
    }
    if check.handshake is not None:
        facts |= {"verified_at": check.measured_at} | _handshake_facts(check.handshake)
    return facts


def _handshake_facts(made: Handshake) -> dict[str, Any]:
    certificate = made.certificate
    return {
        "seconds": made.seconds,
        "protocol": made.protocol,
        "suite": made.suite.name,
        "suite_code": made.suite.code,
        "subject": certificate.subject[:500],
        "issuer": certificate.issuer[:500],
        "signature": certificate.signature_algorithm,
        "fingerprint": certificate.sha256,
        "valid_from": certificate.not_before,
        "valid_until": certificate.not_after,
    }


def _pinned() -> str:
    """What the settings trust: an authority, one certificate, or an authority's certificate of one print."""
    kinds = {"authority": settings.GOST_CA_FILE, "certificate": settings.GOST_CERT_SHA256}
    return "+".join(kind for kind, given in kinds.items() if given)


def _at(address: str, bank_code: str) -> str:
    return address.replace("{bank}", bank_code)
