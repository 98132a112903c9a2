"""What the views work with, made once per application."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from sandbox.banks import Switchboard
from sandbox.clock import Clock
from sandbox.faults.plan import FaultBook
from sandbox.journal import Journal
from sandbox.settings import SandboxSettings
from sandbox.store.accounts import Accounts
from sandbox.store.changes import RowChanges
from sandbox.store.consents import Consents
from sandbox.store.database import Database
from sandbox.store.histories import Histories
from sandbox.store.payment_consents import PaymentConsents
from sandbox.store.payments import Payments
from sandbox.tokens import TokenIssuer

_KEY = "sandbox"


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of the bundled banks."""

    settings: SandboxSettings
    clock: Clock
    switches: Switchboard
    database: Database
    tokens: TokenIssuer
    histories: Histories
    accounts: Accounts
    changes: RowChanges
    consents: Consents
    payment_consents: PaymentConsents
    payments: Payments
    faults: FaultBook
    journal: Journal


def build(settings: SandboxSettings) -> Services:
    """Put the parts together."""
    clock = Clock(settings.fixed_now)
    database = Database(settings.database)
    return Services(
        settings=settings,
        clock=clock,
        switches=Switchboard(settings),
        database=database,
        tokens=TokenIssuer(settings.team_secret),
        histories=Histories(database, clock, settings.team_id),
        accounts=Accounts(database, clock),
        changes=RowChanges(database, clock),
        consents=Consents(database),
        payment_consents=PaymentConsents(database),
        payments=Payments(database, clock),
        faults=FaultBook(),
        journal=Journal(),
    )


def services() -> Services:
    """Return the parts of the running application."""
    return cast(Services, current_app.extensions[_KEY])
