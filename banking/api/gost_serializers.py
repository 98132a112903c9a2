"""What the GOST calls answer, field by field."""

import re
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from banking.models import GostHandshake
from banking.queries.gost import outcome_words
from banking.services.gateway import Measurement
from financehub.api.fields import MomentField

HANDSHAKE_STATES = ("success", "failed", "pending")
# Where Russian certificates name the taxpayer and the company (RFC 9215, order 795 of the FSB).
OGRN = re.compile(r"(?:OGRN|1\.2\.643\.100\.1)=(\d+)")
INN = re.compile(r"(?:INN|1\.2\.643\.3\.131\.1\.1|1\.2\.643\.100\.4)=(\d+)")


def handshake_state(evidence: GostHandshake) -> str:
    """`pending` is a tunnel's: it may well speak GOST, but nobody here has seen that."""
    if evidence.via == GostHandshake.Via.TUNNEL:
        return "pending"
    return "success" if evidence.is_verified else "failed"


class CertificateOutput(serializers.Serializer[Any]):
    """The server's certificate as it was shown in the handshake."""

    subject = serializers.CharField(allow_blank=True)
    issuer = serializers.CharField(allow_blank=True)
    valid_from = MomentField()
    valid_to = MomentField(source="valid_until")
    signature_algorithm = serializers.CharField(source="signature")
    sha256 = serializers.CharField(source="fingerprint")
    ogrn = serializers.SerializerMethodField()
    inn = serializers.SerializerMethodField()

    def get_ogrn(self, evidence: GostHandshake) -> str | None:
        return _number(OGRN, evidence.subject)

    def get_inn(self, evidence: GostHandshake) -> str | None:
        return _number(INN, evidence.subject)


class GostEvidenceOutput(serializers.Serializer[Any]):
    """What a connection's attempts to speak GOST came to: the last one, and the last verified handshake."""

    outcome = serializers.CharField(help_text="Of the last attempt, by name.")
    via = serializers.CharField(
        allow_blank=True, help_text="gost, tunnel (not measured here), ordinary, or empty: nothing sent."
    )
    message = serializers.SerializerMethodField()
    is_verified = serializers.BooleanField(help_text="The last attempt was a handshake checked here.")
    fell_back = serializers.BooleanField(help_text="Ordinary TLS was taken in place of GOST.")
    measured_at = MomentField()
    verified_at = MomentField(allow_null=True)
    protocol = serializers.CharField(allow_blank=True)
    cipher = serializers.CharField(source="suite", allow_blank=True)
    time = serializers.FloatField(source="seconds", allow_null=True)
    server_certificate = serializers.SerializerMethodField()

    def get_message(self, evidence: GostHandshake) -> str:
        return outcome_words(evidence.outcome)

    @extend_schema_field(CertificateOutput(allow_null=True))
    def get_server_certificate(self, evidence: GostHandshake) -> dict[str, Any] | None:
        return _certificate(evidence)


class ConnectionTestOutput(serializers.Serializer[Any]):
    """A handshake made for this answer; a failed one is an answer too."""

    success = serializers.BooleanField()
    message = serializers.CharField()
    handshake_status = serializers.ChoiceField(HANDSHAKE_STATES)
    outcome = serializers.CharField()
    timestamp = MomentField()
    cipher = serializers.CharField(allow_blank=True)
    server = serializers.CharField(allow_null=True)
    time = serializers.FloatField(help_text="Seconds that the handshake took.")
    server_certificate = CertificateOutput(allow_null=True)
    session_id = serializers.CharField(allow_null=True)
    request_id = serializers.CharField(allow_null=True)
    proof = serializers.ListField(child=serializers.CharField())
    error = serializers.CharField(allow_null=True)


class GostStatusOutput(serializers.Serializer[Any]):
    """Whether GOST works from here, by a handshake made for this answer."""

    enabled = serializers.BooleanField(help_text="The person wants it.")
    configured = serializers.BooleanField(help_text="A gateway is named, and what is trusted is there.")
    endpoint = serializers.CharField(allow_blank=True)
    client_id = serializers.CharField()
    cert_configured = serializers.BooleanField(help_text="A client certificate of ours is set.")
    csptest_available = serializers.BooleanField(help_text="CryptoPro's test client; not needed here.")
    csptest_path = serializers.CharField(allow_null=True)
    handshake_status = serializers.ChoiceField(HANDSHAKE_STATES)
    outcome = serializers.CharField()
    measured_at = MomentField()
    engine_available = serializers.BooleanField(help_text="OpenSSL in this process knows the suites.")
    openssl = serializers.CharField()
    mode = serializers.ChoiceField(["gost", "tunnel", "standard"])
    api_endpoint = serializers.CharField(allow_blank=True)
    description = serializers.CharField()
    requirements = serializers.ListField(child=serializers.CharField())
    recommendation = serializers.CharField(allow_blank=True)


class GostHealthOutput(serializers.Serializer[Any]):
    """The three hosts behind a GOST connection, each tried now."""

    auth = serializers.BooleanField()
    standard_api = serializers.BooleanField()
    gost_tls = serializers.BooleanField()
    overall = serializers.ChoiceField(["healthy", "partial", "unhealthy", "error"])
    message = serializers.CharField()


def connection_test(measured: Measurement, *, request_id: str | None) -> dict[str, Any]:
    """The one answer of all calls that test the gateway."""
    evidence = measured.evidence
    message = outcome_words(evidence.outcome)
    return {
        "success": measured.check.is_working,
        "message": message,
        "handshake_status": handshake_state(evidence),
        "outcome": evidence.outcome,
        "timestamp": evidence.measured_at,
        "cipher": evidence.suite,
        "server": evidence.address or None,
        "time": evidence.seconds or 0.0,
        "server_certificate": evidence if evidence.is_verified else None,
        "session_id": None,
        "request_id": request_id,
        "proof": _proof(measured),
        "error": None if measured.check.is_working else _error(message, evidence.detail),
    }


def _proof(measured: Measurement) -> list[str]:
    """What was seen, line by line; nothing where nothing was."""
    evidence, status = measured.evidence, measured.check.http_status
    if not evidence.is_verified:
        return []
    lines = [
        f"{evidence.protocol}, {evidence.suite} (0x{evidence.suite_code})",
        _("Сертификат: {subject}").format(subject=evidence.subject),
        _("Выдан: {issuer}").format(issuer=evidence.issuer),
        _("Подпись: {signature}").format(signature=evidence.signature),
        f"SHA-256: {evidence.fingerprint}",
    ]
    return lines if status is None else [*lines, _("HTTP за шлюзом: {status}").format(status=status)]


def _error(message: str, detail: str) -> str:
    return f"{message} ({detail})" if detail else message


def _certificate(evidence: GostHandshake) -> dict[str, Any] | None:
    return dict(CertificateOutput(evidence).data) if evidence.fingerprint else None


def _number(kind: re.Pattern[str], subject: str) -> str | None:
    found = kind.search(subject)
    return found[1] if found else None
