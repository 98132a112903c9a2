"""The rows of a recurring series: as a list, as a small line, as a file."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.utils.translation import gettext as _

from analytics.models import RecurringSeries
from analytics.presenters.upcoming import series_url
from analytics.tables import Column, Kind, Line, Table
from banking.models import Account
from banking.presenters.rows import RowCells, RowPresenter, title_of
from banking.queries.transactions import TransactionRow
from financehub import charts, formats


def cells(rows: Iterable[TransactionRow], accounts: Iterable[Account], *, today: date) -> list[RowCells]:
    """The rows, the newest first, each with its day."""
    presenter = RowPresenter({account.pk: account for account in accounts}, today=today)
    return [presenter.row(row, with_day=True) for row in rows]


def sparkline(rows: Sequence[TransactionRow]) -> str:
    """The amounts, the oldest first, as a line."""
    return charts.sparkline([abs(row.amount) for row in reversed(rows)])


def spark_label(rows: Sequence[TransactionRow]) -> str:
    """The line in words."""
    if not rows:
        return ""
    words = formats.current()
    sizes = [abs(row.amount) for row in rows]
    currency = rows[0].currency
    return _("Суммы: от {low} до {high}, последняя {last}").format(
        low=words.money(min(sizes), currency),
        high=words.money(max(sizes), currency),
        last=words.money(sizes[0], currency),
    )


def table(series: RecurringSeries, rows: Iterable[TransactionRow]) -> Table:
    """The rows as a file."""
    columns = (Column(_("Дата"), Kind.DAY), Column(_("Операция")), Column(_("Сумма"), Kind.CHANGE))
    lines = [Line((row.booking_date, title_of(row), row.amount)) for row in rows]
    return Table("rows", series.called, series.currency, columns, lines, f"{series_url(series.pk)}?csv=rows")
