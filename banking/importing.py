"""What a person brings as a file: looked at without writing, put into a manual account, taken back whole."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Max, Min
from django.db.transaction import atomic
from django.utils.translation import gettext_lazy as _

from banking import manual, removal
from banking.models import Account, Category, ImportProfile, StatementImport, Transaction
from banking.statements import columns as layouts
from banking.statements import files, rows
from banking.statements.columns import Columns
from banking.statements.rows import BadLine, StatementRow
from banking.sync import store
from banking.sync.accounts import lock_accounts
from banking.sync.rows import Row
from financehub.errors import DomainError
from financehub.money import ZERO
from financehub.periods import local_date

if TYPE_CHECKING:
    from financehub.users.models import User

MOST_PROFILES = 50
WAITS_FOR = timedelta(days=1)
KEY_PREFIX = "csv:"
AT_ONCE = 500
SAMPLE = 8
TOLD_FAILURES = 20
State = StatementImport.State


class NotEnoughColumns(DomainError):
    code = "not_enough_columns"
    message = _("Укажите столбец с датой и столбец с суммой (или пару «Расход» и «Приход»).")


class NothingNew(DomainError):
    code = "nothing_new"
    message = _("Новых операций в файле нет: загружать нечего.")


class NotWaiting(DomainError):
    code = "not_waiting"
    message = _("Этот файл уже загружен или отменён.")


@dataclass(slots=True)
class Check:
    """What a file would do: nothing is written to find it out. A sample stands for the rows."""

    new: int = 0
    known: int = 0
    failed: int = 0
    money_in: Decimal = ZERO
    money_out: Decimal = ZERO
    first: date | None = None
    last: date | None = None
    sample: list[StatementRow] = field(default_factory=list)
    failures: list[BadLine] = field(default_factory=list)

    def add(self, row: StatementRow) -> None:
        self.new += 1
        self.money_in += max(row.amount, ZERO)
        self.money_out -= min(row.amount, ZERO)
        self.first, self.last = min(self.first or row.day, row.day), max(self.last or row.day, row.day)

    def fail(self, line: BadLine) -> None:
        self.failed += 1
        if len(self.failures) < TOLD_FAILURES:
            self.failures.append(line)


@atomic
def upload(*, user: "User", account: Account, file_name: str, data: bytes, now: datetime) -> StatementImport:
    """Keep a file until its columns are settled; a person has one such file at a time.

    Raises files.UnreadableFile, manual.NotManual and manual.AccountClosed.
    """
    manual.require_open(account)
    sheet = files.open_sheet(data)
    profile = ImportProfile.objects.filter(user=user, signature=sheet.signature).first()
    known = Columns.of(profile.columns) if profile else layouts.guess(sheet)
    StatementImport.objects.filter(user=user, state=State.WAITING).delete()
    return StatementImport.objects.create(
        user=user,
        account=account,
        file_name=file_name[-200:],
        content=zlib.compress(data),
        columns=known.stored(),
        uploaded_at=now,
    )


def sheet_of(statement: StatementImport) -> files.Sheet:
    """The table of a file that waits; raises NotWaiting."""
    if statement.state != State.WAITING or statement.content is None:
        raise NotWaiting
    return files.open_sheet(zlib.decompress(statement.content))


def set_columns(*, statement: StatementImport, columns: Columns) -> None:
    """Read a waiting file another way from now on."""
    StatementImport.objects.filter(pk=statement.pk, state=State.WAITING).update(columns=columns.stored())
    statement.columns = columns.stored()


def check(*, statement: StatementImport, now: datetime) -> Check:
    """What importing the file now would add. Raises NotWaiting, NotEnoughColumns, files.UnreadableFile."""
    found = Check()
    for part in _in_parts(_lines(statement, now=now)):
        for failure in part:
            if isinstance(failure, BadLine):
                found.fail(failure)
        good = [row for row in part if isinstance(row, StatementRow)]
        found.sample += good[: SAMPLE - len(found.sample)]
        for row in _new(statement.account, good):
            found.add(row)
        found.known += len(good)
    found.known -= found.new
    return found


def run(*, statement: StatementImport, now: datetime) -> StatementImport:
    """Put the new rows of a file into its account; the way it was read is kept for the next one of its kind.

    Raises as `check`, and NothingNew. Whatever takes long is done before anything is locked.
    """
    signature = sheet_of(statement).signature
    counts, made = _prepared(statement, now=now)
    return _write(statement, made, counts, signature=signature, now=now)


@atomic
def undo(*, statement: StatementImport, now: datetime) -> int:
    """Remove exactly the rows that came with an import, edited or not; count them. Raises NotWaiting."""
    lock_accounts(statement.user_id)
    statement = _held(statement)
    if statement.state != State.DONE:
        raise NotWaiting
    stored = Transaction.objects.filter(statement=statement)
    days = stored.aggregate(first=Min("booking_date"), last=Max("booking_date"))
    removed = stored.count()
    removal.erase_rows(stored)
    if removed:
        manual.settle(account=statement.account, since=days["first"], until=days["last"], now=now)
    statement.state, statement.undone_at = State.UNDONE, now
    statement.save(update_fields=["state", "undone_at"])
    return removed


def discard(*, statement: StatementImport) -> None:
    """Forget a file that waits."""
    StatementImport.objects.filter(pk=statement.pk, state=State.WAITING).delete()


def forget_waiting(*, now: datetime) -> None:
    """Files that nobody has settled for a day go: they are somebody's bank statements."""
    StatementImport.objects.filter(state=State.WAITING, uploaded_at__lt=now - WAITS_FOR).delete()


def _held(statement: StatementImport) -> StatementImport:
    held = StatementImport.objects.select_for_update(of=("self",)).select_related("account", "user")
    return held.get(pk=statement.pk)


def _lines(statement: StatementImport, *, now: datetime) -> Iterator[StatementRow | BadLine]:
    columns = Columns.of(statement.columns)
    if not columns.is_enough:
        raise NotEnoughColumns
    sheet = sheet_of(statement)
    return rows.read(sheet, columns, currency=statement.account.currency, today=local_date(now))


def _in_parts(lines: Iterable[StatementRow | BadLine]) -> Iterator[list[StatementRow | BadLine]]:
    """A good number of lines at a time, for a file must not be held as rows."""
    part: list[StatementRow | BadLine] = []
    for line in lines:
        part.append(line)
        if len(part) == AT_ONCE:
            yield part
            part = []
    if part:
        yield part


def _new(account: Account, found: list[StatementRow]) -> list[StatementRow]:
    """The rows that the account does not have, whatever the person made of those that it has."""
    keys = [KEY_PREFIX + row.key for row in found]
    stored = Transaction.objects.filter(account=account, external_id__in=keys)
    known = set(stored.values_list("external_id", flat=True))
    return [row for row in found if KEY_PREFIX + row.key not in known]


def _prepared(statement: StatementImport, *, now: datetime) -> tuple[Check, list[Row]]:
    """The new rows of a file, their categories decided, and how many others there are."""
    counts, account = Check(), statement.account
    made: list[Row] = []
    maker, named = manual.maker_for(account), _categories(statement.user)
    for part in _in_parts(_lines(statement, now=now)):
        good = [row for row in part if isinstance(row, StatementRow)]
        for row in _new(account, good):
            counts.add(row)
            key = KEY_PREFIX + row.key
            made.append(manual.row_of(account, _entry(row, named), external_id=key, maker=maker))
        counts.known += len(good)
        counts.failed += len(part) - len(good)
    counts.known -= counts.new
    return counts, made


@atomic
def _write(
    statement: StatementImport, made: Sequence[Row], counts: Check, *, signature: str, now: datetime
) -> StatementImport:
    lock_accounts(statement.user_id)
    statement = _held(statement)
    if statement.state != State.WAITING:
        raise NotWaiting
    manual.require_open(statement.account)
    parts = (made[start : start + AT_ONCE] for start in range(0, len(made), AT_ONCE))
    days = [day for part in parts for day in _insert(statement, part, now)]
    if not days:
        raise NothingNew
    manual.settle(account=statement.account, since=min(days), until=max(days), now=now)
    _keep_profile(statement, signature, now=now)
    statement.rows_new = len(days)
    statement.rows_known, statement.rows_failed = counts.known + counts.new - len(days), counts.failed
    statement.state, statement.imported_at, statement.content = State.DONE, now, None
    statement.save()
    return statement


def _insert(statement: StatementImport, part: Sequence[Row], now: datetime) -> list[date]:
    """Store the rows that nobody has stored since they were prepared; the day of each."""
    keys = [row.external_id for row in part]
    theirs = Transaction.objects.filter(account=statement.account)
    known = set(theirs.filter(external_id__in=keys).values_list("external_id", flat=True))
    new = [row for row in part if row.external_id not in known]
    store.upsert(statement.account, new, now=now)
    theirs.filter(external_id__in=[row.external_id for row in new]).update(statement=statement)
    return [row.booking_date for row in new]


def _entry(row: StatementRow, named: dict[str, Category]) -> manual.Entry:
    """A category of the file that has the name of one of the person's is that one; else it is a hint."""
    return manual.Entry(
        amount=row.amount,
        day=row.day,
        description=row.description,
        merchant=row.merchant,
        mcc=row.mcc,
        bank_category=row.category,
        category=named.get(row.category.casefold()) if row.category else None,
    )


def _categories(user: "User") -> dict[str, Category]:
    """By their names in both languages; the person's own go before the common ones."""
    found: dict[str, Category] = {}
    for category in Category.objects.for_user(user).order_by("pk"):
        for name in (category.name_ru, category.name_en):
            if category.user_id is not None:
                found[name.casefold()] = category
            else:
                found.setdefault(name.casefold(), category)
    return found


def _keep_profile(statement: StatementImport, signature: str, *, now: datetime) -> None:
    values: dict[str, Any] = {"columns": statement.columns, "used_at": now}
    ImportProfile.objects.update_or_create(user=statement.user, signature=signature, defaults=values)
    older = ImportProfile.objects.filter(user=statement.user).order_by("-used_at", "-pk")
    ImportProfile.objects.filter(pk__in=list(older.values_list("pk", flat=True)[MOST_PROFILES:])).delete()
