"""Transactions on paper: the lines of an export as the few columns that a page has room for."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banking.queries.transactions import CurrencyFlow, totals_of
from financehub import formats
from financehub.errors import DomainError
from financehub.money import ZERO
from financehub.paper import Column, pdf_file

if TYPE_CHECKING:
    from banking.models.transaction import TransactionQuerySet
    from financehub.formats import Formats
    from financehub.sheets import Line

MOST_LINES = 5000  # some 130 pages, two seconds and 10 MB


class TooManyToPrint(DomainError):
    code = "too_many_to_print"
    message = gettext_lazy("В PDF помещается не больше 5 000 операций. Уточните фильтр или скачайте таблицу.")


def transactions_pdf(rows: "TransactionQuerySet", lines: Iterator["Line"]) -> IO[bytes]:
    """The rows of a filter with what they come to; raises TooManyToPrint."""
    words, totals = formats.current(), totals_of(rows.order_by())
    if totals.count > MOST_LINES:
        raise TooManyToPrint
    counted = words.count(totals.count, "transaction")
    left_out = _("Не участвуют в суммах: {count}").format(count=totals.not_counted + totals.transfers)
    return pdf_file(
        title=_("Операции"),
        facts=[counted, *(_flow(flow, words) for flow in totals.flows), left_out],
        columns=_columns(),
        lines=(_printed(line, words) for line in islice(lines, MOST_LINES)),
        page_word=_("Страница"),
    )


def _columns() -> list[Column]:
    return [
        Column(_("Дата"), 9),
        Column(_("Операция"), 25),
        Column(_("Категория"), 18),
        Column(_("Счёт"), 24),
        Column(_("Сумма"), 13, is_figure=True),
        Column(_("Состояние"), 11),
        Column(_("Заметка и теги"), 20),
    ]


def _printed(line: Sequence[Any], words: "Formats") -> list[str]:
    day, text, category, _kind, amount, currency, account, bank, shop, _mcc, status, _counts, *own = line
    return [
        words.date_short(day),
        shop or text,
        category,
        f"{bank} · {account}",
        words.money(amount, currency, signed=True),
        status,
        " · ".join(filter(None, own)),
    ]


def _flow(flow: CurrencyFlow, words: "Formats") -> str:
    sums = ((_("Доходы"), flow.income), (_("Расходы"), flow.spending), (_("Итог"), flow.net))
    return " · ".join(
        f"{name} {words.money(amount, flow.currency)}" for name, amount in sums if amount != ZERO
    )
