"""Runs a life day by day: puts intents on accounts while there is money, with both sides of each transfer."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sandbox.history.accounts import AccountPlan, LoanTerms, account_plans, loan_terms
from sandbox.history.days import DAY_SECONDS, clock_time, days_between, moment
from sandbox.history.entries import Entry, settled_id
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
    Refund,
    Sweep,
    TopUp,
)
from sandbox.history.merchants import Merchant
from sandbox.history.people import Person, person
from sandbox.history.schedule import dated_intents
from sandbox.history.seeds import stable_hex, stream
from sandbox.history.spending import bought_today

KOPECKS = 100
_FLOOR = 1_500 * KOPECKS
_ROUND = 500 * KOPECKS
_LARGE = 3_000 * KOPECKS
_SOURCES = {"salary": ("savings",), "household": ("salary", "savings"), "spare": ("salary", "savings")}
_CARD_ACCOUNTS = frozenset({"salary", "household", "credit", "spare"})
_PENDING_FIRST = 0.6
_CANCELLED = 0.012
_NEW_ID = 0.45
_AMOUNT_DIFFERS = 0.15


@dataclass(frozen=True, slots=True)
class Household:
    """A client with the accounts as they stood on the first day kept."""

    person: Person
    start: date
    accounts: tuple[AccountPlan, ...]


def household(*, client_id: str, index: int, start: date) -> Household:
    """Describe the client and the accounts."""
    owner = person(client_id=client_id, index=index)
    return Household(owner, start, account_plans(owner, start))


def statement(home: Household, *, since: date, until: date) -> Iterator[Entry]:
    """Yield the rows that arise on the days [since, until); the life before is lived but not told."""
    ledger = _Ledger(home)
    for day in days_between(home.start, until):
        entries = ledger.live(day)
        if day >= since:
            yield from entries


class _Ledger:
    """The balances while a life is lived."""

    def __init__(self, home: Household) -> None:
        self.person = home.person
        self.plans = {plan.key: plan for plan in home.accounts}
        self.loan: LoanTerms = loan_terms(home.person)
        self.balances = {plan.key: plan.opening_balance for plan in home.accounts}
        self.closed: set[str] = set()
        self.refunds: dict[date, list[Refund]] = {}
        self.reserve = self.person.salary_2023 * KOPECKS // 2
        self.day = home.start
        self.entries: list[Entry] = []
        self.rng = stream("day", self.person.client_id, self.day)

    def live(self, day: date) -> list[Entry]:
        self.day, self.entries = day, []
        client_id = self.person.client_id
        intents: list[Intent] = list(self.refunds.pop(day, ()))
        dated = stream("dated", client_id, day)
        intents.extend(dated_intents(self.person, day, dated, self.plans["old-savings"]))
        intents.extend(bought_today(self.person, day, stream("bought", client_id, day)))
        intents.sort(key=lambda intent: intent.at)
        self.rng = stream("day", client_id, day)
        for intent in intents:
            self._apply(intent)
        return self.entries

    def _apply(self, intent: Intent) -> None:
        match intent:
            case Purchase():
                self._purchase(intent)
            case Refund():
                self._refund(intent)
            case Bill():
                self._bill(intent)
            case Income():
                self._income(intent)
            case Interest():
                self._interest(intent)
            case OwnTransfer():
                self._own_transfer(intent)
            case TopUp():
                self._top_up(intent)
            case Sweep():
                self._sweep(intent)
            case CardPayment():
                self._card_payment(intent)
            case LoanPayment():
                self._loan_payment(intent)
            case Exchange():
                self._exchange(intent)
            case CloseAccount():
                self._close(intent)

    # Rows

    def _post(self, entry: Entry) -> None:
        self.entries.append(entry)
        if entry.status != "declined":
            self.balances[entry.account] += entry.amount

    def _entry(
        self,
        account: str,
        at: int,
        amount: int,
        text: str,
        code: str,
        *,
        counterparty: str | None = None,
        merchant: Merchant | None = None,
        card: str | None = None,
    ) -> Entry:
        tx_id = "tx-" + stable_hex("tx", self.person.client_id, self.day, len(self.entries))
        return Entry(
            day=self.day,
            account=account,
            tx_id=tx_id,
            at=at,
            amount=amount,
            status="completed",
            text=text,
            code=code,
            shown_from=at,
            merchant=merchant,
            card=card,
            counterparty=counterparty,
        )

    def _available(self, account: str) -> int:
        return self.balances[account] + (self.plans[account].credit_limit or 0)

    # Money from and to the world

    def _income(self, intent: Income) -> None:
        code = "ReceivedCreditTransfer"
        row = self._entry(
            intent.account, intent.at, intent.amount, intent.text, code, counterparty=intent.counterparty
        )
        self._post(row)

    def _bill(self, intent: Bill) -> None:
        if not self._fund(intent.account, intent.amount, intent.at):
            return
        row = self._entry(
            intent.account,
            intent.at,
            -intent.amount,
            intent.text,
            intent.code,
            counterparty=intent.counterparty,
        )
        self._post(row)

    def _purchase(self, intent: Purchase) -> None:
        if self._postponed(intent):
            return
        funded = self._fund(intent.account, intent.amount, intent.at)
        if intent.declined_first or not funded:
            self._post(replace(self._shop_row(intent, intent.at - 50, -intent.amount), status="declined"))
        if not funded:
            return
        self._post_settling(self._shop_row(intent, intent.at, -intent.amount))
        if intent.twice:
            self._post(self._shop_row(intent, intent.at + 40, -intent.amount))
        if intent.refund_after is not None:
            refund = Refund(intent.at + intent.refund_after * DAY_SECONDS, intent)
            self.refunds.setdefault(self.day + timedelta(days=intent.refund_after), []).append(refund)

    def _refund(self, intent: Refund) -> None:
        bought = intent.purchase
        back = self._shop_row(bought, intent.at, bought.amount)
        self._post(replace(back, text=f"Возврат {bought.text}".strip()))

    def _postponed(self, intent: Purchase) -> bool:
        """Tell whether a large purchase waits for better times: nothing is put by."""
        return intent.amount > _LARGE and self.balances["savings"] < self.reserve

    def _shop_row(self, intent: Purchase, at: int, amount: int) -> Entry:
        card = intent.account if intent.account in _CARD_ACCOUNTS else None
        return self._entry(intent.account, at, amount, intent.text, "01", merchant=intent.merchant, card=card)

    def _post_settling(self, row: Entry) -> None:
        """Post a card row: often it is pending for one to three days first, and now and then never booked."""
        if self.rng.random() >= _PENDING_FIRST:
            self._post(row)
            return
        settles = (
            moment(self.day, clock_time(2, self.rng.randrange(60))) + self.rng.randrange(1, 4) * DAY_SECONDS
        )
        pending = replace(row, status="pending", shown_until=settles)
        self.entries.append(pending)
        if self.rng.random() < _CANCELLED:
            return
        booked = replace(row, shown_from=settles)
        if self.rng.random() < _NEW_ID:
            booked = self._renamed(booked, settles)
        self._post(booked)

    def _renamed(self, booked: Entry, settles: int) -> Entry:
        """Give the settled row an id and a time of its own; fuel and taxi holds may differ by a little."""
        amount = booked.amount
        held = booked.merchant is not None and booked.merchant.category in {"gas_station", "taxi"}
        if held and self.rng.random() < _AMOUNT_DIFFERS:
            amount = amount * self.rng.randrange(92, 100) // 100
        return replace(booked, tx_id=settled_id(booked.tx_id), at=settles, amount=amount)

    def _interest(self, intent: Interest) -> None:
        if intent.account in self.closed or self.balances[intent.account] <= 0:
            return
        amount = int(self.balances[intent.account] * intent.yearly_percent / 1200)
        if amount > 0:
            self._post(self._entry(intent.account, intent.at, amount, intent.text, "ReceivedCreditTransfer"))

    # Money between own accounts

    def _fund(self, account: str, amount: int, at: int) -> bool:
        """Make sure that the account can pay: a current account that cannot is topped up from the others."""
        if self._available(account) - amount >= (0 if account in {"credit", "currency"} else _FLOOR):
            return True
        for source in _SOURCES.get(account, ()):
            missing = _rounded_up(amount + 4 * _FLOOR - self.balances[account])
            spare = self.balances[source] - (_FLOOR if source != "savings" else 0)
            if spare >= missing:
                self._move(at - 3600, source, account, missing, "Перевод между своими счетами")
                return True
        return False

    def _move(self, at: int, source: str, target: str, amount: int, comment: str) -> None:
        """Post both sides; between banks the money arrives some minutes later."""
        ours, theirs = self.plans[source], self.plans[target]
        same_bank = ours.bank == theirs.bank
        arrives = at if same_bank else at + self.rng.randrange(60, 2400)
        if not same_bank and self.rng.random() < 0.2:
            out_text, in_text = (
                f"Перевод по СБП себе в {theirs.bank}",
                f"Пополнение по СБП. {self.person.name}",
            )
        else:
            out_text = _outgoing_text(theirs, same_bank=same_bank, comment=comment)
            in_text = f"Перевод от счета {ours.number}: {comment}"
        self._post(self._entry(source, at, -amount, out_text, "02", counterparty=self.person.name))
        self._post(self._entry(target, arrives, amount, in_text, "02", counterparty=self.person.name))

    def _own_transfer(self, intent: OwnTransfer) -> None:
        if intent.target not in self.closed and self.balances[intent.source] - intent.amount > 4 * _FLOOR:
            self._move(intent.at, intent.source, intent.target, intent.amount, intent.comment)

    def _top_up(self, intent: TopUp) -> None:
        missing = _rounded_up(intent.level - self.balances[intent.target])
        affordable = (self.balances[intent.source] - 2 * _FLOOR) // _ROUND * _ROUND
        amount = min(missing, affordable)
        if amount > 0:
            self._move(intent.at, intent.source, intent.target, amount, intent.comment)

    def _sweep(self, intent: Sweep) -> None:
        amount = (self.balances[intent.source] - intent.keep) // _ROUND * _ROUND
        if amount > 0:
            self._move(intent.at, intent.source, intent.target, amount, intent.comment)

    def _card_payment(self, intent: CardPayment) -> None:
        used = -self.balances["credit"]
        if used <= 0:
            return
        amount = used if self._fund("household", used, intent.at) else used // 10
        if self.balances["household"] - amount < 0:
            return
        self._move(intent.at, "household", "credit", amount, "Погашение кредитной карты")

    def _loan_payment(self, intent: LoanPayment) -> None:
        debt = -self.balances["loan"]
        if debt <= 0:
            return
        interest = int(debt * self.loan.yearly_percent / 1200)
        payment = min(self.loan.monthly_payment, debt + interest)
        charge = self._entry(
            "loan", intent.at - 3600, -interest, "Начисление процентов по кредиту", "Interest"
        )
        self._post(charge)
        if self._fund("spare", payment, intent.at):
            self._move(intent.at, "spare", "loan", payment, "Платёж по кредиту")

    def _exchange(self, intent: Exchange) -> None:
        cost = int(intent.foreign_amount * intent.rate)
        if not self._fund("household", cost, intent.at):
            return
        currency = self.plans["currency"].currency
        bought = f"{intent.foreign_amount // KOPECKS}.00 {currency} по курсу {intent.rate:.2f}"
        self._post(self._entry("household", intent.at, -cost, f"Покупка валюты {bought}", "02"))
        self._post(
            self._entry("currency", intent.at, intent.foreign_amount, f"Покупка валюты {bought}", "02")
        )

    def _close(self, intent: CloseAccount) -> None:
        amount = self.balances[intent.account]
        if amount > 0:
            self._move(intent.at, intent.account, intent.target, amount, "Закрытие счета")
        self.closed.add(intent.account)


def _outgoing_text(target: AccountPlan, *, same_bank: bool, comment: str) -> str:
    if not same_bank:
        return f"Межбанковский перевод в {target.bank} на счет {target.number}: {comment}"
    if target.kind == "deposit":
        return f"Пополнение депозита {target.number}"
    return f"Перевод на счет {target.number}: {comment}"


def _rounded_up(amount: int) -> int:
    return -(-amount // _ROUND) * _ROUND
