"""Rows of transactions as lists print them: each cell formatted once, so that loops hold no filters."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from banking.categories import tables
from banking.models import Account, Category, Transaction
from banking.queries.accounts import HOME_CURRENCY
from banking.queries.transactions import TransactionPage, TransactionRow
from financehub import formats
from financehub.formats import escaped
from financehub.templatetags.ui import hue_step

if TYPE_CHECKING:
    from financehub.formats import Formats


@dataclass(frozen=True, slots=True)
class Pill:
    """A fact about a row that is not the rule."""

    label: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class RowCells:
    """A transaction in a list, every cell text that is escaped already."""

    pk: int
    key: str
    url: str
    category_url: str
    title: str
    icon: str
    hue: str
    category: str
    is_persons: bool
    account: str
    day: str
    note: str
    tags: tuple[SafeString, ...]
    pills: tuple[Pill, ...]
    amount: SafeString
    value: str
    currency: str
    choose: str


@dataclass(frozen=True, slots=True)
class DayCells:
    """The rows of one day; `header` is empty when the day began on the page before."""

    header: str
    total: str
    rows: tuple[RowCells, ...]


class RowPresenter:
    """Formats the transactions of one person's list in the language of the request."""

    def __init__(self, accounts: Mapping[int, Account], *, today: date) -> None:
        self._accounts = accounts
        self._names = {pk: escaped(account_label(account)) for pk, account in accounts.items()}
        self._today = today
        self._formats = formats.current()
        self._is_english = get_language() == "en"
        self._base = reverse("banking:transactions")
        self._words = _RowWords()

    def days(self, page: TransactionPage, *, shown_before: date | None = None) -> tuple[DayCells, ...]:
        """A page's rows by day; the day that the page before ended with gets no second heading."""
        return tuple(
            DayCells(
                header="" if day == shown_before else self._formats.day_header(day, today=self._today),
                total=money_list(page.day_totals.get(day, {}), self._formats, signed=True),
                rows=tuple(map(self.row, rows)),
            )
            for day, rows in groupby(page.rows, key=lambda row: row.booking_date)
        )

    def undivided(self, page: TransactionPage) -> tuple[DayCells, ...]:
        """A page's rows in an order that is not by day: each says its own."""
        return (
            (DayCells("", "", tuple(self.row(row, with_day=True) for row in page.rows)),) if page.rows else ()
        )

    def row(self, row: TransactionRow, *, with_day: bool = False) -> RowCells:
        """One row."""
        url, title = f"{self._base}{row.pk}/", self._title(row)
        return RowCells(
            pk=row.pk,
            key=escaped(str(row.pk)),
            url=escaped(url),
            category_url=escaped(f"{url}category/"),
            title=escaped(title),
            icon=escaped(row.category_icon),
            hue=escaped(str(hue_step(row.category_hue))),
            category=escaped(row.category_name_en if self._is_english else row.category_name_ru),
            is_persons=row.category_reason == Transaction.Reason.PERSON,
            account=self._names.get(row.account_id, ""),
            day=self._formats.date_text(row.booking_date, today=self._today) if with_day else "",
            note=escaped(row.note),
            tags=tuple(escaped(tag) for tag in row.tags),
            pills=tuple(self._pills(row)),
            amount=self._formats.amount(row.amount, row.currency, signed=True, tone=_tone(row)),
            value=escaped(f"{row.amount:.2f}"),
            currency=escaped(row.currency),
            choose=escaped(f"{self._words.choose}: {title}"),
        )

    def _title(self, row: TransactionRow) -> str:
        here = self._accounts.get(row.account_id)
        there = self._accounts.get(row.pair_account_id or 0)
        if here is not None and there is not None and here is not there:
            return transfer_title(here, there) if row.amount < 0 else transfer_title(there, here)
        return title_of(row) or self._words.untitled

    def _pills(self, row: TransactionRow) -> Iterator[Pill]:
        if row.status == Transaction.Status.PENDING:
            yield self._words.pending
        elif row.status == Transaction.Status.DECLINED:
            yield self._words.declined
        if row.missing_since is not None:
            yield self._words.missing
        if row.pair_account_id == row.account_id:
            yield self._words.failed
        elif row.kind == Category.Kind.TRANSFER and row.pair_account_id is None:
            yield self._words.transfer
        if row.is_refund:
            yield self._words.refund
        if row.part_of_id is not None:
            yield self._words.part
        if row.excluded:
            yield self._words.excluded


class _RowWords:
    """The words of the pills, translated once for a page."""

    def __init__(self) -> None:
        self.choose = _("Выбрать")
        self.untitled = _("Операция без описания")
        self.pending = Pill(_("В обработке"), "warning")
        self.declined = Pill(_("Отклонена"))
        self.missing = Pill(_("Банк больше не показывает"))
        self.transfer = Pill(_("Перевод"))
        self.failed = Pill(_("Перевод не прошёл"))
        self.refund = Pill(_("Возврат"), "positive")
        self.part = Pill(_("Часть"))
        self.excluded = Pill(_("Не учитывается"))


def _tone(row: TransactionRow | Transaction) -> str:
    if row.status == Transaction.Status.DECLINED or row.missing_since is not None:
        return "void"
    return "still" if row.kind == Category.Kind.TRANSFER or row.excluded else ""


def amount_of(row: Transaction) -> SafeString:
    """The amount of a transaction, coloured as in the lists."""
    return formats.current().amount(row.amount, row.currency, signed=True, tone=_tone(row))


def title_of(row: TransactionRow | Transaction) -> str:
    """What a row is called: the shop, else the other side, else the bank's own text."""
    return row.merchant_name or row.counterparty or row.description


def detail_title(row: Transaction) -> str:
    """What the page of one row is called."""
    if row.transfer_pair is not None and row.transfer_pair.account_id != row.account_id:
        ends = (row.account, row.transfer_pair.account)
        return transfer_title(*(ends if row.amount < 0 else ends[::-1]))
    return title_of(row) or _("Операция без описания")


def account_label(account: Account) -> str:
    """A short name that tells a person's accounts apart: bank and last digits, or the person's own name."""
    if account.is_manual:
        return account_title(account)
    return f"{account.bank.short_name} {formats.account_tail(account.number or account.external_id)}"


def transfer_title(source: Account, target: Account) -> str:
    """Where the money went: from bank to bank, or between two accounts of one."""
    if source.bank_id != target.bank_id:
        return f"{_end(source)} → {_end(target)}"
    return f"{account_title(source)} → {account_title(target)}"


def _end(account: Account) -> str:
    return account_title(account) if account.is_manual else account.bank.short_name


def account_title(account: Account) -> str:
    """What a person calls an account."""
    return account.name or account.get_kind_display()


def money_list(sums: Mapping[str, Decimal], words: "Formats", *, signed: bool = False) -> str:
    """Sums of several currencies beside each other, rubles first, never added."""
    order = sorted(sums.items(), key=lambda entry: (entry[0] != HOME_CURRENCY, entry[0]))
    return " · ".join(words.money(amount, currency, signed=signed) for currency, amount in order)


def mcc_description(code: str) -> str:
    """What a merchant category code stands for; the words are Russian, others read the bare code."""
    return _mcc_in_russian(code) if get_language() == "ru" else ""


@lru_cache(maxsize=1024)
def _mcc_in_russian(code: str) -> str:
    """The words of the table; empty when it does not say."""
    if not code.isdecimal():
        return ""
    number = int(code)
    return next(
        (entry.description for entry in tables.mcc_ranges() if entry.first <= number <= entry.last), ""
    )
