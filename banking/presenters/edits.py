"""What a person changed, in words: for toasts, for the list of changes, for the page of a row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from banking.models import Edit, Transaction
from banking.queries.edits import HistoryLine
from financehub import formats

_DONE = {
    Edit.Kind.CATEGORY: gettext_lazy("Категория изменена"),
    Edit.Kind.NOTE: gettext_lazy("Заметка изменена"),
    Edit.Kind.TAGS: gettext_lazy("Теги изменены"),
    Edit.Kind.SPLIT: gettext_lazy("Разделено на части"),
    Edit.Kind.UNSPLIT: gettext_lazy("Снова одной строкой"),
    Edit.Kind.DISSOLVE: gettext_lazy("Банк изменил сумму, разделение снято"),
    Edit.Kind.EXCLUDE: gettext_lazy("Не учитывается в суммах"),
    Edit.Kind.INCLUDE: gettext_lazy("Снова учитывается в суммах"),
    Edit.Kind.REVIEW: gettext_lazy("Отмечено как проверенное"),
    Edit.Kind.RULE: gettext_lazy("Правило применено"),
    Edit.Kind.MERGE: gettext_lazy("Категории объединены"),
    Edit.Kind.PAIR: gettext_lazy("Это перевод"),
    Edit.Kind.UNPAIR: gettext_lazy("Это не перевод"),
    Edit.Kind.AMEND: gettext_lazy("Операция исправлена"),
    Edit.Kind.DELETE: gettext_lazy("Удалено"),
    Edit.Kind.RESTORE: gettext_lazy("Возвращено"),
    Edit.Kind.UNDO: gettext_lazy("Изменение отменено"),
}


@dataclass(frozen=True, slots=True)
class EditLine:
    """One edit in the list of changes; `undo_url` is empty where nothing can be taken back."""

    text: str
    when: str
    undo_url: str
    state: str


@dataclass(frozen=True, slots=True)
class Event:
    """One change of a row, as the timeline of its page shows it."""

    at: datetime
    text: str


def done(edit: Edit) -> str:
    """What was done to how many rows: `Категория изменена: 5 операций`."""
    return f"{_DONE[Edit.Kind(edit.kind)]}: {formats.current().count(edit.rows, 'transaction')}"


def undone(restored: int, left: int) -> str:
    """What an undo came to; rows that changed since are not hidden."""
    text = _("Отменено: {rows}.").format(rows=formats.current().count(restored, "transaction"))
    if not left:
        return text
    rest = ngettext(
        "Ещё {count} с тех пор изменилась и оставлена как есть.",
        "Ещё {count} с тех пор изменились и оставлены как есть.",
        left,
    ).format(count=left)
    return f"{text} {rest}"


def line(edit: Edit, *, today: date) -> EditLine:
    """An edit in the list of changes."""
    can_return = edit.undone_at is None and edit.kind not in Edit.FINAL_KINDS
    return EditLine(
        text=done(edit),
        when=formats.current().moment(edit.at, today=today),
        undo_url=reverse("banking:edit_undo", args=[edit.pk]) if can_return else "",
        state=_("Отменено") if edit.undone_at else "",
    )


def history(row: Transaction, found: Sequence[HistoryLine]) -> list[Event]:
    """What became of a row since the bank first showed it, the newest first."""
    arrived = Event(row.created_at, _arrival(row))
    return [*(Event(each.edit.at, _told(each)) for each in found), arrived]


def _arrival(row: Transaction) -> str:
    if not row.account.is_manual:
        return _("Получена из банка")
    return _("Загружена из файла") if row.statement_id else _("Записана вами")


def _told(change: HistoryLine) -> str:
    edit = change.edit
    of_pair = edit.kind in {Edit.Kind.PAIR, Edit.Kind.UNPAIR}
    changed = [words(change) for column, words in _WHAT.items() if column in change.after]
    what = _paired(change) if of_pair else ", ".join(changed)
    match edit.kind:
        case Edit.Kind.UNDO:
            return _("Вы отменили изменение: {what}").format(what=what)
        case Edit.Kind.RULE:
            return _("Ваше правило: {what}").format(what=what)
        case Edit.Kind.MERGE:
            return _("Вы объединили категории: {what}").format(what=what)
        case Edit.Kind.DISSOLVE:
            return _("Банк изменил сумму: {what}").format(what=what)
    if of_pair or edit.rows == 1:
        return _("Вы: {what}").format(what=what)
    rows = formats.current().count(edit.rows, "transaction")
    return _("Вы: {what} — вместе с другими, всего {rows}").format(what=what, rows=rows)


def _category(change: HistoryLine) -> str:
    before, after = (each.name if each else "…" for each in (change.former_category, change.new_category))
    if before == after:
        return _("категория «{after}» закреплена").format(after=after)
    return _("категория «{before}» → «{after}»").format(before=before, after=after)


def _note(change: HistoryLine) -> str:
    note = change.after["note"]
    return _("заметка «{note}»").format(note=note) if note else _("заметка убрана")


def _excluded(change: HistoryLine) -> str:
    return _("не учитывается в суммах") if change.after["excluded"] else _("учитывается в суммах")


def _tags(change: HistoryLine) -> str:
    before, after = (set(side["tag_ids"]) for side in (change.before, change.after))
    told = []
    if after - before:
        told.append(_("добавлены теги «{names}»").format(names=change.tag_names(after - before)))
    if before - after:
        told.append(_("сняты теги «{names}»").format(names=change.tag_names(before - after)))
    return ", ".join(told)


def _parts(change: HistoryLine) -> str:
    number = len(change.after["part_values"])
    if not number:
        return _("снова одной строкой")
    return ngettext("разделена на {count} часть", "разделена на {count} части", number).format(count=number)


def _reviewed(change: HistoryLine) -> str:
    return _("проверена") if change.after["reviewed_at"] else _("не проверена")


def _paired(change: HistoryLine) -> str:
    """That a row was paired or parted, and its category if that is another now."""
    changes_category = change.before.get("category_id") != change.after.get("category_id")
    return f"{_pair(change)}, {_category(change)}" if changes_category else _pair(change)


def _pair(change: HistoryLine) -> str:
    return _("пара перевода найдена") if change.after["transfer_pair_id"] else _("пара перевода отделена")


def _deleted(change: HistoryLine) -> str:
    return _("удалена") if change.after["deleted_at"] else _("возвращена")


def _amount(change: HistoryLine) -> str:
    before, after = (
        formats.current().number(Decimal(side["amount"]), digits=2) for side in (change.before, change.after)
    )
    return _("сумма {before} → {after}").format(before=before, after=after)


def _day(change: HistoryLine) -> str:
    before, after = (
        formats.current().date_short(date.fromisoformat(side["booking_date"]))
        for side in (change.before, change.after)
    )
    return _("дата {before} → {after}").format(before=before, after=after)


def _description(change: HistoryLine) -> str:
    before, after = (side["description"] or "…" for side in (change.before, change.after))
    return _("описание «{before}» → «{after}»").format(before=before, after=after)


_WHAT: Mapping[str, Callable[[HistoryLine], str]] = {
    "transfer_pair_id": _pair,
    "amount": _amount,
    "booking_date": _day,
    "description": _description,
    "category_id": _category,
    "note": _note,
    "tag_ids": _tags,
    "part_values": _parts,
    "excluded": _excluded,
    "reviewed_at": _reviewed,
    "deleted_at": _deleted,
}
