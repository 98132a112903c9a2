"""The calls of partner banks: what they answer, and for which reasons they refuse."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from banking import edits
from banking.api import partners
from banking.models import AuditEvent, Bank, Consent, ConsentEvent, PartnerBank, Transfer
from banking.services import multibank
from financehub.users import tokens
from financehub.users.models import User
from financehub.users.throttle import Limit
from tests.api import shapes
from tests.api.conftest import read
from tests.factories import (
    NOW,
    AccountFactory,
    ManualAccountFactory,
    PartnerConsentFactory,
    many_transactions,
    only,
)
from tests.multibank.conftest import ROOT, Desk, Home, api_of, desk_of, home_of, ordered, presented

READS = {
    "accounts-with-consent": multibank.ACCOUNTS,
    "balances-with-consent": multibank.BALANCES,
    "transactions-with-consent": multibank.TRANSACTIONS,
}
CALLS = READS | {"interbank-transfer": multibank.PAYMENTS}
INVALID = {"detail": "Invalid or expired consent"}
Status = Consent.Status


def body_of(call: str, consent: Consent, home: Home) -> dict[str, Any]:
    return presented(consent) if call in READS else ordered(consent, home)


# What they answer

SHAPES = {
    "accounts-with-consent": {
        "account_id": shapes.text,
        "account_number": shapes.text,
        "currency": shapes.text,
        "account_type": shapes.one_of("checking"),
        "bank_code": shapes.one_of("vbank"),
    },
    "balances-with-consent": {
        "account_id": shapes.text,
        "available": shapes.num,
        "current": shapes.num,
        "currency": shapes.text,
    },
    "transactions-with-consent": {
        "transaction_id": shapes.text,
        "account_id": shapes.text,
        "amount": shapes.num,
        "currency": shapes.text,
        "transaction_type": shapes.one_of("income", "expense", "transfer"),
        "description": shapes.maybe(shapes.text),
        "transaction_date": shapes.instant,
    },
}


@pytest.mark.parametrize("call", CALLS)
def test_what_a_client_keeps_by_hand_is_nobodys_to_ask_for(
    desk: Desk, consent: Consent, home: Home, call: str
) -> None:
    """Not even under a consent that names no bank and so opens all of them."""
    book = ManualAccountFactory(user=home.person, number="40817810000000000001")
    many_transactions(book, 2)
    Consent.objects.filter(pk=consent.pk).update(bank=None)
    body = body_of(call, consent, home)
    bank = "target_bank" if call in READS else "from_bank"
    assert read(desk.call(call, body | {bank: book.bank.code}), 403) == INVALID
    for account in (str(book.pk), book.number):
        told = desk.call(call, body | {"account_id": account, "from_account": account})
        assert book.name not in told.content.decode()
        assert told.status_code in {200, 404} if call in READS else told.status_code >= 400


@pytest.mark.parametrize("call", READS)
def test_a_read_has_its_shape_and_leaves_its_line(
    desk: Desk, consent: Consent, home: Home, call: str
) -> None:
    rows = read(desk.call(call, presented(consent)))
    assert [shapes.misfits(row, SHAPES[call]) for row in rows] == [[]] * len(rows)
    assert {row["account_id"] for row in rows} == {str(home.account.pk)}
    line = AuditEvent.objects.get()
    assert (line.person, line.actor, line.kind, line.bank_code) == (
        home.person,
        None,
        "partner_read",
        "vbank",
    )
    assert line.detail == {
        "partner": "pbank",
        "partner_name": "Partner Bank",
        "consent": consent.pk,
        "scope": READS[call],
    }
    consent.refresh_from_db()
    assert consent.last_used_at == line.at


def test_transactions_come_newest_first_within_the_limit(desk: Desk, consent: Consent, home: Home) -> None:
    call = "transactions-with-consent"
    rows = read(desk.call(call, presented(consent)))
    newest = [home.purchase, home.salary]
    assert [row["transaction_id"] for row in rows] == [str(row.pk) for row in newest]
    assert [(row["transaction_type"], row["amount"]) for row in rows] == [
        ("expense", Decimal(250)),
        ("income", Decimal(90000)),
    ]
    assert len(read(desk.call(call, presented(consent, limit=1, account_id=str(home.account.pk))))) == 1
    for limit in (0, 1001, -1, "x"):
        assert desk.call(call, presented(consent, limit=limit)).status_code == 422
    for account in (home.elsewhere.pk, 10**30, "' OR 1=1", AccountFactory().pk):
        assert desk.call(call, presented(consent, account_id=str(account))).status_code == 404


def test_what_a_person_leaves_out_of_figures_is_told(desk: Desk, consent: Consent, home: Home) -> None:
    edits.set_excluded(user=home.person, rows=only(home.purchase), excluded=True, now=NOW)
    rows = read(desk.call("transactions-with-consent", presented(consent)))
    assert str(home.purchase.pk) in [row["transaction_id"] for row in rows]


def test_an_unknown_balance_is_not_told_as_zero(desk: Desk, consent: Consent, home: Home) -> None:
    AccountFactory(connection=home.account.connection, balance_booked=None, balance_as_of=None, net_amount=0)
    AccountFactory(connection=home.account.connection, balance_booked=Decimal("7.5"), balance_available=None)
    rows = read(desk.call("balances-with-consent", presented(consent)))
    assert [(row["available"], row["current"]) for row in rows] == [
        (Decimal("1000.00"), Decimal("1000.00")),
        (Decimal("7.50"), Decimal("7.50")),
    ]


@pytest.mark.parametrize("call", READS)
def test_a_read_costs_the_same_for_many(
    desk: Desk, consent: Consent, home: Home, call: str, django_assert_max_num_queries: Any
) -> None:
    for _ in range(8):
        many_transactions(AccountFactory(connection=home.account.connection), 5)
    with django_assert_max_num_queries(14):
        assert len(read(desk.call(call, presented(consent)))) >= 9


@pytest.mark.parametrize("client_id", ["anna", " ANNA@financehub.ru", "{pk}"])
def test_a_client_is_named_by_login_or_number(desk: Desk, consent: Consent, client_id: str) -> None:
    named = presented(consent, client_id=client_id.format(pk=consent.person_id), target_bank="VBank")
    assert read(desk.call("accounts-with-consent", named))


def test_a_consent_for_every_bank_opens_each_by_its_name(
    desk: Desk, home: Home, partner: PartnerBank
) -> None:
    consent = PartnerConsentFactory(partner=partner, person=home.person, bank=None)
    for code, account in (("vbank", home.account), ("abank", home.elsewhere)):
        (row,) = read(desk.call("accounts-with-consent", presented(consent, target_bank=code)))
        assert (row["account_id"], row["bank_code"]) == (str(account.pk), code)
    assert desk.call("accounts-with-consent", presented(consent, target_bank="nobank")).status_code == 403


# For which reasons they refuse


def change(consent: Consent, **fields: Any) -> None:
    Consent.objects.filter(pk=consent.pk).update(**fields)


REASONS: dict[str, Callable[[Consent], Any]] = {
    "waits": lambda consent: change(consent, status=Status.AWAITING),
    "rejected": lambda consent: change(consent, status=Status.REJECTED),
    "replaced": lambda consent: change(consent, status=Status.RENEWED),
    "expired by its date": lambda consent: change(consent, expires_at=timezone.now()),
    "expired on record": lambda consent: change(consent, status=Status.EXPIRED),
    "revoked by the person": lambda consent: multibank.revoke(
        consent=consent, actor=ConsentEvent.Actor.PERSON, now=timezone.now()
    ),
    "revoked by the partner": lambda consent: multibank.revoke_by_partner(
        partner=consent.partner, consent_id=consent.consent_id, now=timezone.now()
    ),
    "another partner's": lambda consent: change(consent, partner=PartnerBank.objects.get(code="sbank")),
    "another client's": lambda consent: change(consent, person=User.objects.get(email="boris@financehub.ru")),
    "another bank's": lambda consent: change(consent, bank=Bank.objects.get(code="abank")),
    "a blocked client's": lambda consent: User.objects.filter(pk=consent.person_id).update(is_active=False),
    "unknown": lambda consent: change(consent, consent_id="consent-of-nobody"),
}


# A transfer names no client; the accounts of others are tried on it below.
REFUSALS = [(call, why) for call in CALLS for why in REASONS if (call in READS) or why != "another client's"]


@pytest.mark.usefixtures("boris")
@pytest.mark.parametrize(("call", "reason"), REFUSALS)
def test_an_invalid_consent_opens_nothing(
    desk: Desk, consent: Consent, home: Home, call: str, reason: str
) -> None:
    body = body_of(call, consent, home)
    REASONS[reason](consent)
    answer = desk.call(call, body)
    assert (answer.status_code, answer.json()) == (403, INVALID)
    assert not AuditEvent.objects.filter(kind__in=["partner_read", "transfer_ordered"]).exists()


@pytest.mark.parametrize("call", CALLS)
def test_only_the_scope_of_the_call_opens_it(desk: Desk, consent: Consent, home: Home, call: str) -> None:
    others = [scope for scope in multibank.SCOPES if scope != CALLS[call]]
    change(consent, permissions=others)
    answer = desk.call(call, body_of(call, consent, home))
    assert answer.status_code == 403
    assert CALLS[call] in answer.json()["detail"]
    change(consent, permissions=[CALLS[call]])
    assert desk.call(call, body_of(call, consent, home)).status_code == 200


@pytest.mark.parametrize("call", [*CALLS, "request-consent", "revoke-consent", "bank-statistics"])
def test_a_person_is_no_partner(consent: Consent, home: Home, call: str) -> None:
    for token, status in ((str(tokens.AccessToken.for_user(home.person)), 401), ("", 401)):
        assert Desk(consent.partner, api_of(token)).call(call).status_code == status
    assert APIClient().post(f"{ROOT}/{call}").status_code == 401


def test_another_partners_program_reads_nothing(
    consent: Consent, home: Home, other_partner: PartnerBank
) -> None:
    other = desk_of(other_partner)
    for call in CALLS:
        assert other.call(call, body_of(call, consent, home)).json() == INVALID
    assert other.call("revoke-consent", {"consent_id": consent.consent_id}).status_code == 204
    consent.refresh_from_db()
    assert consent.status == Status.GRANTED


@pytest.mark.parametrize("call", READS)
def test_a_client_who_is_not_the_owner_opens_nothing(
    desk: Desk, consent: Consent, boris: User, call: str
) -> None:
    home_of(boris)
    for client_id in ("boris", str(boris.pk), "nobody", "0", "9" * 50):
        answer = desk.call(call, presented(consent, client_id=client_id))
        assert (answer.status_code, answer.json()) == (403, INVALID)


# Asking


def ask(desk: Desk, status: int = 200, **changes: Any) -> Any:
    body = {"target_bank": "vbank", "client_id": "anna"} | changes
    return read(desk.call("request-consent", body), status)


def test_a_request_waits_for_its_client(desk: Desk, home: Home) -> None:
    answer = ask(desk, duration_days=30)
    assert answer["status"] == "pending"
    assert answer["scopes"] == ["accounts_read", "balances_read", "transactions_read"]
    consent = Consent.objects.get(consent_id=answer["consent_id"])
    assert consent.state(timezone.now()) == Consent.State.AWAITING
    assert (consent.person, consent.partner, consent.bank) == (home.person, desk.partner, home.bank)
    assert consent.permissions == ["accounts.read", "balances.read", "transactions.read"]
    assert consent.expires_at - consent.requested_at == timedelta(days=30)
    assert desk.call("accounts-with-consent", presented(consent)).json() == INVALID
    assert [(event.kind, event.actor) for event in consent.events.all()] == [("requested", "partner")]


def test_scopes_are_answered_in_the_callers_spelling(desk: Desk, home: Home) -> None:
    spelt = ["accounts.read", "payments_write", "accounts_read"]
    assert ask(desk, scopes=spelt)["scopes"] == spelt
    assert Consent.objects.get(person=home.person).permissions == ["accounts.read", "payments.write"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"scopes": ["everything"]}, 422),
        ({"scopes": []}, 422),
        ({"scopes": "accounts.read"}, 422),
        ({"duration_days": 0}, 422),
        ({"duration_days": 366}, 422),
        ({"duration_days": 365}, 200),
        ({"client_id": ""}, 422),
        ({"client_id": "a\x00b"}, 422),
        ({"target_bank": "nobank"}, 400),
        ({"target_bank": "x" * 33}, 422),
    ],
)
def test_the_terms_have_bounds(desk: Desk, home: Home, changes: dict[str, Any], status: int) -> None:
    ask(desk, status, **changes)


def test_who_is_a_client_is_not_given_away(desk: Desk, home: Home, banker: User) -> None:
    known = ask(desk)
    for nobody in ("nobody", "0", "999999", "banker", "nobody@example.com", "²"):
        unknown = ask(desk, client_id=nobody)
        assert unknown.keys() == known.keys()
        assert len(unknown["consent_id"]) == len(known["consent_id"])
        body = {"target_bank": "vbank", "client_id": nobody, "consent_id": unknown["consent_id"]}
        for call in READS:
            assert desk.call(call, body).json() == INVALID
    assert Consent.objects.of_partners().count() == 1


def test_asking_again_takes_the_place_of_the_request_before(desk: Desk, home: Home) -> None:
    first, second = (ask(desk)["consent_id"] for _ in range(2))
    assert first != second
    assert Consent.objects.get(person=home.person).consent_id == second


def test_who_was_refused_waits_a_day_before_asking_again(desk: Desk, home: Home) -> None:
    ask(desk)
    multibank.reject(consent=Consent.objects.get(), now=timezone.now())
    assert ask(desk)["status"] == "pending"
    assert Consent.objects.count() == 1
    Consent.objects.update(ended_at=timezone.now() - timedelta(days=1))
    ask(desk)
    assert Consent.objects.awaiting().count() == 1


def test_a_partner_gives_its_consent_up(desk: Desk, consent: Consent) -> None:
    for _ in range(2):
        assert desk.call("revoke-consent", {"consent_id": consent.consent_id}).status_code == 204
    consent.refresh_from_db()
    assert (consent.status, consent.ended_by) == (Status.REVOKED, "partner")
    (line,) = AuditEvent.objects.filter(kind="partner_closed")
    assert line.actor is None


# Moving money


def test_a_transfer_is_ordered_once(desk: Desk, consent: Consent, home: Home) -> None:
    body = ordered(consent, home, description="За учёбу")
    made = [read(desk.call("interbank-transfer", body, **{"Idempotency-Key": "k"})) for _ in range(2)]
    assert made[0] == made[1]
    transfer = Transfer.objects.get()
    assert made[0] == {
        "transfer_id": transfer.reference,
        "status": "pending",
        "from_bank": "vbank",
        "to_bank": "abank",
        "amount": Decimal("10.50"),
        "currency": "RUB",
        "created_at": made[0]["created_at"],
    }
    assert (transfer.user, transfer.state) == (home.person, Transfer.State.CREATED)
    (line,) = AuditEvent.objects.all()
    assert (line.kind, line.actor, line.detail["partner"]) == ("transfer_ordered", None, "pbank")
    other = desk.call("interbank-transfer", body | {"amount": 11}, **{"Idempotency-Key": "k"})
    assert other.status_code == 409


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"amount": 0}, 422),
        ({"amount": -1}, 422),
        ({"amount": "0.001"}, 422),
        ({"amount": 1000.01}, 400),
        ({"currency": "USD"}, 400),
        ({"to_bank": "nobank"}, 400),
        ({"to_bank": "vbank"}, 404),
        ({"to_account": "40817810000000000000"}, 404),
        ({"from_account": "40817810000000000000"}, 404),
        ({"from_account": ""}, 422),
        ({"from_bank": "abank"}, 403),
    ],
)
def test_an_order_has_to_be_good(
    desk: Desk, consent: Consent, home: Home, changes: dict[str, Any], status: int
) -> None:
    answer = desk.call("interbank-transfer", ordered(consent, home, **changes))
    assert answer.status_code == status, answer.content
    assert not Transfer.objects.exists()


def test_a_refused_order_tells_no_figure_of_the_client(
    desk: Desk, consent: Consent, home: Home, settings: Any
) -> None:
    settings.TRANSFER_DAY_LIMIT = 2000
    for amount, detail in (
        (1000.01, "Insufficient funds"),
        (2000.01, "Over the client's limit of the day"),
    ):
        answer = desk.call("interbank-transfer", ordered(consent, home, amount=amount))
        assert (answer.status_code, answer.json()) == (400, {"detail": detail})


def test_neither_end_of_a_transfer_is_anothers(desk: Desk, consent: Consent, home: Home, boris: User) -> None:
    other = home_of(boris)
    for changes in (
        {"from_account": str(other.account.pk)},
        {"from_account": other.account.number},
        {"to_account": str(other.elsewhere.pk)},
        {"to_account": other.elsewhere.number},
    ):
        answer = desk.call("interbank-transfer", ordered(consent, home, **changes))
        assert answer.status_code == 404


# Figures, and the measure


def test_a_bank_sees_its_own_figures(home: Home, boris: User, other_partner: PartnerBank) -> None:
    other = home_of(boris)
    AccountFactory(connection=other.account.connection, currency="USD")
    vbank = desk_of(PartnerBank.objects.get(code="vbank"))
    assert read(vbank.call("bank-statistics", {"bank_code": "vbank"})) == {
        "total_clients": 2,
        "total_accounts": 3,
        "total_balance": Decimal("2000.00"),
        "total_transactions": 4,
    }
    assert vbank.call("bank-statistics").status_code == 422
    assert vbank.call("bank-statistics", {"bank_code": "abank"}).status_code == 403
    assert set(read(desk_of(other_partner).call("bank-statistics", {"bank_code": "qbank"})).values()) == {0}


def test_a_partner_that_asks_too_often_is_slowed_down(
    desk: Desk, consent: Consent, other_partner: PartnerBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Limit(name="partner", attempts=2, refill=timedelta(hours=1))
    monkeypatch.setattr(partners.PartnerView, "limit", few)
    answers = [desk.call("accounts-with-consent", presented(consent)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) > 0
    assert desk_of(other_partner).call("accounts-with-consent", presented(consent)).status_code == 403
