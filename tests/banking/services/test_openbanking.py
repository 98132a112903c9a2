"""From asking for access to its end, in the words of banks of both versions."""

from datetime import timedelta

import pytest

from banking.clients import errors
from banking.clients.schemas import ConsentAnswer
from banking.models import BankConnection, Consent, ConsentEvent
from banking.services import circuit, openbanking
from tests.banking.sync.bank import NOON, Bank, unavailable
from tests.factories import ConnectionFactory

Status = BankConnection.Status


@pytest.fixture
def asked(bank: Bank, db: None) -> Consent:
    """A consent that waits for its client's signature."""
    bank.consent = "waiting"
    return openbanking.ask_for_access(_requested(), now=NOON)


def _requested() -> BankConnection:
    return ConnectionFactory(status=Status.REQUESTED, next_run_at=None, last_success_at=None)


def _check(consent: Consent, seconds: int = 3, *, says_signed: bool = False) -> bool:
    now = NOON + timedelta(seconds=seconds)
    return openbanking.check_access(consent, says_signed=says_signed, now=now)


def _events(consent: Consent) -> list[str]:
    return list(consent.events.order_by("pk").values_list("kind", flat=True))


def test_a_bank_that_signs_at_once_opens_at_once(bank: Bank, db: None) -> None:
    connection = _requested()
    consent = openbanking.ask_for_access(connection, now=NOON)
    consent.refresh_from_db()
    connection.refresh_from_db()
    assert (consent.status, consent.consent_id, consent.granted_at) == ("granted", "consent-1", NOON)
    assert (connection.status, connection.next_run_at) == (Status.ACTIVE, NOON)
    assert _events(consent) == ["requested", "granted"]


def test_the_last_day_is_asked_for_where_the_request_does_not_tell_it(
    bank: Bank, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = ConsentAnswer(status="granted", request_id="req-1", consent_id="consent-1")
    monkeypatch.setattr(bank, "request_account_consent", lambda *_args, **_more: bare)
    consent = openbanking.ask_for_access(_requested(), now=NOON)
    assert consent.expires_at == NOON + timedelta(days=365)
    bank.before = lambda call: (_ for _ in ()).throw(unavailable()) if call == "consent" else None
    other = openbanking.ask_for_access(_requested(), now=NOON)
    assert (other.status, other.expires_at) == ("granted", None)


def test_a_bank_that_asks_to_wait_is_not_asked_about_consents_either(bank: Bank, asked: Consent) -> None:
    limited = errors.RateLimited(bank="vbank", retry_after=600)
    bank.before = lambda _call: (_ for _ in ()).throw(limited)
    with pytest.raises(errors.RateLimited):
        _check(asked)
    bank.before, calls = lambda _call: None, sum(bank.calls.values())
    with pytest.raises(errors.RateLimited) as refused:
        _check(asked, 300)
    assert refused.value.retry_after == 303
    with pytest.raises(errors.RateLimited):
        openbanking.ask_for_access(asked.connection, now=NOON + timedelta(seconds=300))
    assert sum(bank.calls.values()) == calls
    bank.consent = "granted"
    assert _check(asked, 604)


def test_a_silent_bank_is_asked_about_consents_by_the_person_who_has_the_probe(
    bank: Bank, asked: Consent
) -> None:
    for other in ConnectionFactory.create_batch(3):
        circuit.note_silence(other, now=NOON)
    calls = sum(bank.calls.values())
    with pytest.raises(errors.BankUnavailable):
        _check(asked)
    assert sum(bank.calls.values()) == calls
    bank.consent = "granted"
    assert _check(asked, 6, says_signed=True)
    assert not circuit.left_alone(NOON).exists()


def test_a_bank_that_asks_its_client_first_waits(asked: Consent) -> None:
    assert (asked.status, asked.connection.status) == ("awaiting", Status.AWAITING)
    assert _events(asked) == ["requested", "awaiting"]


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("granted", Status.ACTIVE),
        ("rejected", Status.REJECTED),
        ("revoked", Status.REVOKED),
        ("expired", Status.EXPIRED),
        ("waiting", Status.AWAITING),
    ],
)
def test_the_answer_moves_the_connection(bank: Bank, asked: Consent, told: str, status: str) -> None:
    bank.consent = told
    assert _check(asked) is (told == "granted")
    connection = BankConnection.objects.get()
    assert connection.status == status
    assert connection.next_run_at == (NOON + timedelta(seconds=3) if told == "granted" else None)


def test_the_bank_is_asked_once_in_two_seconds(bank: Bank, asked: Consent) -> None:
    for milliseconds in range(0, 4000, 100):
        now = NOON + timedelta(milliseconds=milliseconds)
        openbanking.check_access(asked, says_signed=False, now=now)
    assert bank.calls["consent"] == 2


def test_two_who_hear_the_same_news_write_it_once(bank: Bank, asked: Consent) -> None:
    bank.consent = "granted"
    other = Consent.objects.select_related("connection__bank").get(pk=asked.pk)
    bank.before = lambda call: _check(other, 9) if call == "consent" and bank.calls[call] == 1 else None
    assert not _check(asked)
    assert _events(asked) == ["requested", "awaiting", "granted"]


def test_a_signature_that_the_bank_never_shows_is_seen_by_the_data(bank: Bank, asked: Consent) -> None:
    bank.opens_unnamed = True
    assert not _check(asked, 3)
    assert bank.calls["opens"] == 0
    assert _check(asked, 6, says_signed=True)
    consent = Consent.objects.granted().get()
    assert consent.consent_id == ""


def test_a_signature_that_is_only_said_opens_nothing(bank: Bank, asked: Consent) -> None:
    assert not _check(asked, says_signed=True)
    assert bank.calls["opens"] == 1
    assert BankConnection.objects.get().status == Status.AWAITING


def test_news_of_a_consent_that_was_cancelled_meanwhile_is_no_news(bank: Bank, asked: Consent) -> None:
    bank.consent = "granted"
    bank.before = lambda call: Consent.objects.update(status="revoked") if call == "consent" else None
    assert not _check(asked)
    assert not Consent.objects.granted().exists()


def test_a_failing_bank_changes_nothing(bank: Bank, asked: Consent) -> None:
    bank.before = lambda _call: (_ for _ in ()).throw(unavailable())
    with pytest.raises(errors.BankUnavailable):
        _check(asked)
    assert Consent.objects.awaiting().get() == asked


@pytest.mark.parametrize(
    ("told", "status"),
    [("expired", Status.EXPIRED), ("revoked", Status.REVOKED), ("granted", Status.REVOKED)],
)
def test_why_an_access_closed_is_asked_once(
    bank: Bank, connection: BankConnection, told: str, status: str
) -> None:
    bank.consent = told
    openbanking.learn_why_closed(connection, now=NOON)
    connection.refresh_from_db()
    assert (connection.status, bank.calls["consent"]) == (status, 1)


def test_the_date_decides_without_asking(bank: Bank, connection: BankConnection) -> None:
    Consent.objects.update(expires_at=NOON)
    openbanking.learn_why_closed(connection, now=NOON)
    connection.refresh_from_db()
    assert (connection.status, bank.calls["consent"]) == (Status.EXPIRED, 0)


def test_an_access_without_any_consent_is_closed(bank: Bank, connection: BankConnection) -> None:
    Consent.objects.all().delete()
    openbanking.learn_why_closed(connection, now=NOON)
    connection.refresh_from_db()
    assert connection.status == Status.REVOKED


def test_giving_up_is_the_persons_act(bank: Bank, connection: BankConnection) -> None:
    assert openbanking.give_up_access(connection, actor=ConsentEvent.Actor.PERSON, now=NOON)
    event = ConsentEvent.objects.get(consent__connection=connection)
    assert (event.kind, event.actor) == ("revoked", "person")


def test_a_consent_without_an_id_cannot_be_revoked_at_the_bank(
    bank: Bank, connection: BankConnection
) -> None:
    Consent.objects.update(consent_id="")
    assert not openbanking.give_up_access(connection, actor=ConsentEvent.Actor.PERSON, now=NOON)
    assert bank.calls["revoke"] == 0
