"""Transactions as the lines of a table, for every format in which they can be taken away."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, starmap
from typing import IO, TYPE_CHECKING, Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from banking.models import Account, Category, Transaction
from banking.presenters import printing
from banking.presenters.rows import account_title
from banking.queries import tags
from financehub import formats, sheets
from financehub.paper import PDF_TYPE

if TYPE_CHECKING:
    from banking.models.transaction import TransactionQuerySet

AT_ONCE = 2000
TAGGED_AT_ONCE = 500
COLUMNS = (
    "pk",
    "booking_date",
    "description",
    "category__name_ru",
    "category__name_en",
    "kind",
    "amount",
    "currency",
    "account_id",
    "merchant_name",
    "mcc",
    "status",
    "missing_since",
    "excluded",
    "note",
)


@dataclass(frozen=True, slots=True)
class _Format:
    extension: str
    content_type: str
    file: Callable[[list[str], Iterator[sheets.Line]], IO[bytes]] | None


FORMATS: Mapping[str, _Format] = {
    "csv": _Format("csv", sheets.CSV_TYPE, None),
    "excel": _Format("xlsx", sheets.XLSX_TYPE, sheets.xlsx_file),
    "ods": _Format("ods", sheets.ODS_TYPE, sheets.ods_file),
    "pdf": _Format("pdf", PDF_TYPE, None),
}


def download(
    rows: "TransactionQuerySet", accounts: Mapping[int, Account], *, kind: str, name: str
) -> HttpResponseBase:
    """All the rows as a file; `kind` is a key of FORMATS, `name` the file's without its extension.

    Raises TooManyToPrint for a PDF of more rows than it holds.
    """
    wanted, tell = FORMATS[kind], _Teller(accounts).line
    lines = starmap(tell, _with_tags(rows))
    filename = f"{name}.{wanted.extension}"
    if wanted.extension == "csv":
        pieces = sheets.csv_lines(_header(), lines)
        disposition = {"Content-Disposition": f'attachment; filename="{filename}"'}
        return StreamingHttpResponse(pieces, content_type=wanted.content_type, headers=disposition)
    file = wanted.file(_header(), lines) if wanted.file else printing.transactions_pdf(rows, lines)
    return FileResponse(file, as_attachment=True, filename=filename, content_type=wanted.content_type)


def _with_tags(rows: "TransactionQuerySet") -> Iterator[tuple[Sequence[Any], tuple[str, ...]]]:
    """The columns of each row and the names of its tags, which are read for many rows at once."""
    lines = rows.values_list(*COLUMNS).iterator(chunk_size=AT_ONCE)
    while some := list(islice(lines, TAGGED_AT_ONCE)):
        named = tags.names_on(values[0] for values in some)
        yield from ((values, named.get(values[0], ())) for values in some)


def _header() -> list[str]:
    return [
        _("Дата"),
        _("Описание"),
        _("Категория"),
        _("Тип"),
        _("Сумма"),
        _("Валюта"),
        _("Счет"),
        _("Банк"),
        _("Продавец"),
        "MCC",
        _("Состояние"),
        _("Участвует в суммах"),
        _("Заметка"),
        _("Теги"),
    ]


class _Teller:
    """Turns rows into lines. Its words are translated once, for lines are read when the request is over."""

    def __init__(self, accounts: Mapping[int, Account]) -> None:
        self._is_english = get_language() == "en"
        self._kinds = {
            Category.Kind.EXPENSE.value: _("Расход"),
            Category.Kind.INCOME.value: _("Доход"),
            Category.Kind.TRANSFER.value: _("Перевод"),
        }
        self._statuses = {status: str(label) for status, label in Transaction.Status.choices}
        self._places = {pk: (_named(account), account.place) for pk, account in accounts.items()}
        self._yes, self._no = _("да"), _("нет")

    def line(self, values: Sequence[Any], tag_names: Sequence[str]) -> sheets.Line:
        """The cells of one row, in the order of `_header`."""
        _pk, day, text, russian, english, kind, amount, currency, account_id, shop, mcc, *rest = values
        status, missing_since, excluded, note = rest
        counts = missing_since is None and not excluded and status != Transaction.Status.DECLINED
        return (
            day,
            text,
            english if self._is_english else russian,
            self._kinds[kind],
            amount,
            currency,
            *self._places.get(account_id, ("", "")),
            shop,
            mcc,
            self._statuses[status],
            self._yes if counts else self._no,
            note,
            ", ".join(tag_names),
        )


def _named(account: Account) -> str:
    if account.is_manual:
        return account_title(account)
    return f"{account_title(account)} {formats.account_tail(account.number or account.external_id)}"
