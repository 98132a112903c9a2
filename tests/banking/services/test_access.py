"""The way into a bank: which token and which consent a call goes with."""

from datetime import timedelta

import pytest

from banking.clients import errors
from banking.models import BankConnection, Consent
from banking.services.access import BankAccess
from tests.banking.sync.bank import NOON, Bank
from tests.banking.sync.reading import connected
from tests.factories import ConsentFactory


def test_a_token_is_kept_sealed_and_used_again(bank: Bank, connection: BankConnection) -> None:
    assert BankAccess(connection, now=NOON).token().access_token == "token-1"
    kept = BankConnection.objects.select_related("bank").get(pk=connection.pk)
    assert BankAccess(kept, now=NOON).token().access_token == "token-1"
    assert "token-1" not in kept.token_sealed
    assert bank.calls["token"] == 1


def test_a_token_is_renewed_before_it_ends(bank: Bank, connection: BankConnection) -> None:
    BankAccess(connection, now=NOON).token()
    late = NOON + bank.token_life - timedelta(minutes=5)
    assert BankAccess(connection, now=late).token().access_token == "token-2"


def test_a_token_sealed_for_another_row_is_not_taken(bank: Bank, connection: BankConnection) -> None:
    BankAccess(connection, now=NOON).token()
    other = connected()
    other.token_sealed, other.token_expires_at = connection.token_sealed, connection.token_expires_at
    assert BankAccess(other, now=NOON).token().access_token == "token-2"


def test_a_refused_token_is_renewed_once(bank: Bank, connection: BankConnection) -> None:
    access = BankAccess(connection, now=NOON)
    refused: list[str] = []

    def call(session: object) -> str:
        refused.append(session.token.access_token)
        raise errors.AuthenticationFailed(bank="vbank")

    with pytest.raises(errors.AuthenticationFailed):
        access.with_session(call)
    assert refused == ["token-1", "token-2"]


def test_the_living_consent_is_named(bank: Bank, connection: BankConnection) -> None:
    Consent.objects.update(status=Consent.Status.RENEWED)
    later = {"connection": connection, "granted_at": NOON + timedelta(days=1)}
    ConsentFactory(consent_id="living", expires_at=None, **later)
    ConsentFactory(consent_id="revoked", status=Consent.Status.REVOKED, **later)
    assert BankAccess(connection, now=NOON).session().consent_id == "living"


def test_without_a_living_consent_there_is_no_session(bank: Bank, connection: BankConnection) -> None:
    Consent.objects.update(expires_at=NOON)
    with pytest.raises(errors.ConsentRequired):
        BankAccess(connection, now=NOON).session()
