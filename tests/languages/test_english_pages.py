"""Who reads English reads no Russian: what banks and people wrote is Latin here, so any letter is ours."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from banking import categorising, edits, importing, removal, saving_views, splitting, tagging, tasks
from banking.models import (
    Account,
    AuditEvent,
    BankConnection,
    Consent,
    ConsentEvent,
    GostHandshake,
    StatementImport,
    SyncRun,
    SyncRunAccount,
    Transaction,
    Transfer,
    TransferMatch,
)
from banking.presenters.consents import permission_words
from banking.queries.gost import SHUT
from banking.services import multibank
from banking.services.openbanking import REASON
from financehub.users.models import User
from tests.api.walls import Route, routes
from tests.conftest import PASSWORD
from tests.factories import (
    NOW,
    AccountFactory,
    BankFactory,
    CategoryRuleFactory,
    ConnectionFactory,
    ConsentFactory,
    DailyBalanceFactory,
    ManualAccountFactory,
    PartnerConsentFactory,
    SeriesFactory,
    SyncRunAccountFactory,
    SyncRunFactory,
    TransactionFactory,
    TransferFactory,
    only,
)

Status, RunState, StepState = BankConnection.Status, SyncRun.State, SyncRunAccount.State
RUSSIAN_WORDS = re.compile("[А-Яа-яЁё][А-Яа-яЁё -]*")
OWN_NAME = "Русский"  # how the other language is called
REPORTS = ("", "categories/", "trends/", "recurring/", "capital/")
FILES = "banking:transactions_export"
NOT_FOR_READERS = ("api-", "auth-", "admin:", "gallery", "healthz", FILES)
LONG_AGO, SOON = NOW - timedelta(days=3), NOW + timedelta(days=3)


@pytest.fixture(autouse=True)
def at_now(monkeypatch) -> Iterator[None]:
    for name in ("open_access", "run_sync"):
        monkeypatch.setattr(tasks, name, str)  # takes what it is given and does nothing
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ann(db: None) -> User:
    return User.objects.create_user("ann", PASSWORD, full_name="Ann Smith", language="en")


@pytest.fixture
def browser(ann: User) -> Client:
    client = Client()
    client.force_login(ann)
    return client


@pytest.fixture
def visitor(db: None) -> Client:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def connection(ann: User) -> BankConnection:
    return ConnectionFactory(user=ann)


@pytest.fixture
def account(connection: BankConnection) -> Account:
    return AccountFactory(connection=connection, name="Salary")


def transaction(account: Account, **fields: Any) -> Transaction:
    return TransactionFactory(**{"account": account, "merchant_name": "Corner Shop"} | fields)


def moved(account: Account, **fields: Any) -> Transfer:
    """A transfer that was carried out, unless told otherwise."""
    target = AccountFactory(connection=account.connection, name="Savings")
    over = {"state": Transfer.State.CONFIRMED, "sent_at": NOW, "settled_at": NOW}
    return TransferFactory(**{"from_account": account, "to_account": target} | over | fields)


def russian(answer: HttpResponse) -> list[str]:
    """The Russian words of a page in English."""
    assert answer.headers["Content-Language"] == "en"
    text = html.unescape(answer.content.decode())
    return [word.strip() for word in RUSSIAN_WORDS.findall(text) if word.strip() != OWN_NAME]


def assert_english(client: Client, *addresses: str, status: int = 200) -> None:
    for address in addresses:
        answer = client.get(address)
        assert (answer.status_code, russian(answer)) == (status, []), address


# --- every page ---


def _pages() -> list[Route]:
    return [route for route in routes() if not route.name.startswith(NOT_FOR_READERS)]


@pytest.fixture
def everything(ann: User, account: Account) -> dict[str, Any]:
    """A person with all that pages can show; the values fill the addresses."""
    ConsentFactory(connection=account.connection)
    for days in (0, 1, 40):
        DailyBalanceFactory(
            account=account, date=(NOW - timedelta(days=days)).date(), amount=Decimal(1000 + days)
        )
    for slug in ("groceries-supermarket", "income-salary", "transfer-own"):
        transaction(account, slug=slug)
    row = transaction(account, slug="other", note="Lunch", booked_at=NOW - timedelta(days=35))
    own = categorising.create_category(user=ann, name="Lunches", kind="expense", parent=None, icon="")
    edit = edits.set_category(user=ann, rows=only(row), category=own, now=NOW)
    edits.set_excluded(user=ann, rows=only(row), excluded=True, now=NOW)
    moved_to = AccountFactory(connection=account.connection, name="Savings")
    tags = tuple(tagging.named(user=ann, names=["trip"]))
    edits.add_tags(user=ann, rows=only(row), tags=tags, now=NOW)
    parts = [splitting.Part(abs(row.amount) / 2, own, tags=tags)] * 2
    splitting.split(user=ann, row=row, wanted=parts, now=NOW)
    book = ManualAccountFactory(user=ann, name="Cash")
    statement = importing.upload(
        user=ann, account=book, file_name="x.csv", data=b"date;sum;name\n2025-11-01;-1;x\nlater;1;y", now=NOW
    )
    return {
        "bank_code": "vbank",
        "account": account.pk,
        "account_edit": book.pk,
        "account_close": book.pk,
        "transaction_edit": transaction(book, slug="other").pk,
        "import": statement.pk,
        "connection": account.connection_id,
        "row": row.pk,
        "transfer": moved(account).pk,
        "consent": PartnerConsentFactory(person=ann, status=Consent.Status.AWAITING).pk,
        "category": own.pk,
        "rule": CategoryRuleFactory(user=ann, text="Lunch", account=account, direction="out").pk,
        "edit": edit.pk,
        "match": TransferMatch.objects.create(
            user=ann,
            out=transaction(account, amount=-7),
            into=transaction(moved_to, amount=7),
            state=TransferMatch.State.SUGGESTED,
            score=60,
        ).pk,
        "tag": tags[0].pk,
        "view": saving_views.save_view(user=ann, name="Trips", query="kind=expense").pk,
        "analytics:series": SeriesFactory(user=ann, account=account, title="Cinema").pk,
    }


def _filled(route: Route, everything: dict[str, Any]) -> str:
    name = route.name.removeprefix("banking:")
    kind = name.partition("_")[0]
    pk = everything.get(name) or everything.get({"transaction": "row"}.get(kind, kind))
    return route.filled({"bank_code": everything["bank_code"], "pk": pk})


@pytest.mark.parametrize("route", _pages(), ids=lambda route: route.name)
def test_page(browser: Client, visitor: Client, everything: dict[str, Any], route: Route):
    address = _filled(route, everything)
    answers = [client.get(address) for client in (browser, visitor)]
    assert {answer.status_code for answer in answers} <= {200, 302, 403, 405}
    assert [russian(answer) for answer in answers] == [[], []]


def test_what_was_imported_and_what_was_deleted(browser: Client, ann: User, everything: dict[str, Any]):
    statement = importing.run(statement=StatementImport.objects.get(pk=everything["import"]), now=NOW)
    assert_english(browser, f"/imports/{statement.pk}/", f"/accounts/{statement.account_id}/delete/")
    row = Transaction.objects.get(statement=statement)
    edits.delete_rows(user=ann, rows=only(row), now=NOW)
    removal.remove_account(account=Account.objects.get(pk=everything["account"]), now=NOW)
    assert_english(browser, "/transactions/deleted/", f"/transactions/{row.pk}/", "/transactions/edits/")
    importing.undo(statement=statement, now=NOW)
    assert_english(browser, f"/imports/{statement.pk}/", "/imports/")


def test_files(browser: Client, everything: dict[str, Any]):
    answer = browser.get("/transactions/export/csv/")
    text = b"".join(answer.streaming_content).decode()
    assert "Lunches" in text
    assert RUSSIAN_WORDS.findall(text.replace("Пятёрочка", "")) == []


def test_an_offered_rule_and_open_filters(browser: Client, everything: dict[str, Any]):
    assert_english(
        browser, "/rules/new/?text=corner&category=gifts", "/transactions/?filters=open&sort=amount"
    )
    assert_english(browser, "/transactions/?kind=expense&tag=" + str(everything["tag"]))
    assert_english(browser, "/transactions/?merchant=corner&mcc=5411&mark=excluded&totals=show")


def test_pages_before_the_first_bank(browser: Client):
    assert_english(browser, "/overview/", "/accounts/", "/transactions/", "/connect/")
    assert_english(browser, "/consents/", "/consents/journal/", "/transfers/", "/transfers/new/")
    assert_english(browser, *(f"/analytics/{tab}" for tab in REPORTS))


@pytest.mark.parametrize(
    "cadence", ["weekly", "fortnightly", "monthly", "quarterly", "half-yearly", "yearly"]
)
def test_recurring_payments_in_every_state(browser: Client, account: Account, cadence: str):
    common = {"user": account.user, "account": account, "title": "Cinema", "cadence": cadence}
    raised = {"price_before": Decimal(-199), "price_since": (NOW - timedelta(days=9)).date()}
    for decision in ("suggested", "confirmed", "dismissed", "ended"):
        for days in (2, 9, 40, 800):
            seen = (NOW - timedelta(days=days)).date()
            SeriesFactory(**common, **raised, decision=decision, decided_at=NOW, slot_on=seen)
    wages = SeriesFactory(**common, slug="income-salary", amount=Decimal(70000), is_fixed=False)
    transaction(account)
    assert_english(browser, "/analytics/recurring/", f"/analytics/recurring/{wages.pk}/")
    for deed in ("confirm", "end", "dismiss", "dismiss"):
        browser.post(f"/analytics/recurring/{wages.pk}/decide/", {"do": deed})
        assert_english(browser, f"/analytics/recurring/{wages.pk}/")


@pytest.mark.parametrize("history", ["30", "90", "365", "all"])
def test_history_of_an_account(browser: Client, everything: dict[str, Any], history: str):
    assert_english(browser, f"/accounts/{everything['account']}/?history={history}")


# --- every state of a connection ---

CONNECTIONS: dict[str, dict[str, Any]] = {
    "asking": {"status": Status.REQUESTED, "last_success_at": None},
    "asking again": {
        "status": Status.REQUESTED,
        "failures": 1,
        "last_error_code": "bank_maintenance",
        "next_run_at": SOON,
    },
    "awaiting": {"status": Status.AWAITING, "last_success_at": None},
    "refused": {"status": Status.REJECTED, "last_success_at": None},
    "refused later": {"status": Status.REJECTED},
    "revoked": {"status": Status.REVOKED},
    "expired": {"status": Status.EXPIRED, "last_success_at": None},
    "not connected": {"status": Status.FAILED, "last_error_code": "refused"},
    "no channel": {"status": Status.FAILED, "last_error_code": "gost_expired"},
    "asked to wait": {"retry_after": SOON},
    "never answered": {"failures": 2, "last_success_at": None, "next_run_at": NOW + timedelta(hours=1)},
    "not answering": {"failures": 2, "last_error_code": "bank_unavailable", "next_run_at": SOON},
    "in maintenance": {"failures": 1, "last_error_code": "bank_maintenance", "failing_since": LONG_AGO},
    "not answering since": {"failures": 1, "last_error_code": "bank_unavailable", "failing_since": LONG_AGO},
    "waited": {"failures": 1, "last_error_code": "rate_limited"},
    "our fault": {"failures": 1, "last_error_code": "internal_error"},
    "empty list": {"failures": 1, "last_error_code": "nothing_listed"},
    "budget spent": {"calls_on": NOW.date(), "calls_made": 1_900},
    "budget and reserve spent": {"calls_on": NOW.date(), "calls_made": 2_000},
    "never read": {"last_success_at": None},
}


@pytest.mark.parametrize("fields", CONNECTIONS.values(), ids=CONNECTIONS)
def test_connection(ann: User, browser: Client, fields: dict[str, Any]):
    connection = ConnectionFactory(user=ann, **fields)
    if connection.status == Status.AWAITING:
        ConsentFactory(connection=connection, status=Consent.Status.AWAITING, granted_at=None)
    _assert_connection_english(browser, connection)


@pytest.mark.parametrize("ends_at", [LONG_AGO, SOON], ids=["over", "soon over"])
def test_access_with_an_end(browser: Client, account: Account, ends_at):
    ConsentFactory(connection=account.connection, expires_at=ends_at)
    _assert_connection_english(browser, account.connection)
    assert_english(browser, f"/accounts/{account.pk}/")


@pytest.mark.parametrize("state", RunState.values)
def test_reading(browser: Client, account: Account, state: str):
    run = SyncRunFactory(connection=account.connection, state=state)
    SyncRunAccountFactory(run=run, account=account, state=StepState.DONE, rows_read=5)
    for step in (StepState.WAITING, StepState.READING, StepState.FAILED):
        other = AccountFactory(connection=account.connection, name="", kind=Account.Kind.SAVINGS)
        SyncRunAccountFactory(run=run, account=other, state=step, error_code="shifting_pages")
    _assert_connection_english(browser, account.connection)


@pytest.mark.parametrize("code", ["accounts_rejected", "rows_rejected", "rows_missing", "budget_spent"])
def test_reading_that_lacks_something(browser: Client, account: Account, code: str):
    SyncRunFactory(connection=account.connection, state=RunState.PARTIAL, error_code=code, rows_rejected=3)
    _assert_connection_english(browser, account.connection)


def test_reading_that_lacks_many_accounts(browser: Client, account: Account):
    run = SyncRunFactory(connection=account.connection, state=RunState.PARTIAL)
    for number in range(5):
        failed = AccountFactory(connection=account.connection, name=f"Account {number}")
        SyncRunAccountFactory(run=run, account=failed, state=StepState.FAILED, error_code="refused")
    _assert_connection_english(browser, account.connection)


def test_reading_that_has_no_accounts_yet(browser: Client, connection: BankConnection):
    SyncRunFactory(connection=connection, state=RunState.RUNNING)
    _assert_connection_english(browser, connection)


def _assert_connection_english(browser: Client, connection: BankConnection) -> None:
    assert_english(
        browser, "/overview/", "/accounts/", "/connect/", "/connect/all/", f"/connections/{connection.pk}/"
    )


# --- every kind of account and row ---

ACCOUNTS: dict[str, dict[str, Any]] = {
    **{f"nameless {kind}": {"kind": kind, "name": ""} for kind in Account.Kind.values},
    "card": {"kind": Account.Kind.CARD, "credit_limit": Decimal(9000), "net_amount": Decimal(-50)},
    "held": {"balance_available": Decimal(900)},
    "stale": {"balance_as_of": LONG_AGO},
    "unread": {"balance_as_of": None, "balance_booked": None, "net_amount": Decimal(0)},
    "closed": {"closed_at": LONG_AGO},
}


@pytest.mark.parametrize("fields", ACCOUNTS.values(), ids=ACCOUNTS)
def test_account(browser: Client, connection: BankConnection, fields: dict[str, Any]):
    account = AccountFactory(**{"connection": connection, "name": "Salary"} | fields)
    assert_english(browser, "/overview/", "/accounts/", f"/accounts/{account.pk}/")


ROWS: dict[str, dict[str, Any]] = {
    "pending": {"status": Transaction.Status.PENDING},
    "declined": {"status": Transaction.Status.DECLINED},
    "dropped": {"missing_since": LONG_AGO},
    "refund": {"is_refund": True, "amount": Decimal(250)},
    "transfer": {"slug": "transfer-own"},
    "without any text": {"merchant_name": "", "description": ""},
    "with all details": {
        "mcc": "5411",
        "bank_category": "grocery",
        "card_last4": "1234",
        "counterparty": "John",
        "value_at": LONG_AGO,
    },
}


@pytest.mark.parametrize("fields", ROWS.values(), ids=ROWS)
def test_transaction(browser: Client, account: Account, fields: dict[str, Any]):
    row = transaction(account, **fields)
    assert_english(browser, "/transactions/?totals=show", f"/transactions/{row.pk}/")
    assert_english(browser, f"/transactions/{row.pk}/category/")


@pytest.mark.parametrize("reason", Transaction.Reason.values)
def test_reason_of_a_category(browser: Client, account: Account, reason: str):
    row = transaction(account, category_reason=reason, category_detail="word")
    assert_english(browser, f"/transactions/{row.pk}/")


@pytest.mark.parametrize(
    "query",
    [
        "filters=open&totals=show&bank=vbank&kind=income&status=missing&min=5&max=900&since=2025-11-01",
        "category=none&until=2025-11-09",
        "q=nothing-like-this",
        "after=nowhere",
        "q=---&min=1,234&max=x&since=31.02.2025&category=none&period=never",
        "since=1900-01-01&until=1900-01-02&min=99999999999999&category=no-such",
        "since=2025-11-09&until=2025-11-01&min=5&max=1",
    ],
)
def test_filter(browser: Client, account: Account, query: str):
    transaction(account)
    assert_english(browser, f"/transactions/?{query}")


# --- every state of a consent and line of the journal ---


@pytest.mark.parametrize("status", Consent.Status.values)
@pytest.mark.parametrize("ends_at", [None, LONG_AGO, SOON], ids=["endless", "over", "soon over"])
def test_consent(browser: Client, connection: BankConnection, status: str, ends_at):
    ConsentFactory(connection=connection, status=status, expires_at=ends_at, ended_at=NOW, purpose=REASON)
    assert_english(browser, "/consents/")


@pytest.mark.parametrize("kind", ConsentEvent.Kind.values)
@pytest.mark.parametrize("actor", ConsentEvent.Actor.values)
def test_history_of_a_consent(browser: Client, connection: BankConnection, kind: str, actor: str):
    consent = ConsentFactory(connection=connection, last_used_at=LONG_AGO)
    ConsentEvent.objects.create(consent=consent, kind=kind, actor=actor, at=LONG_AGO)
    assert_english(browser, "/consents/")


def test_what_a_consent_opens(browser: Client, connection: BankConnection):
    names = [
        f"Read{what}"
        for what in ("AccountsDetail", "AccountsBasic", "Balances", "TransactionsDetail", "TransactionsBasic")
    ]
    names += [
        "ReadTransactionsCredits",
        "ReadTransactionsDebits",
        "ReadCards",
        "ManageCards",
        "ManageAccounts",
        *multibank.SCOPES,
    ]
    assert set(permission_words(names)).isdisjoint(names)
    ConsentFactory(connection=connection, permissions=names)
    assert_english(browser, "/consents/")


@pytest.mark.parametrize("status", Consent.Status.values)
def test_consent_of_a_partner(browser: Client, ann: User, status: str):
    ended = {"ended_at": NOW, "ended_by": "person"} if status not in {"awaiting", "granted"} else {}
    bank = None if status == Consent.Status.GRANTED else BankFactory()
    consent = PartnerConsentFactory(person=ann, bank=bank, status=status, **ended)
    for actor in ("person", "partner", "system"):
        for kind in ConsentEvent.Kind.values:
            ConsentEvent.objects.create(consent=consent, kind=kind, actor=actor, at=LONG_AGO)
    assert_english(browser, "/consents/")
    for way in ("approve", "revoke", "reject"):
        answer = browser.post(f"/consents/{consent.pk}/{way}/", follow=True)
        assert russian(answer) == []


@pytest.mark.parametrize("kind", AuditEvent.Kind.values)
@pytest.mark.parametrize(
    "detail",
    [
        {},
        {"state": "failed"},
        {"accounts": 2, "rows_read": 1, "rows_new": 0},
        {"data_kept": True},
        {"partner_name": "P Bank", "scope": "accounts.read", "scopes": ["accounts.read", "balances.read"]},
        {"partner_name": "P Bank", "scope": "balances.read"},
        {"partner_name": "P Bank", "scope": "transactions.read"},
    ],
    ids=["plain", "failed", "counted", "kept", "accounts", "balances", "transactions"],
)
def test_line_of_the_journal(browser: Client, ann: User, kind: str, detail: dict[str, Any]):
    for actor in (ann, None):
        AuditEvent.objects.create(
            person=ann, actor=actor, kind=kind, bank_code="vbank", detail=detail, at=NOW
        )
    assert_english(browser, "/consents/journal/")


@pytest.mark.parametrize("status", [Status.ACTIVE, Status.DISCONNECTED])
def test_disconnecting(browser: Client, ann: User, status: str):
    connection = ConnectionFactory(user=ann, status=status)
    transaction(AccountFactory(connection=connection, name="Salary"))
    assert_english(browser, f"/connections/{connection.pk}/disconnect/")
    _assert_connection_english(browser, connection)


def test_renewal_that_waits(browser: Client, account: Account):
    ConsentFactory(connection=account.connection, expires_at=SOON)
    ConsentFactory(connection=account.connection, status=Consent.Status.AWAITING, granted_at=None)
    assert_english(browser, "/consents/")
    _assert_connection_english(browser, account.connection)


# --- every state of a transfer ---

State = Transfer.State
OPEN: dict[str, Any] = {"settled_at": None}
REJECTIONS = [
    "bad_request",
    "not_executed",
    "rejected_by_bank",
    "consent_rejected",
    "consent_revoked",
    "consent_expired",
    "not_approved",
    "account_removed",
    "bank_unavailable",
    "bank_maintenance",
    "rate_limited",
    "authentication_failed",
    "credentials_refused",
    "consent_required",
    "not_known_to_us",
]
TRANSFERS: dict[str, dict[str, Any]] = {
    "confirmed": {},
    "with a comment": {"purpose": "Rent"},
    "created": {"state": State.CREATED, "sent_at": None} | OPEN,
    "awaiting": {"state": State.CREATED, "sent_at": None, "consent_request_id": "request-1"} | OPEN,
    "sent": {"state": State.SENT, "payment_id": "payment-1", "checked_at": NOW} | OPEN,
    "unknown": {"state": State.UNKNOWN} | OPEN,
    "unknown without access": {"state": State.UNKNOWN, "error_code": "consent_required"} | OPEN,
    "unknown without account": {"state": State.UNKNOWN, "error_code": "account_removed"} | OPEN,
    "refused in words": {"state": State.REJECTED, "bank_words": "No such account"},
    **{f"rejected, {code}": {"state": State.REJECTED, "error_code": code} for code in REJECTIONS},
}


@pytest.mark.parametrize("fields", TRANSFERS.values(), ids=TRANSFERS)
def test_transfer(browser: Client, account: Account, fields: dict[str, Any]):
    assert_english(browser, f"/transfers/{moved(account, **fields).pk}/", "/transfers/")


def test_lost_place_of_transfers(browser: Client):
    assert_english(browser, "/transfers/?after=nowhere")


# --- answers ---


@pytest.mark.parametrize("address", ["/transfers/new/", "/transfers/new/send/"])
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"amount": "0"},
        {"amount": "x"},
        {"target": "0"},
        {"amount": "10"},
        {"amount": "10", "edit": "1"},
        {"amount": "2000"},
        {"amount": "99999999"},
        {"amount": "10", "target": "source"},
        {"amount": "10", "target": "dollars"},
        {"amount": "10", "target": "other bank", "comment": "Rent"},
    ],
)
def test_order_of_a_transfer(
    browser: Client, ann: User, account: Account, address: str, fields: dict[str, str]
):
    there = ConnectionFactory(user=ann, bank=BankFactory(code="abank", name="A Bank", short_name="ABank"))
    accounts = {
        "source": account,
        "dollars": AccountFactory(connection=account.connection, name="Dollars", currency="USD"),
        "other bank": AccountFactory(connection=there, name="Savings"),
    }
    target = accounts.get(fields.get("target", "other bank"))
    order = {"source": account.pk, "amount": "", "comment": "", "key": "key"} | fields
    order["target"] = target.pk if target else 0
    assert russian(browser.post(address, order, follow=True)) == []


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("/login", {"login": "ann", "password": "wrong"}),
        ("/login", {}),
        ("/register", {"login": "ann", "password": PASSWORD, "password_again": PASSWORD}),
        ("/register", {"login": "@", "phone": "x", "password": "password", "password_again": "y"}),
    ],
)
def test_refused_visitor(visitor: Client, ann: User, address: str, fields: dict[str, str]):
    assert russian(visitor.post(address, fields)) == []


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("/settings", {"phone": "x", "theme": "none", "language": "en"}),
        ("/settings", {"full_name": "Ann", "theme": "dark", "language": "en"}),
        ("/settings/password", {"current": "wrong", "password": "a", "password_again": "b"}),
        ("/connect/vbank/", {"channel": "gost"}),
        ("/connect/vbank/", {}),
    ],
)
def test_form(browser: Client, address: str, fields: dict[str, str]):
    BankFactory()
    assert russian(browser.post(address, fields, follow=True)) == []


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("/transactions/{row}/category/", {"category": "cafe"}),
        ("/transactions/{row}/category/", {"category": "no-such"}),
        ("/transactions/{row}/note/", {"note": "Lunch"}),
        ("/transactions/{row}/note/", {"note": "x" * 501}),
        ("/connections/{connection}/sync/", {}),
        ("/connections/{connection}/cancel/", {}),
        ("/connections/{connection}/check/", {}),
        ("/connections/{connection}/renew/cancel/", {}),
        ("/transfers/{transfer}/check/", {}),
    ],
)
def test_change(browser: Client, account: Account, address: str, fields: dict[str, str]):
    row = transaction(account)
    address = address.format(row=row.pk, connection=account.connection_id, transfer=moved(account).pk)
    assert russian(browser.post(address, fields, follow=True)) == []


@pytest.mark.parametrize("has_gateway", [True, False])
def test_person_in_gost_mode(browser: Client, ann: User, has_gateway: bool, settings):
    settings.GOST_ENABLED = has_gateway
    ann.use_gost_mode = True
    ann.save()
    assert_english(browser, "/settings", "/connect/vbank/", "/gost/")


@pytest.mark.parametrize("outcome", [*sorted(SHUT), "handshake", "http_reached", "tunnel"])
def test_what_was_measured_of_gost(browser: Client, account: Account, outcome: str, settings):
    settings.GOST_ENABLED = True
    via = {"handshake": "gost", "http_reached": "gost", "tunnel": "tunnel"}.get(outcome, "ordinary")
    account.connection.channel = BankConnection.Channel.GOST_PREFERRED
    account.connection.save()
    GostHandshake.objects.create(
        connection=account.connection,
        outcome=outcome,
        via=via,
        measured_at=LONG_AGO,
        verified_at=LONG_AGO,
        valid_from=LONG_AGO,
        valid_until=SOON,
        pinned="authority+certificate",
    )
    assert_english(browser, "/gost/", "/accounts/", f"/accounts/{account.pk}/")


def test_too_many_attempts(visitor: Client, ann: User):
    answers = [visitor.post("/login", {"login": "ann", "password": "wrong"}) for _ in range(12)]
    assert b"Too many attempts. Try again in 1 minute." in answers[-1].content


def test_error_pages(browser: Client, monkeypatch):
    assert_english(browser, "/no-such-page", status=404)
    monkeypatch.delattr("banking.views.dashboard.signed_in")
    browser.raise_request_exception = False
    broken = browser.get("/overview/")
    assert (broken.status_code, russian(broken)) == (500, [])
    assert b'<html lang="en">' in broken.content


def test_outdated_form(ann: User):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann)
    answer = client.post("/settings", {})
    assert (answer.status_code, russian(answer)) == (403, [])
