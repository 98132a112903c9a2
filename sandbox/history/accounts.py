"""Which accounts and cards a client has, and in which of the three banks."""

from dataclasses import dataclass
from datetime import date, timedelta

from sandbox.history.people import Person
from sandbox.history.seeds import stable_hash, stable_hex, stream

KOPECKS = 100
_SLOTS_PER_CLIENT = 10
_CURRENCY_DIGITS = {"RUB": "810", "USD": "840", "EUR": "978", "CNY": "156"}
_NUMBER_PREFIX = {
    "checking": "40817",
    "credit_card": "40817",
    "savings": "42301",
    "deposit": "423",
    "loan": "455",
}
_CURRENCY_NAMES = {"USD": "Счёт в долларах", "EUR": "Счёт в евро", "CNY": "Счёт в юанях"}


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """One account; amounts in kopecks (or cents), a debt is negative."""

    key: str
    bank: str
    ordinal: int
    number: str
    kind: str
    currency: str
    name: str
    opened_on: date
    closed_on: date | None
    opening_balance: int
    credit_limit: int | None


@dataclass(frozen=True, slots=True)
class CardPlan:
    """One plastic or virtual card of an account."""

    card_id: str
    account_key: str
    last_four: str
    kind: str
    name: str
    status: str
    daily_limit: int | None
    monthly_limit: int | None
    issued_on: date
    expires_on: date


@dataclass(frozen=True, slots=True)
class LoanTerms:
    """The annuity of the client's loan."""

    principal: int
    yearly_percent: float
    monthly_payment: int


def history_start(today: date) -> date:
    """Return the first day kept: three whole calendar years and the present one, so it moves once a year."""
    return date(today.year - 3, 1, 1)


def client_index(ordinal: int) -> int:
    """Return the number of the client who owns the account with this ordinal."""
    return (ordinal - 1) // _SLOTS_PER_CLIENT


def loan_terms(person: Person) -> LoanTerms:
    """Return a mortgage for those who own their home, a consumer loan for the others."""
    rate, months = (9.1, 216) if person.owns_home else (13.9, 84)
    share = 0.24 if person.owns_home else 0.10
    payment = round(person.salary_2023 * share / 100) * 100
    monthly = rate / 1200
    principal = payment * (1 - (1 + monthly) ** -months) / monthly
    return LoanTerms(round(principal / 1000) * 1000 * KOPECKS, rate, payment * KOPECKS)


def account_plans(person: Person, start: date) -> tuple[AccountPlan, ...]:
    """List the client's accounts; the salary bank comes first."""
    salary_bank, card_bank, deposit_bank = person.banks
    pay = person.salary_2023 * KOPECKS
    loan = loan_terms(person)
    limit = max(100_000, round(person.salary_2023 * 1.6 / 10_000) * 10_000) * KOPECKS
    deposit_opening = round(pay * 2.2 / 100_000) * 100_000
    loan_name = "Ипотека" if person.owns_home else "Кредит наличными"
    currency = person.foreign_currency
    plan = _Planner(person, start)
    return (
        plan.account("salary", salary_bank, "checking", "Зарплатный счёт", pay * 6 // 10),
        plan.account("savings", salary_bank, "savings", "Накопительный счёт", pay * 9 // 10),
        plan.account("household", card_bank, "checking", "Счёт на каждый день", pay // 4),
        plan.account("credit", card_bank, "credit_card", "Кредитная карта", -pay // 12, limit=limit),
        plan.account(
            "currency", card_bank, "checking", _CURRENCY_NAMES[currency], 140_000, currency=currency
        ),
        plan.account("spare", deposit_bank, "checking", "Текущий счёт", pay // 5),
        plan.account("deposit", deposit_bank, "deposit", "Вклад «Надёжный»", deposit_opening),
        plan.account("loan", deposit_bank, "loan", loan_name, -loan.principal),
        plan.account(
            "old-savings",
            deposit_bank,
            "savings",
            "Копилка",
            pay // 3,
            closed_on=start + timedelta(days=660 + person.index % 28),
        ),
    )


def card_plans(person: Person, accounts: tuple[AccountPlan, ...], start: date) -> tuple[CardPlan, ...]:
    """List the client's cards: one per everyday account, a credit card and an old blocked one."""
    by_key = {account.key: account for account in accounts}
    limit = by_key["credit"].credit_limit
    return (
        _card(person, "salary", "debit", "МИР Золотая", start, limits=(100_000, 500_000)),
        _card(person, "household", "debit", "МИР Повседневная", start, limits=(60_000, 300_000)),
        _card(
            person, "household", "debit", "МИР Виртуальная", start, limits=(15_000, 50_000), status="blocked"
        ),
        _card(
            person,
            "credit",
            "credit",
            "Кредитная «120 дней»",
            start,
            limits=(50_000, (limit or 0) // KOPECKS),
        ),
        _card(person, "spare", "debit", "МИР Классическая", start, limits=None),
    )


@dataclass(frozen=True, slots=True)
class _Planner:
    person: Person
    start: date

    def account(
        self,
        key: str,
        bank: str,
        kind: str,
        name: str,
        opening: int,
        *,
        currency: str = "RUB",
        limit: int | None = None,
        closed_on: date | None = None,
    ) -> AccountPlan:
        slot = _SLOTS.index(key)
        age = stable_hash("opened", self.person.client_id, key) % 900
        return AccountPlan(
            key=key,
            bank=bank,
            ordinal=self.person.index * _SLOTS_PER_CLIENT + slot + 1,
            number=_number(self.person.client_id, key, bank, kind, currency),
            kind=kind,
            currency=currency,
            name=name,
            opened_on=self.start - timedelta(days=30 + age),
            closed_on=closed_on,
            opening_balance=opening // KOPECKS * KOPECKS,
            credit_limit=limit,
        )


_SLOTS = ("salary", "savings", "household", "credit", "currency", "spare", "deposit", "loan", "old-savings")


def _number(client_id: str, key: str, bank: str, kind: str, currency: str) -> str:
    """Make an account number: 20 digits in one bank, 19 or 18 characters with letters in the others."""
    prefix = _NUMBER_PREFIX[kind]
    if bank == "sbank" and currency == "RUB":
        return prefix[:3] + stable_hex("number", client_id, key, length=15)
    length = 19 if bank == "abank" else 20
    digits = str(stable_hash("number", client_id, key)).zfill(20)
    return (prefix + _CURRENCY_DIGITS[currency] + digits)[: length - 4] + digits[-4:]


def _card(
    person: Person,
    key: str,
    kind: str,
    name: str,
    start: date,
    *,
    limits: tuple[int, int] | None,
    status: str = "active",
) -> CardPlan:
    rng = stream("card", person.client_id, key, name)
    issued = start + timedelta(days=rng.randrange(30, 200))
    daily, monthly = limits or (None, None)
    return CardPlan(
        card_id="card-" + stable_hex("card", person.client_id, key, name),
        account_key=key,
        last_four=f"{rng.randrange(10_000):04d}",
        kind=kind,
        name=name,
        status=status,
        daily_limit=daily and daily * KOPECKS,
        monthly_limit=monthly and monthly * KOPECKS,
        issued_on=issued,
        expires_on=date(issued.year + 8, issued.month, 1),
    )
