"""What every report needs to know, and the words that all of them use."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from analytics import balances, reports
from analytics.links import ReportLinks
from analytics.spans import Span
from analytics.tables import Column, Line, Table
from banking.models import Account
from banking.queries.transaction_filter import TransactionFilter
from financehub import formats
from financehub.periods import CALENDAR, MonthCut, Period, month_of

if TYPE_CHECKING:
    from financehub.users.models import User


@dataclass(frozen=True)
class Asked:
    """Whose figures, of which rows and days, in which currency."""

    user: "User"
    today: date
    span: Span
    wanted: TransactionFilter
    currency: str
    links: ReportLinks
    cut: MonthCut = CALENDAR
    against_year: bool = False

    @cached_property
    def words(self) -> formats.Formats:
        return formats.current()

    @cached_property
    def history_start(self) -> date | None:
        return reports.history_start(user=self.user, wanted=self.wanted)

    @cached_property
    def accounts(self) -> list[Account]:
        """The accounts of the report whose balance is known of."""
        return balances.accounts_in(user=self.user, wanted=self.wanted)

    @cached_property
    def known(self) -> Period | None:
        """The days of the report for which there is a history."""
        return reports.known_part(self.span.period, self.history_start, today=self.today)

    def within(self, period: Period) -> TransactionFilter:
        """The same rows on other days."""
        return replace(self.wanted, period=period)

    def money(self, value: Any) -> str:
        return self.words.money(value, self.currency)

    def table(self, name: str, title: str, columns: Sequence[Column], lines: Sequence[Line]) -> Table:
        """Figures of this report in its currency, with the address of their file."""
        return Table(name, title, self.currency, tuple(columns), lines, self.links.csv(name))

    def is_covered(self, period: Period) -> bool:
        """Whether the history reaches back to the beginning of a period."""
        return self.history_start is not None and self.history_start <= period.start

    def months_missing(self) -> str:
        """Why months are not drawn yet; empty when two whole ones are known."""
        if self.history_start is None:
            return _("Операций пока нет.")
        days = reports.days_until_months(self.history_start, today=self.today, cut=self.cut)
        if not days:
            return ""
        return _("Мало данных: нужны два полных месяца, ещё {days}.").format(
            days=self.words.count(days, "day")
        )


def month_words(cut: MonthCut, month: date, words: formats.Formats, *, today: date) -> str:
    """A month in words, by its days where those are not the calendar's."""
    return words.month(month) if cut.is_calendar else period_words(cut.days(month), words, today=today)


@dataclass(frozen=True, slots=True)
class Report:
    """A tab: what its template shows, and its tables by name."""

    context: dict[str, Any]
    tables: tuple[Table, ...]

    def table(self, name: str) -> Table | None:
        return next((table for table in self.tables if table.name == name), None)


def period_words(period: Period, words: formats.Formats, *, today: date) -> str:
    """A period in words: `ноябрь 2025`, `1–9 ноября`, `9 ноября 2024 г. – 8 ноября`."""
    last = period.end - timedelta(days=1)
    if period == month_of(period.start):
        return words.month(period.start)
    if period.start == last:
        return words.date_text(last, today=today)
    if (period.start.year, period.start.month) == (last.year, last.month):
        return f"{period.start.day}–{words.date_text(last, today=today)}"
    return f"{words.date_text(period.start, today=today)} – {words.date_text(last, today=today)}"
