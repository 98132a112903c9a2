"""The invented lives: stable, plausible, complete, moving on with the calendar."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest

from sandbox.history import days
from sandbox.history.accounts import account_plans, history_start, loan_terms
from sandbox.history.ledger import household, statement
from sandbox.history.merchants import HABITS
from sandbox.history.people import BANK_CODES, person
from sandbox.history.schedule import exchange_rate

TODAY = date(2026, 10, 15)
TEAM = range(1, 11)
KOPECKS = 100
KNOWN_DAY = [
    ("tx-bc14d7fc4d34", -800000, "Перевод на счет 40817810049236921904: Перевод между своими счетами"),
    ("tx-e7b349b9bcdf", 800000, "Перевод от счета 42301810018042921526: Перевод между своими счетами"),
    ("tx-63c3cccc739a", -4600000, "Аренда квартиры"),
]
OVERDRAFT = -10_000 * KOPECKS


@pytest.fixture(scope="module")
def lives():
    """Household and rows of the ten clients of the team, lived once."""
    told = {}
    for index in TEAM:
        home = household(client_id=f"team075-{index}", index=index, start=history_start(TODAY))
        told[index] = (home, list(statement(home, since=home.start, until=TODAY)))
    return told


def moved(rows):
    return [row for row in rows if row.status == "completed"]


def test_same_client_and_day_give_the_same_rows():
    home = household(client_id="team075-3", index=3, start=date(2025, 1, 1))
    once, again = (list(statement(home, since=home.start, until=date(2025, 4, 1))) for _ in range(2))

    assert len(once) > 150
    assert once == again


def test_told_in_two_parts_is_the_same_as_told_at_once():
    home = household(client_id="team075-2", index=2, start=date(2025, 1, 1))
    middle = date(2025, 6, 17)
    parts = [
        *statement(home, since=home.start, until=middle),
        *statement(home, since=middle, until=date(2025, 9, 1)),
    ]

    assert parts == list(statement(home, since=home.start, until=date(2025, 9, 1)))


def test_known_rows_never_change():
    """Guards against Python's own `hash` and set order, which differ from process to process."""
    home = household(client_id="team075-1", index=1, start=date(2024, 1, 1))
    day = statement(home, since=date(2024, 3, 6), until=date(2024, 3, 7))

    assert [(row.tx_id, row.amount, row.text) for row in day] == KNOWN_DAY


@pytest.mark.parametrize("index", TEAM)
def test_history_is_three_years_of_an_active_life(lives, index):
    home, rows = lives[index]
    months = Counter((row.day.year, row.day.month) for row in rows if row.status != "pending")
    whole = [count for month, count in months.items() if month != (TODAY.year, TODAY.month)]

    assert home.start <= TODAY - timedelta(days=3 * 365)
    assert min(whole) >= 50
    assert max(whole) <= 130
    assert 60 <= sum(whole) / len(whole) <= 110


@pytest.mark.parametrize("index", TEAM)
def test_every_kind_of_account_is_there_in_three_banks(lives, index):
    home, _ = lives[index]
    kinds = {plan.kind for plan in home.accounts if plan.closed_on is None}

    assert kinds == {"checking", "savings", "deposit", "credit_card", "loan"}
    assert {plan.bank for plan in home.accounts} == set(BANK_CODES)
    assert sum(plan.currency in {"USD", "EUR", "CNY"} for plan in home.accounts) == 1
    assert sum(plan.closed_on is not None and plan.closed_on < TODAY for plan in home.accounts) == 1


@pytest.mark.parametrize("index", TEAM)
def test_balances_stay_plausible_every_day(lives, index):
    home, rows = lives[index]
    balances = {plan.key: plan.opening_balance for plan in home.accounts}
    limits = {plan.key: plan.credit_limit for plan in home.accounts}
    for row in sorted(moved(rows), key=lambda row: row.at):
        balances[row.account] += row.amount
        if row.account == "loan":
            assert balances["loan"] <= 0
        else:
            assert balances[row.account] >= OVERDRAFT - (limits[row.account] or 0)
    assert balances["old-savings"] == 0
    assert -(limits["credit"] or 0) < balances["credit"] <= 0


@pytest.mark.parametrize("index", TEAM)
def test_loan_gets_smaller_every_month(lives, index):
    home, rows = lives[index]
    paid = sum(row.amount for row in rows if row.account == "loan")

    assert paid > 0
    assert loan_terms(home.person).principal > paid


@pytest.mark.parametrize("index", TEAM)
def test_own_transfers_appear_on_both_sides(lives, index):
    home, rows = lives[index]
    numbers = {plan.key: plan.number for plan in home.accounts}
    arrivals = defaultdict(list)
    for row in rows:
        if row.amount > 0 and row.counterparty == home.person.name:
            arrivals[row.amount].append(row)
    sent = [row for row in rows if row.amount < 0 and row.counterparty == home.person.name]

    assert len(sent) > 200
    for row in sent:
        near = [other for other in arrivals[-row.amount] if 0 <= other.at - row.at <= 2400]
        assert any(other.account != row.account for other in near)
        if "на счет" in row.text:
            assert any(numbers[other.account] in row.text for other in near)


def test_transfers_between_banks_and_inside_one_have_the_banks_texts(lives):
    _, rows = lives[1]
    texts = [row.text for row in rows]

    assert any(text.startswith("Перевод на счет 4") for text in texts)
    assert any(text.startswith("Перевод от счета 4") for text in texts)
    assert any(text.startswith("Межбанковский перевод в abank на счет 4") for text in texts)
    assert any(text.startswith("Пополнение депозита 423") for text in texts)


@pytest.mark.parametrize("index", TEAM)
def test_pay_comes_twice_a_month_and_never_on_a_day_off(lives, index):
    _, rows = lives[index]
    pay = [
        row
        for row in rows
        if row.counterparty and row.text in {"Аванс", "Заработная плата", "Зарплата", "💼 Зарплата"}
    ]
    months = Counter((row.day.year, row.day.month) for row in pay)

    assert all(days.is_working_day(row.day) for row in pay)
    assert len(pay) / len(months) == pytest.approx(2, abs=0.1)


def test_everything_that_banks_show_is_there(lives):
    rows = [row for _, life in lives.values() for row in life]
    mcc = {row.merchant.mcc for row in rows if row.merchant}
    statuses = {row.status for row in rows}

    assert len(mcc) >= 25
    assert statuses == {"completed", "pending", "declined"}
    assert any(row.text == "" for row in rows)
    assert any(row.text.startswith("🚌") for row in rows)
    assert any(row.text.startswith("Возврат ") and row.amount > 0 for row in rows)
    assert any("ATM" in row.text and row.amount < 0 for row in rows)
    assert any(row.text.startswith("Комиссия") for row in rows)
    assert any("YANDEX*PLUS" in row.text for row in rows)


def test_subscription_price_rises_once(lives):
    prices = {
        (row.day.year, row.day.month): -row.amount
        for _, life in lives.values()
        for row in life
        if row.text == "YANDEX*PLUS" and row.status == "completed"
    }

    assert prices[2025, 8] == 299 * KOPECKS
    assert prices[2025, 9] == 449 * KOPECKS
    assert len(set(prices.values())) == 2


def test_two_equal_purchases_in_a_row_happen(lives):
    seen = Counter(
        (row.day, row.account, row.amount, row.text)
        for row in lives[1][1]
        if row.status == "completed" and row.merchant
    )

    assert max(seen.values()) >= 2


def test_pending_settles_within_three_days_under_its_own_or_a_new_id(lives):
    rows = lives[1][1]
    booked = defaultdict(list)
    for row in rows:
        if row.status == "completed":
            booked[row.account, row.shown_from].append(row)
    outcome = Counter()
    for pending in (row for row in rows if row.status == "pending"):
        followers = [
            row
            for row in booked[pending.account, pending.shown_until]
            if (row.text == pending.text and row.shown_from != row.at) or row.at == pending.shown_until
        ]
        same = [row for row in followers if row.tx_id == pending.tx_id]
        outcome["same" if same else "new" if followers else "never"] += 1
        assert timedelta(0) < timedelta(seconds=pending.shown_until - pending.at) <= timedelta(days=4)

    assert outcome["same"] > outcome["new"] > outcome["never"] > 0


def test_closed_account_stops(lives):
    home, rows = lives[1]
    closed_on = next(plan.closed_on for plan in home.accounts if plan.key == "old-savings")

    assert max(row.day for row in rows if row.account == "old-savings") == closed_on


def test_account_numbers_have_letters_and_different_lengths():
    numbers = [
        plan.number
        for index in TEAM
        for plan in account_plans(person(client_id=f"team075-{index}", index=index), history_start(TODAY))
    ]

    assert {len(number) for number in numbers} == {18, 19, 20}
    assert any(not number.isdigit() for number in numbers)
    assert len(set(numbers)) == len(numbers)


def test_pay_due_on_a_holiday_comes_on_the_working_day_before():
    paydays = [
        day for day in days.days_between(date(2026, 5, 1), date(2026, 6, 1)) if days.falls_on_payday(day, 10)
    ]

    assert paydays == [date(2026, 5, 8)]


def test_pay_due_on_the_thirtieth_comes_in_february():
    paydays = [
        day for day in days.days_between(date(2026, 2, 1), date(2026, 3, 1)) if days.falls_on_payday(day, 30)
    ]

    assert paydays == [date(2026, 2, 27)]


def test_rates_and_habits_are_sane():
    assert 60 < exchange_rate("USD", TODAY) < 130
    assert sum(habit.per_month for habit in HABITS) > 40
