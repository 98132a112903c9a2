"""The dated part of a life: pay, home, bills, subscriptions, interest, moving money about."""

import math
from collections.abc import Iterator
from datetime import date
from random import Random

from sandbox.history.accounts import AccountPlan
from sandbox.history.days import clock_time, falls_on, falls_on_payday, moment
from sandbox.history.intents import (
    Bill,
    CardPayment,
    CloseAccount,
    Exchange,
    Income,
    Intent,
    Interest,
    LoanPayment,
    OwnTransfer,
    Purchase,
    Sweep,
    TopUp,
)
from sandbox.history.merchants import SUBSCRIPTIONS, Merchant
from sandbox.history.people import Person
from sandbox.history.seeds import stable_hash

KOPECKS = 100
_FRIENDS = ("Мария К.", "Андрей С.", "Ольга Викторовна П.", "Никита Д.", "Светлана Ю.", "Роман Т.")
_RATES_2023 = {"USD": 84.0, "EUR": 91.0, "CNY": 11.8}
_SHORT_YEAR_DAYS = 365.25
_MOBILE = Merchant("МТС", "4814", "telecom", 0, 0, 0, ("MTS MOBILE", "МТС"))
_INTERNET = Merchant("Ростелеком", "4814", "telecom", 0, 0, 0, ("ROSTELECOM", "Домашний интернет"))


def price_index(day: date) -> float:
    """Return how much dearer things are than at the beginning of 2023."""
    return 1.075 ** ((day - date(2023, 1, 1)).days / _SHORT_YEAR_DAYS)


def exchange_rate(currency: str, day: date) -> float:
    """Return a smooth invented rate to the rouble."""
    drift = (day - date(2023, 1, 1)).days / _SHORT_YEAR_DAYS
    wave = 1 + 0.05 * math.sin(drift * 2.6) + 0.02 * math.sin(drift * 11)
    return round(_RATES_2023[currency] * (1 + 0.03 * drift) * wave, 2)


def dated_intents(person: Person, day: date, rng: Random, closing: AccountPlan) -> Iterator[Intent]:
    """Yield what the calendar brings on the day."""
    yield from _pay(person, day, rng)
    yield from _side_income(person, day, rng)
    yield from _home(person, day, rng)
    yield from _subscriptions(person, day)
    yield from _yearly(person, day)
    yield from _bank_days(person, day)
    yield from _moving_money(person, day, rng)
    yield from _people(person, day, rng)
    if closing.closed_on == day:
        yield CloseAccount(moment(day, clock_time(11, 40)), closing.key, "spare")


def _pay(person: Person, day: date, rng: Random) -> Iterator[Intent]:
    month = person.raised_salary(day) * KOPECKS
    at = moment(day, clock_time(9, rng.randrange(10, 59), rng.randrange(60)))
    if falls_on_payday(day, person.advance_day):
        yield Income(at, "salary", month * 40 // 100, "Аванс", person.employer)
    if falls_on_payday(day, person.salary_day):
        text = rng.choice(("Заработная плата", "Зарплата", "💼 Зарплата"))
        yield Income(at, "salary", month - month * 40 // 100, text, person.employer)
    if day.month == 12 and falls_on_payday(day, 26):
        yield Income(at + 600, "salary", month * 60 // 100, "Премия по итогам года", person.employer)


def _side_income(person: Person, day: date, rng: Random) -> Iterator[Intent]:
    at = moment(day, clock_time(12, rng.randrange(60), rng.randrange(60)))
    index = price_index(day)
    if person.side_income == "freelance" and rng.random() < 0.05:
        amount = round(rng.randrange(8_000, 32_000) * index / 500) * 500
        yield Income(
            at, "household", amount * KOPECKS, "Оплата по договору оказания услуг", "ИП Громов А. В."
        )
    elif person.side_income == "benefit" and falls_on(day, 3):
        yield Income(at, "spare", round(9_800 * index) * KOPECKS, "Единое пособие", "СФР")
    elif person.side_income == "rent" and falls_on(day, 8):
        amount = round(21_000 * index / 1000) * 1000
        yield Income(at, "spare", amount * KOPECKS, "Аренда гаража и студии", "Игорь Валентинович М.")
    elif person.side_income == "pension" and falls_on(day, 12):
        yield Income(at, "spare", round(23_400 * index) * KOPECKS, "Пенсия", "СФР")


def _home(person: Person, day: date, rng: Random) -> Iterator[Intent]:
    index = price_index(day)
    if not person.owns_home and falls_on(day, 6):
        rent = round(person.salary_2023 * 0.27 * index**0.8 / 1000) * 1000
        at = moment(day, clock_time(10, 5))
        yield Bill(at, "salary", rent * KOPECKS, "Аренда квартиры", counterparty="Татьяна Николаевна Б.")
    if falls_on(day, 11):
        season = 1.35 if day.month in {11, 12, 1, 2, 3} else 1.0
        amount = round(4_700 * person.scale**0.3 * index * season * KOPECKS * (0.95 + rng.random() / 10))
        yield Bill(
            moment(day, clock_time(19, 20)), "household", amount, "ЖКУ Квартплата", counterparty="МосОблЕИРЦ"
        )
    if falls_on(day, 18):
        amount = round((620 + 420 * rng.random()) * index * KOPECKS)
        yield Bill(
            moment(day, clock_time(19, 32)), "household", amount, "Электроэнергия", counterparty="Энергосбыт"
        )
    if falls_on(day, 14):
        amount = round(590 * index / 10) * 10 * KOPECKS
        at = moment(day, clock_time(8, 3))
        yield Purchase(at, "salary", _MOBILE, amount, _MOBILE.texts[person.index % 2])
    if falls_on(day, 16):
        amount = round(690 * index / 10) * 10 * KOPECKS
        at = moment(day, clock_time(8, 4))
        yield Purchase(at, "spare", _INTERNET, amount, _INTERNET.texts[person.index % 2])


def _subscriptions(person: Person, day: date) -> Iterator[Intent]:
    for number, plan in enumerate(SUBSCRIPTIONS):
        wanted = (person.index + number) % len(SUBSCRIPTIONS) < 3
        if not wanted or not falls_on(day, plan.day_of_month):
            continue
        price = plan.raised_price if (day.year, day.month) >= plan.raised_from else plan.price
        account = "credit" if number % 2 else "salary"
        text = plan.merchant.texts[0].format(town=person.latin_town)
        at = moment(day, clock_time(6, 10 + number))
        yield Purchase(at, account, plan.merchant, price * KOPECKS, text)


def _yearly(person: Person, day: date) -> Iterator[Intent]:
    index = price_index(day)
    anchor = stable_hash("yearly", person.client_id) % 28 + 1
    at = moment(day, clock_time(13, 15))
    if person.has_car and (day.month, day.day) == (4, anchor):
        amount = round(9_400 * index) * KOPECKS
        yield Bill(at, "salary", amount, "Полис ОСАГО", counterparty="АО «СК Опора»")
    if person.owns_home and (day.month, day.day) == (9, anchor):
        amount = round(6_800 * index) * KOPECKS
        yield Bill(at, "salary", amount, "Страхование имущества", counterparty="АО «СК Опора»")
    if (day.month, day.day) == (11, 20):
        amount = round(2_300 * index * (2 if person.has_car else 1)) * KOPECKS
        yield Bill(
            at, "spare", amount, "Налог на имущество и транспорт", counterparty="Казначейство России (ФНС)"
        )
    if (day.month, day.day) == (6, anchor) and person.owns_home:
        yield Income(at, "salary", 65_000 * KOPECKS, "Возврат НДФЛ, имущественный вычет", "УФК (ФНС)")


def _bank_days(person: Person, day: date) -> Iterator[Intent]:
    if falls_on(day, 1):
        yield Interest(moment(day, clock_time(3, 10)), "savings", 9.0, "Проценты на остаток")
        yield Interest(moment(day, clock_time(3, 10)), "old-savings", 5.0, "Проценты на остаток")
        yield Interest(moment(day, clock_time(3, 12)), "deposit", 8.5, "Выплата процентов по вкладу")
    if falls_on(day, 28):
        fee = 99 * KOPECKS
        at = moment(day, clock_time(4, 30))
        yield Bill(at, "household", fee, "Комиссия за СМС-информирование")
    if falls_on(day, 27):
        amount = (140 + stable_hash("cashback", person.client_id, day) % 900) * KOPECKS
        yield Income(moment(day, clock_time(5, 0)), "salary", amount, "Кэшбэк по карте", None)
    if falls_on(day, 12):
        yield LoanPayment(moment(day, clock_time(8, 0)))
    if falls_on(day, 25):
        yield CardPayment(moment(day, clock_time(18, 45)))


def _moving_money(person: Person, day: date, rng: Random) -> Iterator[Intent]:
    month = person.raised_salary(day) * KOPECKS
    minute = rng.randrange(60)
    if falls_on_payday(day, person.salary_day):
        noon = clock_time(12, minute)
        spare = person.salary_2023 * KOPECKS * (32 if person.owns_home else 18) // 100
        yield TopUp(
            moment(day, noon), "salary", "household", month * 30 // 100, "Перевод между своими счетами"
        )
        yield TopUp(moment(day, noon + 240), "salary", "spare", spare, "Перевод между своими счетами")
        yield Sweep(moment(day, noon + 900), "salary", "savings", month * 75 // 100, "В накопления")
        yield Sweep(moment(day, noon + 1200), "household", "spare", month * 60 // 100, "Перевод на вклад")
    if falls_on_payday(day, person.advance_day):
        yield TopUp(
            moment(day, clock_time(13, minute)), "salary", "household", month * 22 // 100, "На расходы"
        )
    if day.month in {2, 8} and falls_on(day, 17):
        yield Sweep(moment(day, clock_time(20, 0)), "savings", "spare", month * 2, "На вклад")
        yield Sweep(
            moment(day, clock_time(21, 30)), "spare", "deposit", month * 25 // 100, "Пополнение вклада"
        )
    if day.month % 3 == 0 and falls_on(day, 22):
        at = moment(day, clock_time(20, minute))
        amount = rng.randrange(3, 9) * 1_000 * KOPECKS
        yield OwnTransfer(at, "spare", "deposit", amount, "Пополнение вклада")
    if rng.random() < 0.03:
        at = moment(day, clock_time(21, minute))
        yield OwnTransfer(at, "spare", "old-savings", rng.randrange(1, 4) * 1_000 * KOPECKS, "В копилку")
    if day.month % 3 == 1 and falls_on(day, 19):
        units = {"USD": 150, "EUR": 140, "CNY": 1000}[person.foreign_currency]
        rate = exchange_rate(person.foreign_currency, day)
        yield Exchange(moment(day, clock_time(14, minute)), units * KOPECKS, rate)


def _people(person: Person, day: date, rng: Random) -> Iterator[Intent]:
    at = moment(day, clock_time(rng.randrange(11, 23), rng.randrange(60), rng.randrange(60)))
    friend = _FRIENDS[rng.randrange(len(_FRIENDS))]
    draw = rng.random()
    if draw < 0.055:
        amount = rng.choice((300, 500, 700, 1000, 1500, 2000, 3000, 5000)) * KOPECKS
        yield Bill(at, "salary", amount, f"Перевод по СБП. {friend}", code="02", counterparty=friend)
    elif draw < 0.09:
        amount = rng.choice((250, 500, 650, 1000, 1200, 2500)) * KOPECKS
        yield Income(at, "household", amount, f"Перевод по СБП от {friend}", friend)
    elif draw < 0.096:
        yield Income(at, "spare", rng.randrange(2, 12) * 1_000 * KOPECKS, "Внесение наличных ATM 60012", None)
    elif draw < 0.103:
        yield Income(at, "household", rng.randrange(1, 9) * 500 * KOPECKS, "💰 Подработка/Бонус", friend)
