"""Who calls this door, and whose data opens: every view asks here first."""

import uuid

from flask import request

from sandbox.bankingapi.refusals import StandardError
from sandbox.services import services
from sandbox.store.consents import Consent
from sandbox.store.histories import UnknownClientError
from sandbox.tokens import InvalidTokenError

# Tokens of the banks are of no use here and the other way round: they are signed for another name.
ISSUER = "bankingapi"


def application() -> str:
    """Return the application whose token was sent."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        try:
            return services().tokens.check(bank=ISSUER, token=token).subject
        except InvalidTokenError:
            pass
    raise StandardError(401, "RU.CBR.Header.Invalid", "Токен отсутствует или недействителен", "Authorization")


def caller() -> str:
    """Return the application, which must have named the interaction."""
    subject = application()
    try:
        uuid.UUID(request.headers.get("x-fapi-interaction-id", ""))
    except ValueError:
        message = "Отсутствует обязательный заголовок"
        raise StandardError(400, "RU.CBR.Header.Missing", message, "x-fapi-interaction-id") from None
    return subject


def holder(subject: str) -> str:
    """Return the name under which consents are given to the application, apart from those at the banks."""
    return f"{ISSUER}:{subject}"


def named_client() -> str:
    """Return the client whom a request for a consent concerns; the demo's, when it names none."""
    client_id = request.headers.get("X-Mdm-Id") or f"{services().settings.team_id}-demo"
    try:
        services().histories.ensure(client_id)
    except UnknownClientError:
        raise StandardError(404, "RU.CBR.Resource.NotFound", "Клиент не найден", "X-Mdm-Id") from None
    return client_id


def reader_of(bank: str, permission: str) -> str:
    """Return the client whose data may be read.

    A consent that is named decides. Without one the demo client's data opens, as in the public samples.
    """
    subject = caller()
    consent_id = request.headers.get("X-Consent-Id")
    if consent_id is None:
        client_id = f"{services().settings.team_id}-demo"
        services().histories.ensure(client_id)
        return client_id
    consent = services().consents.find(bank=bank, consent_id=consent_id)
    if consent is None or not _opens(consent, subject, permission):
        message = "Согласие отсутствует или не действует"
        raise StandardError(403, "RU.CBR.Authenticate.InvalidConsent", message, "X-Consent-Id")
    services().consents.note_use(consent)
    services().histories.ensure(consent.client_id)
    return consent.client_id


def _opens(consent: Consent, subject: str, permission: str) -> bool:
    return consent.is_active and consent.granted_to == holder(subject) and permission in consent.permissions
