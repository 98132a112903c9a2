"""The forecast of a person with rows: what it rests on, its record, and that all who show it agree."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from analytics import dashboard, forecasting, tasks, track_record
from analytics.forecast.outlook import OTHER_INCOMES, OUTWARD, UNSURE_INCOMES, UNSURE_PAYMENTS
from analytics.models import ForecastRecord, RecurringSeries, SeriesRow
from analytics.recurring import actions, keeping
from banking import ledger
from banking.blocks import Block
from banking.models import Account
from financehub.users.models import User
from tests.factories import (
    NOW,
    AccountFactory,
    DailyBalanceFactory,
    ManualAccountFactory,
    SeriesFactory,
    TransactionFactory,
    category,
    store_transactions,
)

TODAY = date(2025, 11, 9)


@pytest.fixture(autouse=True)
def at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def days(account: Account, count: int, amount: int = -300, slug: str = "cafe", step: int = 1) -> None:
    """The same row every `step` days, yesterday's first."""
    rows = [
        TransactionFactory.build(
            account=account,
            category=category(slug),
            amount=Decimal(amount),
            booked_at=NOW - timedelta(days=ago),
        )
        for ago in range(1, count + 1, step)
    ]
    store_transactions(account.user, rows)


def test_what_leaves_the_accounts_is_told_from_what_moves_between_them(anna: User, rubles: Account) -> None:
    savings = AccountFactory(connection=rubles.connection, kind=Account.Kind.SAVINGS)
    AccountFactory(connection=rubles.connection, kind=Account.Kind.DEPOSIT)
    days(rubles, 180)
    days(rubles, 180, 9000, "income-gift", step=30)
    days(rubles, 180, -5000, "transfer-own", step=30)
    days(savings, 180, 2000, "transfer-own", step=30)
    found = forecasting.known(user=anna, today=TODAY)
    assert (found.opening, found.accounts) == (2000, (rubles.pk, savings.pk))
    parts = {part.key: part.total for part in found.outlook(days=30).parts}
    assert parts == {"cafe": -9000, OTHER_INCOMES: 9000, OUTWARD: -3000}


def test_cash_kept_by_hand_is_spent_like_any_money(anna: User, rubles: Account) -> None:
    cash = ManualAccountFactory(user=anna, balance_booked=500, net_amount=500, balance_as_of=NOW)
    days(rubles, 180)
    before = forecasting.known(user=anna, today=TODAY)
    days(cash, 60, -100)
    after = forecasting.known(user=anna, today=TODAY)
    assert before.accounts == after.accounts == (rubles.pk, cash.pk)
    yesterday = TODAY - timedelta(days=1)
    spent = [sum(found.flows.spent[yesterday].values()) for found in (before, after)]
    assert (spent[1] - spent[0]).copy_abs() == 100


def test_excluded_rows_and_other_currencies_are_left_out(
    anna: User, rubles: Account, dollars: Account
) -> None:
    days(rubles, 60)
    before = forecasting.known(user=anna, today=TODAY).outlook(days=30)
    days(dollars, 60, -1000)
    TransactionFactory(account=rubles, amount=Decimal(-900), excluded=True)
    assert forecasting.known(user=anna, today=TODAY).outlook(days=30) == before


def test_without_an_account_to_spend_from_nothing_is_forecast(anna: User, dollars: Account) -> None:
    Account.objects.filter(currency="RUB").update(kind=Account.Kind.DEPOSIT)
    assert forecasting.known(user=anna, today=TODAY) is None
    track_record.store(user=anna, today=TODAY)
    assert not ForecastRecord.objects.exists()


def test_neither_habits_nor_payments_are_no_forecast(anna: User, rubles: Account) -> None:
    TransactionFactory(account=rubles, booked_at=NOW - timedelta(days=170))
    found = forecasting.known(user=anna, today=TODAY).outlook(days=30)
    assert (found.points, found.missing_days) == ((), 0)


def test_the_first_screen_sees_every_change(anna: User, rubles: Account) -> None:
    """Rows, balances, series, their names: what is kept is never older than what it rests on."""

    def shown() -> list[Block]:
        return dashboard.days_ahead(user=anna, today=TODAY, accounts=[rubles])

    def changed(deed: Callable[[], object]) -> bool:
        before = shown()
        assert shown() is not before == shown()
        deed()
        return shown() != before

    def balance() -> None:
        rubles.net_amount += 7

    def rent() -> None:
        for month in range(6, 11):
            TransactionFactory(
                account=rubles, amount=Decimal(-9000), booked_at=NOW.replace(month=month, day=12)
            )

    days(rubles, 70)
    assert changed(lambda: days(rubles, 70, -50, "groceries"))
    assert changed(balance)
    assert changed(rent)
    assert changed(lambda: keeping.refresh(user_id=anna.pk, today=TODAY))
    series = RecurringSeries.objects.get()
    assert changed(lambda: actions.rename(series=series, name="Гараж", now=NOW))
    assert changed(lambda: actions.confirm(series=series, now=NOW))
    assert changed(lambda: actions.dismiss(series=series, now=NOW))


def test_each_day_is_stored_once_and_compared_when_it_is_over(anna: User, rubles: Account) -> None:
    days(rubles, 70)
    for _ in range(2):
        tasks.store_forecasts.call_local()
        track_record.store(user=anna, today=TODAY)
    record = ForecastRecord.objects.get()  # 60 and 90 days need a longer history
    assert (record.days, record.target_on, record.amount) == (30, date(2025, 12, 9), 1000 - 9000)

    waiting = track_record.track_record(user=anna, days=30, today=TODAY)
    assert (waiting.total, waiting.next_on) == (0, record.target_on)

    DailyBalanceFactory(account=rubles, date=date(2025, 12, 1), amount=record.high + 1)
    later = record.target_on + timedelta(days=1)
    assert (
        track_record.track_record(user=anna, days=30, today=later).total == 0
    )  # the bank was not read since
    Account.objects.update(balance_as_of=NOW + timedelta(days=31))
    found = track_record.track_record(user=anna, days=30, today=later)
    assert [(one.actual, one.is_inside) for one in found.checks] == [(record.high + 1, False)]
    assert (found.inside, found.total, found.next_on) == (0, 1, None)


def test_what_recurs_is_expected_on_its_days_and_no_habit(anna: User, rubles: Account) -> None:
    days(rubles, 180)
    for month in range(5, 11):
        for day, amount, slug, text in [
            (10, -30_000, "housing", "Аренда квартиры"),
            (25, 90_000, "income-salary", "Заработная плата"),
        ]:
            TransactionFactory(
                account=rubles,
                booked_at=NOW.replace(month=month, day=day),
                amount=Decimal(amount),
                slug=slug,
                merchant_name=text,
                description=text,
            )
    keeping.refresh(user_id=anna.pk, today=TODAY)
    known = forecasting.known(user=anna, today=TODAY)
    found = known.outlook(days=30)
    assert [(one.day.day, one.amount) for one in found.items] == [(10, -30_000), (25, 90_000)]
    assert {part.key: part.total for part in found.parts} == {
        UNSURE_INCOMES: 90_000,
        UNSURE_PAYMENTS: -30_000,
        "cafe": -9000,
    }
    assert found.lowest.amount == 1000 - 30_000 - 15 * 300
    assert (known.left.expected, known.left.ahead, known.left.spent) == (90_000, 30_000, 8 * 300)


def test_a_book_by_hand_is_compared_without_a_reading(anna: User) -> None:
    """Nobody has to write anything down for what it holds to be known."""
    book = ManualAccountFactory(user=anna, kind=Account.Kind.CURRENT, opening_on=TODAY - timedelta(days=90))
    days(book, 70)
    ledger.settle(account=book, now=NOW)
    track_record.store(user=anna, today=TODAY)
    record = ForecastRecord.objects.get()
    found = track_record.track_record(user=anna, days=30, today=record.target_on + timedelta(days=1))
    assert [one.actual for one in found.checks] == [1000 - 70 * 300]


def test_a_payment_abroad_takes_nothing_off_the_ruble_habits(anna: User, rubles: Account) -> None:
    """A row of a ruble account may be in another currency."""
    days(rubles, 180)
    abroad = TransactionFactory(
        account=rubles, amount=Decimal(-80), currency="USD", slug="cafe", booked_at=NOW - timedelta(days=1)
    )
    series = SeriesFactory(user=anna, account=rubles, currency="USD", slug="cafe")
    before = forecasting.known(user=anna, today=TODAY).flows.spent
    SeriesRow.objects.create(series=series, transaction=abroad)
    assert forecasting.known(user=anna, today=TODAY).flows.spent == before
