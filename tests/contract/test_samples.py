"""Every recorded case that concerns our calls, through the client: what it sends and what it makes of it."""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest

from banking.clients.answers import Answer
from banking.clients.errors import (
    AuthenticationFailed,
    BankUnavailable,
    ConsentRequired,
    CredentialsRefused,
    RateLimited,
    Refused,
    UnexpectedRedirect,
)
from banking.clients.schemas import (
    PaymentOrder,
    parse_accounts,
    parse_balances,
    parse_consent,
    parse_transaction_page,
)
from tests.contract.replay import BASE_URL, all_cases, case, replay, session, token


def last_step(found):
    return found.request["path"].rsplit("/", 1)[1]


def account_of(found):
    return found.request["path"].split("/")[2]


def first_page(client, found):
    options = {name: int(found.query[name]) for name in ("limit",) if found.query.get(name, "").isdigit()}
    start = int(found.query["page"]) if found.query.get("page", "").isdigit() else 1
    pages = client.iter_transaction_pages(
        session(found), account_id=account_of(found), start_page=start, **options
    )
    return next(pages)


def ask_for_consent(client, found):
    body = found.request["body"] if isinstance(found.request.get("body"), dict) else {}
    return client.request_account_consent(
        token(),
        client_id=body.get("client_id", "team042-1"),
        permissions=body.get("permissions", []),
        reason=body.get("reason", ""),
    )


def order_in(found):
    """The order that a recorded body describes, in the flat form or the nested one."""
    body = found.request.get("body") or {}
    nested = (body.get("data") or {}).get("initiation") or {}
    creditor = nested.get("creditorAccount", {})
    sent = nested.get("instructedAmount", body)
    amount = str(sent.get("amount", "1"))
    return PaymentOrder(
        debtor_number=nested.get("debtorAccount", {}).get("identification") or body.get("debtor_account", ""),
        creditor_number=creditor.get("identification") or body.get("creditor_account", ""),
        creditor_bank=creditor.get("bank_code"),
        creditor_name=body.get("creditor_name", ""),
        amount=Decimal(amount if amount != "ten" else "10"),
        currency=sent.get("currency", "RUB"),
        comment=nested.get("comment") or body.get("reference", ""),
    )


# Each call of ours, by method and path, and how to make it.
OURS = {
    r"(POST|GET) /auth/bank-token": lambda client, _found: client.fetch_token(),
    r"POST /account-consents/request": ask_for_consent,
    r"GET /account-consents/(req|consent)-\w+": lambda client, found: client.get_account_consent(
        token(), consent_or_request_id=last_step(found)
    ),
    r"DELETE /account-consents/consent-\w+": lambda client, found: client.revoke_account_consent(
        token(), consent_id=last_step(found)
    ),
    r"GET /accounts/?": lambda client, found: client.list_accounts(session(found)),
    r"GET /accounts/[\w-]+/balances": lambda client, found: client.get_balances(
        session(found), account_id=account_of(found)
    ),
    r"GET /accounts/[\w-]+/transactions": first_page,
    r"GET /cards": lambda client, found: client.list_cards(session(found)),
    r"GET /products": lambda client, _found: client.list_products(token()),
    r"POST /payment-consents/request": lambda client, found: client.request_payment_consent(
        token(), client_id=found.query.get("client_id", "team042-1"), order=order_in(found)
    ),
    r"GET /payment-consents/(pcr|pcon)-\w+": lambda client, found: client.get_payment_consent(
        token(), consent_or_request_id=last_step(found)
    ),
    r"DELETE /payment-consents/pcon-\w+": lambda client, found: client.revoke_payment_consent(
        token(), consent_id=last_step(found)
    ),
    r"POST /payments": lambda client, found: client.create_payment(
        token(),
        client_id=found.query.get("client_id", "team042-1"),
        consent_id=found.headers.get("x-payment-consent-id", "pcon-0"),
        order=order_in(found),
    ),
    r"GET /payments/pay-\w+": lambda client, found: client.get_payment(
        token(), client_id=found.query.get("client_id", "team042-1"), payment_id=last_step(found)
    ),
}
# Cases of these files, and of our files with these beginnings, are other calls than ours.
OTHER_FILES = {
    "applications_leads_offers",
    "banker_admin",
    "bankingapi",
    "interbank",
    "multibank_proxy",
    "product_agreements",
    "standard_envelope",
    "vrp",
}
OTHER_CASES = (
    "account_consents:client.",
    "account_consents:consent.standard.",
    "accounts:accounts.close.",
    "accounts:accounts.create",
    "accounts:accounts.detail",
    "accounts:accounts.status.",
    "auth:auth.register_team",
    "auth:banker.",
    "auth:login.",
    "cards:cards.create.",
    "cards:cards.delete",
    "cards:cards.detail",
    "cards:cards.limits",
    "cards:cards.status.",
    "hosted_public:product_agreement",
    "products:products.detail",
    "service:",
    "transactions:tx.global_list",
)
FAILURES = {
    "auth:token.wrong_secret": CredentialsRefused,
    "auth:token.unknown_client": CredentialsRefused,
    "auth:token.client_with_suffix": CredentialsRefused,
    "auth:token.missing_params": Refused,
    "auth:token.json_body": Refused,
    "auth:token.form_body": Refused,
    "auth:token.get": Refused,
    "auth:expired.accounts": AuthenticationFailed,
    "account_consents:consent.request.unknown_client": Refused,
    "account_consents:consent.request.missing_permissions": Refused,
    "account_consents:consent.request.bad_json": Refused,
    "account_consents:consent.get.unknown": Refused,
    "account_consents:consent.get.no_auth": AuthenticationFailed,
    "account_consents:consent.get.bad_token": AuthenticationFailed,
    "account_consents:consent.get.other_bank_token": AuthenticationFailed,
    "account_consents:consent.delete.unknown": Refused,
    "account_consents:pending.accounts.list": ConsentRequired,
    "account_consents:accounts.list.revoked": ConsentRequired,
    "accounts:accounts.list.no_client_id": Refused,
    "accounts:accounts.list.no_consent": ConsentRequired,
    "accounts:accounts.list.wrong_consent_id": ConsentRequired,
    "accounts:accounts.list.requesting_bank_with_suffix": ConsentRequired,
    "accounts:accounts.list.no_requesting_bank": AuthenticationFailed,
    "accounts:accounts.list.no_auth": AuthenticationFailed,
    "accounts:accounts.list.bad_token": AuthenticationFailed,
    "accounts:accounts.list.basic_only": ConsentRequired,
    "accounts:balances.no_consent": ConsentRequired,
    "accounts:balances.unknown": Refused,
    "accounts:balances.permission_missing": ConsentRequired,
    "transactions:tx.limit_0": Refused,
    "transactions:tx.limit_101": Refused,
    "transactions:tx.limit_500": Refused,
    "transactions:tx.limit_abc": Refused,
    "transactions:tx.page_abc": Refused,
    "transactions:tx.unknown_account": Refused,
    "transactions:tx.other_client": ConsentRequired,
    "transactions:tx.permission_missing": ConsentRequired,
    "transactions:tx.no_auth": AuthenticationFailed,
    "cards:cards.list.no_client_id": Refused,
    "products:products.list.no_auth": AuthenticationFailed,
    "service:trailing_slash": UnexpectedRedirect,
    "hosted_public:gateway.nginx_502": BankUnavailable,
    "hosted_public:gateway.429": RateLimited,
    "payments:pc.request.no_rb": Refused,
    "payments:pc.request.no_client_id": Refused,
    "payments:pc.request.unknown_client": Refused,
    "payments:pc.request.team_token": AuthenticationFailed,
    "payments:pc.request.hosted_flat_body": Refused,
    "payments:pc.get.unknown": Refused,
    "payments:pay.no_consent_header": ConsentRequired,
    "payments:pay.unknown_consent": ConsentRequired,
    "payments:pay.other_bank": ConsentRequired,
    "payments:pay.missing_initiation": Refused,
    "payments:pay.no_data": Refused,
    "payments:pay.get.unknown": Refused,
    "payments:pay.consent_used": ConsentRequired,
    "payments:pay.insufficient": Refused,
    "payments:pay.unknown_source": Refused,
    "payments:pay.unknown_target": Refused,
    "payments:pay.amount_garbage": BankUnavailable,
}


def how_to_ask(found):
    return next((ask for call, ask in OURS.items() if re.fullmatch(call, found.call)), None)


CASES = [found for found in all_cases() if found.file not in OTHER_FILES and how_to_ask(found)]


def made_of(key):
    found = case(key)
    return replay(found, how_to_ask(found))[0]


def test_no_recorded_case_is_overlooked():
    left = [found.key for found in all_cases() if found.file not in OTHER_FILES and not how_to_ask(found)]
    assert [key for key in left if not key.startswith(OTHER_CASES)] == []
    assert set(FAILURES) <= {found.key for found in CASES}


@pytest.mark.parametrize(
    "found", [found for found in CASES if found.key in FAILURES], ids=lambda found: found.key
)
def test_a_recorded_failure_gets_its_name(found):
    with pytest.raises(FAILURES[found.key]) as failure:
        replay(found, how_to_ask(found))
    assert type(failure.value) is FAILURES[found.key]


@pytest.mark.parametrize(
    "found", [found for found in CASES if found.key not in FAILURES], ids=lambda found: found.key
)
def test_a_recorded_success_is_read_without_a_loss(found):
    made, _ = replay(found, how_to_ask(found))
    for result in (made, getattr(made, "rows", ())):
        assert getattr(result, "rejected", ()) == ()
    data = (found.response["body"] or {}).get("data")
    listed = data.get("account") or data.get("transaction") or data.get("product") if data else None
    if isinstance(listed, list):
        assert len(getattr(made, "rows", made)) == len(listed)


@pytest.mark.parametrize(
    "key",
    [
        "auth:token.vbank.ok",
        "account_consents:consent.get.authorized",
        "account_consents:pending.get.by_request_id",
        "account_consents:consent.delete",
        "accounts:accounts.list",
        "accounts:accounts.list.no_consent_header",
        "accounts:balances.ok",
        "transactions:tx.page1_limit5",
        "transactions:tx.beyond_end",
        "cards:cards.list",
        "products:products.list",
    ],
)
def test_the_client_sends_what_was_recorded(key):
    found = case(key)
    _, calls = replay(found, how_to_ask(found))
    (sent,) = calls
    assert (sent.method, sent.url.partition("?")[0]) == (
        found.request["method"],
        f"{BASE_URL}{found.request['path']}",
    )
    assert dict(parse_qsl(urlsplit(sent.url).query)) == found.query
    for name in ("x-requesting-bank", "x-consent-id"):
        if name in found.headers:
            assert sent.headers[name] == found.headers[name]
    assert ("Authorization" in sent.headers) == ("authorization" in found.headers)
    assert sent.body is None


@pytest.mark.parametrize("key", ["account_consents:consent.request.auto", "account_consents:pending.request"])
def test_the_client_asks_for_a_consent_as_recorded(key):
    found = case(key)
    _, calls = replay(found, how_to_ask(found))
    assert json.loads(calls[0].body) == found.request["body"]


def test_the_client_orders_a_payment_as_recorded():
    found = case("payments:pay.internal.ok")
    _, (sent,) = replay(found, how_to_ask(found))
    assert json.loads(sent.body) == found.request["body"]
    assert dict(parse_qsl(urlsplit(sent.url).query)) == found.query
    assert sent.headers["X-Payment-Consent-Id"] == found.headers["x-payment-consent-id"]


def test_the_client_asks_for_a_payment_consent_as_recorded():
    found = case("payments:hosted_overlay.pc.flat")
    _, (sent,) = replay(found, how_to_ask(found))
    asked = json.loads(sent.body)
    assert {name: asked[name] for name in found.request["body"]} == found.request["body"] | {
        "amount": "150.50"
    }


@pytest.mark.parametrize(
    ("key", "status", "consent_id"),
    [
        ("payments:hosted_overlay.pc.flat", "granted", "pcon-854c05160b71"),
        ("payments:hosted_overlay.pc.manual", "waiting", None),
        ("payments:pc.request.ok", "granted", "pcon-c75ffe47c447"),
        ("payments:pc.get.active", "granted", "pcon-c75ffe47c447"),
        ("payments:pc.get.used", "used", "pcon-c75ffe47c447"),
        ("payments:pc.get.revoked", "revoked", "pcon-3f0d2d7dfd06"),
        ("hosted_public:payment_consent.multi_use", "waiting", None),
    ],
)
def test_where_a_payment_consent_stands(key, status, consent_id):
    made = made_of(key)
    assert (made.status, made.consent_id) == (status, consent_id)


@pytest.mark.parametrize("key", ["payments:pay.internal.ok", "payments:pay.get"])
def test_a_payment_that_was_carried_out(key):
    made = made_of(key)
    assert (made.payment_id, made.status) == ("pay-a0929a4c16a1", "completed")
    assert (made.amount, made.currency) == (Decimal("125.61"), "RUB")


def test_a_consent_granted_at_once():
    made = made_of("account_consents:consent.request.auto")
    assert (made.status, made.request_id, made.consent_id) == (
        "granted",
        "req-cad3e3500cbd",
        "consent-270f169ade21",
    )


def test_a_consent_that_waits():
    made = made_of("account_consents:pending.request")
    assert (made.status, made.request_id, made.consent_id) == ("waiting", "req-39b263a03c81", None)
    made = made_of("account_consents:pending.get.by_request_id")
    assert (made.status, made.request_id, made.consent_id) == ("waiting", "req-39b263a03c81", None)
    assert made.expires_at is None


def test_a_published_bank_never_reports_a_request_as_signed():
    made = made_of("account_consents:consent.get.by_request_id")
    assert (made.status, made.consent_id) == ("waiting", None)


@pytest.mark.parametrize(
    ("key", "consent_id"),
    [
        ("account_consents:hosted_overlay.signed.get", "consent-780d7c1c9d0c"),
        ("hosted_public:consent.sbank.poll.signed", "consent-8a70e5d1c932"),
    ],
)
def test_a_signed_request_answers_with_its_consent(key, consent_id):
    made = made_of(key)
    assert (made.status, made.consent_id, made.request_id) == ("granted", consent_id, last_step(case(key)))


def test_a_revoked_consent():
    assert made_of("account_consents:consent.get.revoked").status == "revoked"


def test_accounts_of_every_number_form():
    made = made_of("hosted_public:accounts.list")
    assert [(each.external_id, each.number, each.kind) for each in made] == [
        ("acc-3846", "4081781042906084631", "current"),
        ("acc-5120", "408a91c07be2d43f5e", "current"),
        ("acc-5121", "42301c7fe0a9d4518b62", "savings"),
    ]
    assert {each.opened_on for each in made} == {date(2025, 10, 24)}


def test_balances():
    made = made_of("accounts:balances.ok")
    assert made.booked.amount == made.available.amount == Decimal("415001.11")
    assert made.as_of == datetime(2026, 2, 17, 9, 31, 51, 162094, UTC)


def test_a_page_in_the_newer_form():
    page = made_of("transactions:tx.page1_limit5")
    assert (page.total_pages, page.total_records, page.is_last) == (37, 181, False)
    first = page.rows[0]
    assert (first.external_id, first.amount, first.status) == (
        "tx-8922f27066d9",
        Decimal("-936.92"),
        "pending",
    )
    assert (first.merchant_name, first.mcc, first.card_last4) == ("Кафе «Зерно»", "5812", "0001")
    assert (first.booking_date, first.bank_code) == (date(2025, 11, 1), "01")


def test_a_page_in_the_older_form():
    page = made_of("hosted_public:transactions.before_8_november_2025")
    first = page.rows[0]
    assert (first.amount, first.status, first.description) == (Decimal("118500.00"), "booked", "💼 Зарплата")
    assert (first.merchant_name, first.mcc, first.counterparty) == ("", "", "")


def test_a_page_beyond_the_end_is_the_last():
    page = made_of("transactions:tx.beyond_end")
    assert (page.rows, page.is_last) == ((), True)


def test_cards_and_products():
    (card,) = made_of("cards:cards.list")
    assert (card.last4, card.status, card.daily_limit) == ("0001", "active", Decimal("100000.00"))
    assert made_of("cards:cards.list.no_consent") == ()
    products = made_of("products:products.list")
    assert [each.rate for each in products][:3] == [Decimal("8.50"), Decimal("9.25"), Decimal("14.90")]


STANDARD = {
    "consent.get.authorised": lambda answer: parse_consent(answer, now=datetime(2025, 11, 11, tzinfo=UTC)),
    "accounts.list": parse_accounts,
    "balances": parse_balances,
    "transactions": lambda answer: parse_transaction_page(answer, page=1),
}


def test_the_standards_own_envelope_is_understood():
    made = {
        name: parse(
            Answer(
                bank="vbank",
                request_id="1",
                status=200,
                document=case(f"standard_envelope:{name}").response["body"],
            )
        )
        for name, parse in STANDARD.items()
    }
    assert (made["consent.get.authorised"].status, made["consent.get.authorised"].consent_id) == (
        "granted",
        "urn-bank-intent-88379",
    )
    (account,) = made["accounts.list"]
    assert (account.external_id, account.number, account.kind, account.name) == (
        "22289",
        "40817810600000123456",
        "current",
        "Текущий счёт",
    )
    assert made["balances"].available.amount == Decimal("1230.00")
    (row,) = made["transactions"].rows
    assert (row.amount, row.booked_at) == (Decimal("10.00"), datetime(2025, 11, 5, 7, 43, 7, tzinfo=UTC))
    assert made["transactions"].is_last
