"""Every fault of the bundled banks at every place: the end is the same, or a state says why it is not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from banking.models import BankConnection, Transfer
from banking.services import payments
from sandbox.faults.distortions import SHAPES
from sandbox.faults.hooks import KINDS
from tests.bank_server import BankServer
from tests.banking.payments.household import Household, drive
from tests.faults import plans, story
from tests.faults.conftest import HASTIEST, HASTY, Waits
from tests.faults.plans import Cell

pytestmark = pytest.mark.usefixtures("short_histories")

MOST_CALLS_OF_A_RUN = 40
State = Transfer.State


@dataclass(frozen=True, slots=True)
class Ended:
    """How a cell ended: as if nothing had happened, or with a state that says what is not there."""

    is_equal: bool
    is_named: bool
    told: str

    def is_honest(self, cell: Cell) -> bool:
        return self.is_equal or (self.is_named and cell.lasts)


def test_no_fault_of_the_banks_is_left_out() -> None:
    planned = [cell.fault for cell in (*plans.cells_of_a_reading(), *plans.cells_of_a_transfer())]
    assert {fault["what"] for fault in planned} | plans.OF_ROWS == set(KINDS)
    assert {fault.get("as") for fault in planned} - {None} | plans.SHAPES_OF_ROWS == SHAPES


def test_every_fault_at_every_place_of_a_reading(db: None, banks: BankServer, waits: Waits) -> None:
    connection = story.connected(banks)
    story.live(connection)
    whole = story.fingerprint(connection)
    with database.cursor() as cursor:
        cursor.execute("ANALYZE")  # PostgreSQL counts no rows by itself inside one long transaction
    ends: dict[Cell, Ended] = {}
    for cell in plans.cells_of_a_reading():
        waits(HASTIEST if cell.stalls else HASTY)
        ends[cell] = _read(banks, cell, whole)
    _print_table("reading", plans.READING, ends)
    assert [f"{cell}: {ended.told}" for cell, ended in ends.items() if not ended.is_honest(cell)] == []


def _read(banks: BankServer, cell: Cell, whole: str) -> Ended:
    connection = story.asking() if cell.place in {"token", "consent"} else story.connected(banks)
    banks.control("vbank", "calls", method="DELETE")
    banks.control("vbank", "faults", [cell.fault])
    runs = story.live(connection, tries=2 if cell.lasts else story.MOST_TRIES)
    banks.control("vbank", "faults", method="DELETE")
    calls = len(banks.control("vbank", "calls", method="GET"))
    is_storm = calls > MOST_CALLS_OF_A_RUN * max(len(runs), 1)
    return Ended(
        is_equal=not is_storm and story.fingerprint(connection) == whole,
        is_named=not is_storm and story.names_what_is_missing(connection, runs),
        told=f"{connection.status} {connection.last_error_code} after {len(runs)} runs, {calls} calls",
    )


def test_every_fault_at_every_place_of_a_transfer(household: Household, waits: Waits) -> None:
    ends: dict[Cell, Ended] = {}
    for cell in plans.cells_of_a_transfer():
        waits(HASTIEST if cell.stalls else HASTY)
        ends[cell] = _transferred(household, cell)
    _print_table("transfer", plans.TRANSFER, ends)
    bad = [f"{cell}: {ended.told}" for cell, ended in ends.items() if not ended.is_equal | ended.is_named]
    assert bad == []


def _transferred(household: Household, cell: Cell) -> Ended:
    """The bank's own books are the judge: it carried the order out once or not at all, and we say which."""
    BankConnection.objects.update(token_sealed="", token_expires_at=None)
    if cell.place in plans.AFTER_A_LOST_ANSWER:
        household.strike("execute_then_drop", "payments", times=1)
    household.switch(settlement="delayed" if cell.place == "payment's state" else "instant")
    household.banks.control("vbank", "faults", [cell.fault])
    transfer = drive(household.places(), steps=6 if cell.lasts else 2)
    is_told = not transfer.is_open or bool(transfer.error_code) or not cell.lasts
    household.banks.control("vbank", "faults", method="DELETE")
    household.switch(settlement="instant")
    transfer = _driven_to_its_end(transfer)
    booked = household.bookings(transfer)
    return Ended(
        is_equal=is_told and (transfer.state, booked) == (State.CONFIRMED, 1),
        is_named=is_told and (transfer.state, booked) == (State.REJECTED, 0) and bool(transfer.error_code),
        told=f"{transfer.state} {transfer.error_code}, booked {booked} times",
    )


def _driven_to_its_end(transfer: Transfer) -> Transfer:
    for month in range(1, 9):
        if transfer.is_open:
            later = timezone.now() + month * timedelta(days=30)
            payments.work(transfer.pk, worker=f"late-{month}", now=later)
            transfer.refresh_from_db()
    return transfer


def _print_table(what: str, places: Iterable[str], ends: dict[Cell, Ended]) -> None:
    """What is printed is counted from the cells themselves, so that a fault left out is seen."""
    print(f"\n{what}: place, cells, equal, named, unnamed")
    for place in [*places, ""]:
        of_place = [ended for cell, ended in ends.items() if place in {cell.place, ""}]
        equal = sum(ended.is_equal for ended in of_place)
        named = sum(ended.is_named and not ended.is_equal for ended in of_place)
        silent = len(of_place) - equal - named
        print(f"{place or 'all':<24}{len(of_place):>5}{equal:>5}{named:>5}{silent:>5}")
