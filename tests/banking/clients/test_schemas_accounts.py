"""Accounts, balances, cards and products in every form that banks give them."""

from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banking.clients.errors import InvalidResponse
from banking.clients.schemas import (
    RejectedRow,
    parse_accounts,
    parse_balances,
    parse_cards,
    parse_products,
)
from financehub.money import Money
from tests.banking.clients.answers import answer

ACCOUNT = {
    "accountId": "acc-3101",
    "status": "Enabled",
    "currency": "RUB",
    "accountType": "Personal",
    "accountSubType": "Checking",
    "nickname": "Checking счет",
    "openingDate": "2024-02-18",
    "account": [{"schemeName": "RU.CBR.PAN", "identification": "408a91c07be2d43f5e", "name": "Клиент 1"}],
}


def account(**changes):
    (read,) = parse_accounts(answer({"data": {"account": [ACCOUNT | changes]}}))
    return read


def balance(amount, kind="InterimAvailable", indicator="Credit", currency="RUB"):
    return {
        "type": kind,
        "dateTime": "2026-02-17T09:31:51.162094Z",
        "amount": {"amount": amount, "currency": currency},
        "creditDebitIndicator": indicator,
    }


def balances(*entries):
    return parse_balances(answer({"data": {"balance": list(entries)}}))


def roubles(text):
    return Money(Decimal(text), "RUB")


def test_an_account_is_read_whole():
    read = account()
    assert (read.external_id, read.number) == ("acc-3101", "408a91c07be2d43f5e")
    assert (read.kind, read.sub_type, read.currency) == ("current", "Checking", "RUB")
    assert (read.name, read.opened_on) == ("Checking счет", date(2024, 2, 18))
    assert (read.is_debt, read.is_closed) == (False, False)


@pytest.mark.parametrize(
    ("sub_type", "kind", "is_debt"),
    [
        ("Checking", "current", False),
        ("CurrentAccount", "current", False),
        ("savings", "savings", False),
        ("Deposit", "deposit", False),
        ("Card", "card", False),
        ("PrePaidCard", "card", False),
        ("CreditCard", "card", True),
        ("LOAN", "loan", True),
        ("Mortgage", "loan", True),
    ],
)
def test_the_kind_comes_from_the_sub_type(sub_type, kind, is_debt):
    read = account(accountSubType=sub_type, accountType="Business")
    assert (read.kind, read.is_debt) == (kind, is_debt)


@pytest.mark.parametrize(
    ("number", "kind"),
    [("42301810", "savings"), ("423e1105cb8f", "deposit"), ("455c9a07de", "loan"), ("40817", "current")],
)
def test_an_unknown_sub_type_leaves_the_number(number, kind):
    read = account(accountSubType="Vault", account=[{"identification": number}])
    assert read.kind == kind
    assert read.is_debt == (kind == "loan")


@pytest.mark.parametrize(("status", "is_closed"), [("Enabled", False), ("Deleted", True), (None, False)])
def test_a_closed_account_says_so(status, is_closed):
    assert account(status=status).is_closed is is_closed


@pytest.mark.parametrize("inner", [None, [], [None], [{}], "text", {"identification": None}])
def test_an_account_may_have_no_number(inner):
    assert account(account=inner).number == ""


@pytest.mark.parametrize("bad", [None, "", "..", ".", "x" * 101, "a\nb", [], True])
def test_an_account_without_a_usable_id_is_set_aside_and_counted(bad):
    listing = parse_accounts(answer({"data": {"account": [ACCOUNT, ACCOUNT | {"accountId": bad}]}}))
    assert [read.external_id for read in listing] == ["acc-3101"]
    assert [row.path for row in listing.rejected] == ["data.account[1].accountId"]


@pytest.mark.parametrize("data", [{"accounts": [ACCOUNT]}, {"account": ACCOUNT}, [ACCOUNT], ACCOUNT])
def test_accounts_are_found_wherever_a_bank_puts_them(data):
    assert [read.external_id for read in parse_accounts(answer({"data": data}))] == ["acc-3101"]


@pytest.mark.parametrize("document", [None, [], {}, {"data": None}, {"data": {"account": None}}])
def test_no_list_is_not_an_empty_list(document):
    with pytest.raises(InvalidResponse):
        parse_accounts(answer(document))


def test_an_empty_list_is():
    assert parse_accounts(answer({"data": {"account": []}})) == ()


@pytest.mark.parametrize(
    ("amount", "indicator", "read"),
    [
        ("415001.11", "Credit", "415001.11"),
        ("-500.00", "Credit", "-500.00"),
        ("500.00", "Debit", "-500.00"),
        ("-500.00", "Debit", "-500.00"),
        ("500.00", None, "500.00"),
        (500, "credit", "500.00"),
        ("0.00", "Debit", "0.00"),
    ],
)
def test_a_balance_is_negative_by_number_or_by_word(amount, indicator, read):
    assert balances(balance(amount, indicator=indicator)).available == roubles(read)


def test_booked_and_available_are_told_apart():
    read = balances(balance("90.00", "InterimAvailable"), balance("100.00", "InterimBooked"))
    assert (read.booked, read.available) == (roubles("100.00"), roubles("90.00"))
    assert read.shown == roubles("90.00")
    assert read.as_of == datetime(2026, 2, 17, 9, 31, 51, 162094, UTC)


@pytest.mark.parametrize(
    ("kinds", "available", "booked"),
    [
        (["Expected", "ClosingAvailable"], 2, None),
        (["ClosingBooked", "OpeningBooked"], None, 1),
        (["Information"], 1, None),
        (["INTERIMBOOKED"], None, 1),
        (["InterimAvailable", "InterimAvailable"], 1, None),
        ([], None, None),
    ],
)
def test_any_types_of_balance_will_do(kinds, available, booked):
    read = balances(*[balance(f"{n}.00", kind) for n, kind in enumerate(kinds, 1)])
    assert read.available == (available and roubles(f"{available}.00"))
    assert read.booked == (booked and roubles(f"{booked}.00"))


def test_one_unreadable_balance_leaves_the_other():
    read = balances(balance("None"), balance("5.00", "InterimBooked"))
    assert (read.available, read.booked) == (None, roubles("5.00"))
    assert read.rejected == (RejectedRow("data.balance[0].amount.amount", "missing"),)


def test_no_readable_balance_is_a_fault():
    with pytest.raises(InvalidResponse) as failure:
        balances(balance(None))
    assert failure.value.path == "data.balance[0].amount.amount"


def test_the_full_number_of_a_card_is_not_read():
    card = {"cardId": "card-1", "cardNumber": "**** 6278", "cardNumberFull": "4276105002646278"}
    (read,) = parse_cards(answer({"data": {"cards": [card], "total": 1}}))
    assert read.last4 == "6278"
    assert "4276" not in str(read)


def test_a_cards_limits_may_be_missing():
    card = {"cardId": "card-1", "dailyLimit": None, "monthlyLimit": "15000.5", "expiryMonth": 2}
    (read,) = parse_cards(answer({"data": {"cards": [card]}}))
    assert (read.daily_limit, read.monthly_limit) == (None, Decimal("15000.5"))
    assert (read.expiry_month, read.expiry_year, read.issued_at) == (2, None, None)


@pytest.mark.parametrize("none", ["None", None, "", "null"])
def test_a_product_may_state_no_figures(none):
    product = {"productId": "prod-1", "productType": "Debit_Card", "interestRate": none, "termMonths": none}
    (read,) = parse_products(answer({"data": {"product": [product]}}))
    assert (read.kind, read.rate, read.term_months, read.min_amount) == ("debit_card", None, None, None)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [*ACCOUNT, "data", "amount", "balance", "cards", "cardId", "product", "productId"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=10,
)


@pytest.mark.parametrize("parse", [parse_accounts, parse_balances, parse_cards, parse_products])
@given(document=JUNK)
def test_any_document_is_read_or_invalid(parse, document):
    for form in (document, {"data": document}, {"Data": document}, {"data": [document]}):
        with suppress(InvalidResponse):
            parse(answer(form))
