"""What a person decides about pairs holds through every reading, and every deed can be taken back."""

from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from django.db import connection

from banking import edits, pairing
from banking.models import Account, RefundLink, Transaction, TransferMatch
from banking.queries import transfer_review as queries
from banking.sync import refunds, transfers
from financehub.users.models import User
from tests.banking.test_totals import kept_months, kept_totals, months_by_hand, totals_by_hand
from tests.factories import (
    NOW,
    AccountFactory,
    BankFactory,
    ConnectionFactory,
    TransactionFactory,
    category,
    only,
    store_transactions,
)

State = TransferMatch.State


@pytest.fixture
def mine(anna: User) -> Account:
    return _account(anna, "vbank", "40817810000000001111")


@pytest.fixture
def other(anna: User) -> Account:
    return _account(anna, "abank", "40817810000000002222")


def _account(person: User, bank: str, number: str) -> Account:
    connection = ConnectionFactory(user=person, bank=BankFactory(code=bank))
    return AccountFactory(connection=connection, number=number)


def _row(account: Account, amount: str, text: str, **fields: object) -> Transaction:
    slug = "people-transfer" if amount.startswith("-") else "income-people"
    known = {"merchant_name": "", "category_reason": "fixed_text", "slug": slug, "category_detail": "Перевод"}
    return TransactionFactory(account=account, amount=Decimal(amount), description=text, **known | fields)


def _likely(mine: Account, other: Account, amount: str = "500") -> tuple[Transaction, Transaction]:
    """Two rows that may be one transfer: one text names the bank, the other one nothing."""
    out = _row(mine, f"-{amount}", "Межбанковский перевод в abank")
    return out, _row(other, amount, "Пополнение", slug="income-other", category_reason="default")


def _sure(mine: Account, other: Account, amount: str = "500") -> tuple[Transaction, Transaction]:
    out = _row(mine, f"-{amount}", f"Межбанковский перевод в abank на счет {other.number}")
    return out, _row(other, amount, f"Перевод от счета {mine.number}")


def _find(person: User) -> transfers.Paired:
    found = transfers.pair_own_transfers(user_id=person.pk, since=None, now=NOW)
    assert kept_totals(person) == totals_by_hand(person)
    assert kept_months(person) == months_by_hand(person)
    return found


def _columns(*rows: Transaction) -> list[tuple[object, ...]]:
    names = (*edits.CATEGORY_COLUMNS, "transfer_pair")
    return list(
        Transaction.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk").values_list(*names)
    )


def _only_match(person: User) -> TransferMatch:
    (match,) = TransferMatch.objects.for_user(person)
    return queries.match_of_user(user=person, pk=match.pk)


def test_a_likely_pair_is_offered_accepted_and_taken_back(anna: User, mine: Account, other: Account) -> None:
    rows = _likely(mine, other)
    before = _columns(*rows)
    assert _find(anna).found == 0
    match = _only_match(anna)
    assert (match.state, match.reasons) == (State.SUGGESTED, ["bank", "same_hour", "unique"])
    pairing.accept(match=match, now=NOW)
    assert [row[1:3] for row in _columns(*rows)] == [("transfer", "transfer_pair")] * 2
    assert _find(anna) == transfers.Paired(0, 0)
    pairing.undo(match=match, now=NOW)
    assert _columns(*rows) == before
    assert _only_match(anna).state == State.SUGGESTED
    assert _find(anna) == transfers.Paired(0, 0)


def test_a_rejected_pair_is_never_made_or_offered_again(anna: User, mine: Account, other: Account) -> None:
    sure, likely = _sure(mine, other), _likely(mine, other, "900")
    before = [row[:3] for row in _columns(*sure, *likely)]
    _find(anna)
    for row in (sure[0], likely[0]):
        pairing.reject(match=TransferMatch.objects.get(out=row), now=NOW)
    assert [row[:3] for row in _columns(*sure, *likely)] == before
    Transaction.objects.filter(user=anna).update(content_hash="read again")
    assert _find(anna) == transfers.Paired(0, 0)
    assert list(queries.open_matches(user=anna)) == []
    assert [match.state for match in queries.decided(user=anna)] == [State.REJECTED] * 2
    for match in queries.decided(user=anna):
        pairing.undo(match=match, now=NOW)
    assert {match.state for match in TransferMatch.objects.all()} == {State.ACCEPTED, State.SUGGESTED}
    assert _columns(sure[0])[0][5] == sure[1].pk


def test_unlinking_restores_what_both_rows_were_for(anna: User, mine: Account, other: Account) -> None:
    rows = _sure(mine, other)
    edits.set_category(user=anna, rows=only(rows[0]), category=category("gifts"), now=NOW)
    before = _columns(*rows)
    _find(anna)
    rows[1].refresh_from_db()
    edit = pairing.part(row=rows[1], now=NOW)
    assert _columns(*rows)[0] == before[0]
    assert _columns(*rows)[1][1:3] == ("income", "fixed_text")
    assert edit is not None
    edits.undo(edit=edit, now=NOW)
    assert [row[5] for row in _columns(*rows)] == [rows[1].pk, rows[0].pk]
    assert _find(anna) == transfers.Paired(0, 0)


def test_an_accepted_pair_survives_that_a_bank_hides_one_side(
    anna: User, mine: Account, other: Account
) -> None:
    out, into = _likely(mine, other)
    _find(anna)
    pairing.accept(match=_only_match(anna), now=NOW)
    Transaction.objects.filter(pk=into.pk).update(missing_since=NOW)
    assert _find(anna).undone == 2
    assert _columns(out)[0][1] == "expense"
    Transaction.objects.filter(pk=into.pk).update(missing_since=None)
    assert _find(anna).found == 1


def test_all_reliable_pairs_are_accepted_and_taken_back_together(
    anna: User, mine: Account, other: Account
) -> None:
    late = {"booked_at": NOW - timedelta(days=3), "booking_date": (NOW - timedelta(days=3)).date()}
    reliable = [
        (
            _row(mine, f"-{amount}", f"Перевод на счет {other.number}", **late),
            _row(other, f"{amount}", "Перевод между своими счетами"),
        )
        for amount in (100, 200)
    ]
    _likely(mine, other)
    _find(anna)
    assert len(queries.open_matches(user=anna)) == 3
    before = _columns(*reliable[0], *reliable[1])
    edit = pairing.accept_reliable(user=anna, now=NOW)
    assert (edit.rows, len(queries.open_matches(user=anna))) == (4, 1)
    changed = reliable[0][0]
    edits.set_category(user=anna, rows=only(changed), category=category("gifts"), now=NOW)
    undone = edits.undo(edit=edit, now=NOW)
    assert (undone.restored, undone.left) == (2, 2)
    assert _columns(*reliable[1]) == before[2:]
    assert {match.state for match in TransferMatch.objects.filter(out=changed)} == {State.ACCEPTED}
    TransferMatch.objects.suggested().delete()
    with pytest.raises(pairing.NoReliablePairs):
        pairing.accept_reliable(user=anna, now=NOW)


def test_a_row_is_in_one_accepted_pair_at_most(anna: User, mine: Account, other: Account) -> None:
    out, _into = _likely(mine, other)
    second = _row(other, "500", "Пополнение", slug="income-other")
    _find(anna)
    first, also = TransferMatch.objects.filter(out=out)
    pairing.accept(match=first, now=NOW)
    assert list(queries.open_matches(user=anna)) == []
    with pytest.raises(pairing.PairNotOpen):
        pairing.accept(match=also, now=NOW)
    _row(mine, "-500", f"Перевод на счет {other.number}")
    Transaction.objects.filter(pk=second.pk).update(description=f"Перевод от счета {mine.number}")
    _find(anna)
    assert _columns(out)[0][5] == first.into_id
    assert TransferMatch.objects.accepted().count() == 2


def test_switched_off_nothing_is_found_or_asked_and_what_was_accepted_stays(
    anna: User, mine: Account, other: Account
) -> None:
    made, waiting = _sure(mine, other), _likely(mine, other, "700")
    _find(anna)
    pairing.switch(user=anna, on=False, now=NOW)
    later = _sure(mine, other, "800")
    assert _find(anna) == transfers.Paired(0, 0)
    assert _columns(made[0])[0][5] == made[1].pk
    assert list(queries.open_matches(user=anna)) == []
    pairing.switch(user=anna, on=True, now=NOW)
    assert _columns(later[0])[0][5] == later[1].pk
    assert [match.out_id for match in queries.open_matches(user=anna)] == [waiting[0].pk]


def test_the_order_in_which_banks_are_read_changes_nothing(anna: User) -> None:
    accounts = [
        _account(anna, bank, f"4081781000000000{number}")
        for number, bank in ((1111, "vbank"), (2222, "abank"), (3333, "sbank"))
    ]
    first, second, third = accounts
    texts = (
        (first, "-500", "Перевод между своими счетами", 0),
        (second, "500", "Перевод между своими счетами", 5),
        (third, "500", "Перевод между своими счетами", 9),
        (first, "-900", f"Межбанковский перевод в abank на счет {second.number}", 20),
        (second, "900", f"Перевод от счета {first.number}", 25),
        (third, "900", "Пополнение", 26),
        (second, "-70", "Межбанковский перевод в sbank", 30),
        (third, "70", "Пополнение", 31),
    )
    answers = set()
    for order in permutations(accounts):
        Transaction.objects.all().delete()
        for account in order:
            for place, amount, text, minute in texts:
                if place == account:
                    at = NOW - timedelta(minutes=minute)
                    _row(place, amount, text, booked_at=at, external_id=f"{place.number}-{minute}")
            _find(anna)
        pairs = TransferMatch.objects.values_list("out__external_id", "into__external_id", "state", "score")
        answers.add(frozenset(pairs))
    (answer,) = answers
    assert sorted(state for *_rows, state, _score in answer) == [
        "accepted",
        "suggested",
        "suggested",
        "suggested",
    ]


def test_a_failed_transfer_and_its_return_come_to_nothing(anna: User, mine: Account, other: Account) -> None:
    out = _row(mine, "-500", f"Межбанковский перевод в abank на счет {other.number}")
    back = _row(mine, "500", f"Возврат неудачного перевода на счет {other.number}", slug="people-transfer")
    assert _find(anna).found == 1
    assert [row[1:3] for row in _columns(out, back)] == [("transfer", "transfer_pair")] * 2
    assert _columns(out)[0][3] == "returned"
    assert _only_match(anna).kind == TransferMatch.Kind.RETURNED


def test_refunds_find_the_latest_purchase_that_they_can_be_of(anna: User, mine: Account) -> None:
    def bought(amount: str, days: int, **fields: object) -> Transaction:
        at = NOW - timedelta(days=days)
        return TransactionFactory.build(
            account=mine, user=anna, category=category("groceries-supermarket"), amount=Decimal(amount),
            booked_at=at, **fields,
        )  # fmt: skip

    rows = [
        bought("-250", 30),
        bought("-250", 9),
        bought("250", 8, is_refund=True),
        bought("-990", 200, merchant_name="Обувь"),
        bought("990", 1, is_refund=True, merchant_name="Обувь"),
        bought("-800", 20, merchant_name="Книги"),
        bought("300", 5, is_refund=True, merchant_name="Книги"),
        bought("600", 4, is_refund=True, merchant_name="Книги"),
        bought("-70", 4, merchant_name="", description="КАФЕ ЛУНА"),
        bought("70", 2, is_refund=True, merchant_name="", description="Возврат КАФЕ ЛУНА"),
    ]
    store_transactions(anna, rows)
    refunds.link_refunds(user_id=anna.pk, since=None)
    links = set(RefundLink.objects.values_list("refund", "purchase"))
    assert links == {(rows[2].pk, rows[1].pk), (rows[6].pk, rows[5].pk), (rows[9].pk, rows[8].pk)}
    pairing.unlink_refund(row=rows[2])
    Transaction.objects.filter(pk=rows[5].pk).update(missing_since=NOW)
    refunds.link_refunds(user_id=anna.pk, since=NOW.date() - timedelta(days=20))
    links = set(RefundLink.objects.values_list("refund", "purchase"))
    assert links == {(rows[2].pk, None), (rows[9].pk, rows[8].pk)}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL knows how many rows have no pair")
def test_open_pairs_are_found_without_walking_through_the_rows(anna: User) -> None:
    """The first screen counts them: begun at the rows, SQLite compares each with every other."""
    plan = queries.open_matches(user=anna).explain().splitlines()
    places = [line.partition("USING")[0].split()[-1] for line in plan if "SEARCH" in line or "SCAN" in line]
    assert places.index("banking_transfermatch") < min(
        place for place, name in enumerate(places) if name in {"banking_transaction", "T5"}
    )
