"""What a person decides of a series, and takes back."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.transaction import atomic
from django.utils.translation import gettext_lazy as _

from analytics.models import RecurringSeries, SeriesChange
from banking.edits import AlreadyUndone
from financehub.errors import DomainError

if TYPE_CHECKING:
    from financehub.users.models import User

COLUMNS = ("name", "decision", "decided_at")


class DecidedSince(DomainError):
    """The series does not stand as the change left it."""

    code = "decided_since"
    message = _("Отменить нельзя: решение с тех пор изменилось.")


def confirm(*, series: RecurringSeries, now: datetime) -> SeriesChange | None:
    """It is regular indeed."""
    return _decide(series, RecurringSeries.Decision.CONFIRMED, now)


def dismiss(*, series: RecurringSeries, now: datetime) -> SeriesChange | None:
    """It is not regular, and is not to be suggested again."""
    return _decide(series, RecurringSeries.Decision.DISMISSED, now)


def end(*, series: RecurringSeries, now: datetime) -> SeriesChange | None:
    """It is over; should it come again all the same, it is suggested anew."""
    return _decide(series, RecurringSeries.Decision.ENDED, now)


def rename(*, series: RecurringSeries, name: str, now: datetime) -> SeriesChange | None:
    """The person's own name for it; an empty one brings back what the bank calls it."""
    return _change(series, {"name": name.strip()}, now)


@atomic
def undo(*, user: "User", pk: int, now: datetime) -> RecurringSeries:
    """Take a change back; raises SeriesChange.DoesNotExist, AlreadyUndone or DecidedSince."""
    change = SeriesChange.objects.for_user(user).select_for_update(of=("self",)).get(pk=pk)
    series = RecurringSeries.objects.select_for_update().get(pk=change.series_id)
    if change.undone_at is not None:
        raise AlreadyUndone
    if _kept(series, change.after) != change.after:
        raise DecidedSince
    _write(series, change.before)
    change.undone_at = now
    change.save(update_fields=["undone_at"])
    return series


def _decide(
    series: RecurringSeries, decision: RecurringSeries.Decision, now: datetime
) -> SeriesChange | None:
    if series.decision == decision and decision is not RecurringSeries.Decision.ENDED:
        return None
    return _change(series, {"decision": str(decision), "decided_at": now.isoformat()}, now)


@atomic
def _change(series: RecurringSeries, values: dict[str, Any], now: datetime) -> SeriesChange | None:
    """Give a series the person's values and keep the old ones; None if nothing changes."""
    held = RecurringSeries.objects.select_for_update().get(pk=series.pk)
    before = _kept(held, values)
    if before == values:
        return None
    _write(held, values)
    for name in values:
        setattr(series, name, getattr(held, name))
    return SeriesChange.objects.create(series=held, at=now, before=before, after=values)


def _write(series: RecurringSeries, values: dict[str, Any]) -> None:
    for name, value in values.items():
        is_moment = name == "decided_at" and value is not None
        setattr(series, name, datetime.fromisoformat(value) if is_moment else value)
    series.save(update_fields=list(values))


def _kept(series: RecurringSeries, names: dict[str, Any]) -> dict[str, Any]:
    """The present values of columns, as they are kept."""
    values = {name: getattr(series, name) for name in COLUMNS if name in names}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()
    }
