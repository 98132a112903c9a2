"""Imports as pages show them: the history, what a file would do, the first of its rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from banking.importing import Check
from banking.models import Account, StatementImport
from banking.presenters.rows import account_title
from banking.statements.rows import StatementRow
from financehub import formats


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One import in the history."""

    url: str
    title: str
    details: str
    state: str


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A row of a file as it was understood."""

    day: str
    text: str
    details: str
    amount: SafeString


@dataclass(frozen=True, slots=True)
class CheckCells:
    """What a file would do, in words."""

    new: int
    summary: str
    span: str
    known: str
    failed: str
    failures: tuple[str, ...]
    more_failures: str
    sample: tuple[SampleRow, ...]


def line(statement: StatementImport, *, today: date) -> ImportLine:
    """An import in the history."""
    details = [
        account_title(statement.account),
        formats.current().moment(statement.uploaded_at, today=today),
    ]
    if statement.state == StatementImport.State.DONE:
        details.append(_rows(statement.rows_new))
    return ImportLine(
        url=reverse("banking:import", args=[statement.pk]),
        title=statement.file_name,
        details=" · ".join(details),
        state=statement.get_state_display(),
    )


def check(found: Check, account: Account, *, today: date) -> CheckCells:
    """What a file would do to an account."""
    words = formats.current()
    sums = (
        _("доходы {amount}").format(amount=words.money(found.money_in, account.currency)),
        _("расходы {amount}").format(amount=words.money(found.money_out, account.currency)),
    )
    span = ""
    if found.first is not None and found.last is not None:
        span = f"{words.date_short(found.first)} – {words.date_short(found.last)}"
    hidden = found.failed - len(found.failures)
    return CheckCells(
        new=found.new,
        summary=" · ".join((_rows(found.new), *sums)),
        span=span,
        known=_rows(found.known) if found.known else "",
        failed=_lines(found.failed) if found.failed else "",
        failures=tuple(
            _("Строка {line}: {why}.").format(line=each.line, why=each.why) for each in found.failures
        ),
        more_failures=_("И ещё {lines}.").format(lines=_lines(hidden)) if hidden else "",
        sample=tuple(_sample(found.sample, account, today=today)),
    )


def facts(statement: StatementImport, *, today: date) -> list[tuple[str, str]]:
    """What an import did."""
    words = formats.current()
    told = [(_("Счёт"), account_title(statement.account)), (_("Добавлено"), _rows(statement.rows_new))]
    if statement.rows_known:
        told.append((_("Уже были"), _rows(statement.rows_known)))
    if statement.rows_failed:
        told.append((_("Не прочитано"), _lines(statement.rows_failed)))
    moments = ((_("Загружено"), statement.imported_at), (_("Отменено"), statement.undone_at))
    return [*told, *((name, words.moment(at, today=today)) for name, at in moments if at is not None)]


def imported(statement: StatementImport) -> str:
    """The good news of an import."""
    return _("Загружено: {rows}.").format(rows=_rows(statement.rows_new))


def undone(removed: int) -> str:
    """What taking an import back came to."""
    return _("Загрузка отменена, удалено: {rows}.").format(rows=_rows(removed))


def _rows(count: int) -> str:
    return formats.current().count(count, "transaction")


def _lines(count: int) -> str:
    return formats.current().count(count, "line")


def _sample(found: Iterable[StatementRow], account: Account, *, today: date) -> Iterable[SampleRow]:
    words = formats.current()
    for row in found:
        more = (row.category, f"MCC {row.mcc}" if row.mcc else "", row.description if row.merchant else "")
        yield SampleRow(
            day=words.date_text(row.day, today=today),
            text=row.merchant or row.description or _("Операция без описания"),
            details=" · ".join(filter(None, more)),
            amount=words.amount(row.amount, account.currency, signed=True),
        )
