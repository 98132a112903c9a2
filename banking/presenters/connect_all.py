"""All banks at once as a page shows them: each with its state, and how many are through."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from django.urls import reverse
from django.utils.translation import gettext as _

from banking.models import Bank, SyncRun
from banking.presenters.connections import Progress, Stage, StateLine, progress, stage_of, state_line
from banking.queries.connections import ConnectionOverview, approval_page
from banking.queries.health import Cause
from financehub import formats


@dataclass(frozen=True, slots=True)
class BankProgress:
    """One bank on its way: its state with the one thing to do, and where its client approves."""

    bank: Bank
    url: str
    state: StateLine | None
    reading: Progress | None = None
    found: str = ""
    approval_url: str = ""


@dataclass(frozen=True, slots=True)
class AllProgress:
    """How many banks are through, and whether more comes without anybody doing anything."""

    banks: tuple[BankProgress, ...]
    done: int
    is_moving: bool
    is_waiting: bool

    @property
    def mark(self) -> str:
        """What tells a page whether it shows this already."""
        return f"{self.done}-{blake2b(repr(self.banks).encode(), digest_size=6).hexdigest()}"

    @property
    def text(self) -> str:
        return _("Подключено {done} из {total}").format(done=self.done, total=len(self.banks))


def progress_of_all(
    banks: Iterable[Bank], overviews: Iterable[ConnectionOverview], *, now: datetime
) -> AllProgress:
    """Every bank that can be connected, in its order."""
    known = {overview.connection.bank_id: overview for overview in overviews}
    stages = [stage_of(overview) for overview in known.values()]
    causes = {overview.health.cause for overview in known.values()}
    return AllProgress(
        banks=tuple(_bank(bank, known.get(bank.pk), now=now) for bank in banks),
        done=sum(stage in {Stage.DONE, Stage.RENEWING} for stage in stages),
        is_moving=Cause.SYNCING in causes,
        is_waiting=not {Stage.OPENING, Stage.AWAITING}.isdisjoint(stages),
    )


def _bank(bank: Bank, overview: ConnectionOverview | None, *, now: datetime) -> BankProgress:
    if overview is None:
        return BankProgress(bank, reverse("banking:connect_bank", args=[bank.code]), None)
    stage = stage_of(overview)
    is_asked = stage == Stage.AWAITING and overview.waiting is not None and overview.waiting.is_asked
    return BankProgress(
        bank=bank,
        url=reverse("banking:connection", args=[overview.connection.pk]),
        state=state_line(overview.connection, overview.health, now=now),
        reading=progress(overview) if stage == Stage.READING else None,
        found=_found(overview) if stage == Stage.DONE else "",
        approval_url=approval_page(bank, overview.waiting) if is_asked and overview.waiting else "",
    )


def _found(overview: ConnectionOverview) -> str:
    """What the reading that has just ended brought."""
    run: SyncRun | None = overview.run
    words = formats.current()
    accounts = words.count(len(overview.steps), "account")
    return f"{accounts}, {words.count(run.rows_read, 'transaction')}" if run and run.rows_read else accounts
