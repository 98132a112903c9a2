"""Placing an order: whose accounts, how much, and one row however often it is asked for."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from banking.models import Account, AuditEvent, BankConnection, Transfer
from banking.services import transfer_orders
from banking.services.transfer_orders import Order
from financehub.errors import DomainError
from financehub.users.models import User
from tests.factories import NOW, AccountFactory, BankFactory, ConnectionFactory

State = Transfer.State


@pytest.fixture
def source(anna: User) -> Account:
    return AccountFactory(connection=ConnectionFactory(user=anna))


@pytest.fixture
def target(anna: User) -> Account:
    bank = BankFactory(code="abank", short_name="ABank")
    return AccountFactory(connection=ConnectionFactory(user=anna, bank=bank))


def order(source: Account, target: Account, amount="100", *, key="one", purpose="") -> Order:
    return Order(
        from_account_id=source.pk,
        to_account_id=target.pk,
        amount=Decimal(amount),
        purpose=purpose,
        key=key,
    )


def place(wanted: Order, user: User, now=NOW) -> Transfer:
    return transfer_orders.place(user=user, order=wanted, now=now)


def refusal(wanted: Order, user: User, now=NOW) -> str:
    with pytest.raises(DomainError) as refused:
        place(wanted, user, now)
    assert Transfer.objects.filter(key=wanted.key).count() == 0
    return refused.value.code


def test_an_order_becomes_a_row_that_is_due_and_a_line_in_the_journal(anna, source, target):
    made = place(order(source, target, "100.50", purpose="Отпуск"), anna)
    assert (made.state, made.amount, made.currency) == (State.CREATED, Decimal("100.50"), "RUB")
    assert (made.from_number, made.to_number, made.purpose) == (source.number, target.number, "Отпуск")
    assert list(Transfer.objects.due(NOW)) == [made]
    event = AuditEvent.objects.get()
    assert (event.person, event.actor, event.kind) == (anna, anna, "transfer_ordered")
    assert event.detail == {"transfer": made.reference, "to_bank": "abank"}


def test_the_same_order_again_is_the_same_transfer(anna, source, target):
    first = place(order(source, target, "100"), anna)
    assert place(order(source, target, "100.00"), anna, NOW + timedelta(days=1)) == first
    assert (Transfer.objects.count(), AuditEvent.objects.count()) == (1, 1)


@pytest.mark.parametrize("change", [{"amount": "101"}, {"purpose": "другое"}], ids=str)
def test_another_order_under_the_same_key_is_refused(anna, source, target, change):
    place(order(source, target), anna)
    with pytest.raises(transfer_orders.IdempotencyConflict):
        place(order(source, target, **change), anna)
    assert Transfer.objects.count() == 1


def test_a_key_belongs_to_one_person(anna, boris, source, target):
    mine = AccountFactory(connection=ConnectionFactory(user=boris))
    other = AccountFactory(connection=mine.connection)
    place(order(source, target), anna)
    place(order(mine, other), boris)
    assert Transfer.objects.count() == 2


def test_a_repetition_is_answered_though_the_account_is_closed_by_now(anna, source, target):
    first = place(order(source, target), anna)
    Account.objects.update(closed_at=NOW)
    assert place(order(source, target), anna) == first


def test_other_peoples_accounts_are_not_there(anna, boris, source):
    theirs = AccountFactory(connection=ConnectionFactory(user=boris))
    assert refusal(order(source, theirs), anna) == "account_not_found"
    assert refusal(order(theirs, source), anna) == "account_not_found"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"source": {"closed_at": NOW}}, "account_not_found"),
        ({"target": {"closed_at": NOW}}, "account_not_found"),
        ({"target": {"currency": "USD"}}, "different_currencies"),
        ({"source": {"kind": "loan"}}, "cannot_pay_from"),
        ({"source": {"kind": "deposit"}}, "cannot_pay_from"),
        ({"source": {"kind": "card"}}, "cannot_pay_from"),
        ({"target": {"kind": "loan"}}, "cannot_pay_to"),
        ({"source": {"number": ""}}, "cannot_pay_from"),
        ({"target": {"number": ""}}, "cannot_pay_to"),
        ({"source": {"balance_available": Decimal("99.99")}}, "insufficient_funds"),
        ({"source": {"balance_available": None, "balance_booked": None}}, "insufficient_funds"),
    ],
    ids=str,
)
def test_accounts_must_fit_each_other(anna, source, target, changes, code):
    for name, account in (("source", source), ("target", target)):
        Account.objects.filter(pk=account.pk).update(**changes.get(name, {"name": "x"}))
    assert refusal(order(source, target), anna) == code


def test_an_account_is_not_paid_from_itself(anna, source):
    assert refusal(order(source, source), anna) == "same_account"


@pytest.mark.parametrize("status", ["expired", "revoked", "rejected", "awaiting"])
def test_a_bank_without_access_sends_nothing(anna, source, target, status):
    BankConnection.objects.filter(pk=source.connection_id).update(status=status)
    assert refusal(order(source, target), anna) == "bank_not_connected"


def test_a_connection_that_only_reads_sends_nothing(anna, source, target):
    BankConnection.objects.filter(pk=source.connection_id).update(channel="gost")
    assert refusal(order(source, target), anna) == "channel_only_reads"


AMOUNTS = [
    ("-0.01", "amount_refused"),
    ("0", "amount_refused"),
    ("-0", "amount_refused"),
    ("0.001", "amount_refused"),
    ("1e-30", "amount_refused"),
    ("NaN", "amount_refused"),
    ("Infinity", "amount_refused"),
    ("-Infinity", "amount_refused"),
    ("1e30", "over_transfer_limit"),
    ("600000.01", "over_transfer_limit"),
    ("1000.01", "insufficient_funds"),
]


@pytest.mark.parametrize(("amount", "code"), AMOUNTS)
def test_amounts_that_no_transfer_has(anna, source, target, amount, code):
    assert refusal(order(source, target, amount), anna) == code


@given(amount=st.decimals(allow_nan=True, allow_infinity=True))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_decimal_is_an_amount_or_a_refusal(anna, source, target, amount):
    with transaction.atomic():
        try:
            made = place(_with(source, target, amount), anna)
        except DomainError:
            made = None
        if made is not None:
            assert 0 < made.amount <= 1000
            assert made.amount == amount == amount.quantize(Decimal("0.01"))
        transaction.set_rollback(True)


def _with(source, target, amount):
    return Order(from_account_id=source.pk, to_account_id=target.pk, amount=amount, purpose="", key="any")


def test_what_is_under_way_is_not_spent_twice(anna, source, target):
    place(order(source, target, "600", key="a"), anna)
    assert transfer_orders.spendable(source) == Decimal("400")
    assert refusal(order(source, target, "400.01", key="b"), anna) == "insufficient_funds"
    place(order(source, target, "400", key="c"), anna)


@pytest.mark.parametrize("state", ["sent", "unknown"])
def test_money_of_an_uncertain_transfer_stays_set_aside(anna, source, target, state):
    made = place(order(source, target, "600", key="a"), anna)
    Transfer.objects.filter(pk=made.pk).update(state=state, sent_at=NOW)
    assert transfer_orders.spendable(source) == Decimal("400")


def test_a_confirmed_transfer_counts_until_the_bank_names_a_new_balance(anna, source, target):
    made = place(order(source, target, "600", key="a"), anna)
    Transfer.objects.filter(pk=made.pk).update(
        state=State.CONFIRMED, sent_at=NOW, settled_at=NOW + timedelta(seconds=1)
    )
    assert transfer_orders.spendable(source) == Decimal("400")
    source.balance_available, source.balance_as_of = Decimal("400"), NOW + timedelta(seconds=2)
    assert transfer_orders.spendable(source) == Decimal("400")


def test_a_rejected_transfer_gives_its_money_free(anna, source, target):
    made = place(order(source, target, "600", key="a"), anna)
    Transfer.objects.filter(pk=made.pk).update(state=State.REJECTED, settled_at=NOW)
    assert transfer_orders.spendable(source) == Decimal("1000")


def test_a_day_has_a_limit(anna, source, target, settings):
    settings.TRANSFER_DAY_LIMIT = 150
    place(order(source, target, "100", key="a"), anna)
    assert refusal(order(source, target, "50.01", key="b"), anna) == "over_day_limit"
    place(order(source, target, "50", key="c"), anna)
    tomorrow = NOW + timedelta(days=1)
    place(order(source, target, "150", key="d"), anna, tomorrow)


def test_looking_at_an_order_changes_nothing(anna, source, target):
    assert transfer_orders.check(user=anna, order=order(source, target), now=NOW) == (source, target)
    with pytest.raises(transfer_orders.InsufficientFunds):
        transfer_orders.check(user=anna, order=order(source, target, "1000.01"), now=NOW)
    assert Transfer.objects.count() == 0


BROKEN_ROWS = {
    "transfer_amount_positive": {"amount": Decimal(0)},
    "transfer_settled_when_over": {"state": State.CONFIRMED, "sent_at": NOW},
    "transfer_sent_before_known": {"state": State.SENT},
}


@pytest.mark.parametrize("name", BROKEN_ROWS)
def test_the_database_refuses_a_broken_transfer(anna, source, target, name):
    made = place(order(source, target), anna)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Transfer.objects.filter(pk=made.pk).update(**BROKEN_ROWS[name])


def test_the_database_refuses_a_transfer_to_the_same_account(anna, source, target):
    made = place(order(source, target), anna)
    with pytest.raises(IntegrityError, match="transfer_between_two_accounts"), transaction.atomic():
        Transfer.objects.filter(pk=made.pk).update(to_account=source)


def test_the_database_knows_a_key_once(anna, source, target):
    made = place(order(source, target), anna)
    twin = Transfer.objects.get(pk=made.pk)
    twin.pk, twin.reference = None, "FH-00000000"
    with pytest.raises(ValidationError, match="уже есть"):
        twin.validate_constraints()
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


# Races


def at_once(count, act):
    """Run `act(number)` in so many threads that start together; their results."""
    start = Barrier(count)

    def run(number):
        start.wait()
        try:
            return act(number)
        except DomainError as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


@pytest.fixture
def shared(transactional_db):
    user = User.objects.create_user("carla", None)
    bank = ConnectionFactory(user=user)
    return user, AccountFactory(connection=bank), AccountFactory(connection=bank)


def test_forty_parallel_transfers_of_a_hundred_from_a_thousand_are_ten(shared):
    user, source, target = shared
    results = at_once(
        40, lambda number: place(order(source, target, key=f"key-{number}"), user, timezone.now()).state
    )
    assert sorted(results) == ["created"] * 10 + ["insufficient_funds"] * 30
    assert sum(made.amount for made in Transfer.objects.all()) == Decimal("1000")
    assert transfer_orders.spendable(source) == 0
    assert AuditEvent.objects.count() == 10


def test_the_same_order_in_twenty_threads_is_one_transfer(shared):
    user, source, target = shared
    made = at_once(20, lambda _number: place(order(source, target), user, timezone.now()).pk)
    assert len(set(made)) == Transfer.objects.count() == 1


def test_transfers_to_and_fro_do_not_lock_each_other_out(shared):
    user, one, other = shared
    results = at_once(
        20,
        lambda number: (
            place(
                order(*((one, other) if number % 2 else (other, one)), key=f"key-{number}"),
                user,
                timezone.now(),
            ).state
        ),
    )
    assert results == ["created"] * 20
