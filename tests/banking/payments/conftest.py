"""Anna with accounts at two bundled banks, whose bookings are counted past our code."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.utils import timezone

from banking.clients.config import BankConfig
from banking.clients.schemas import BankSession
from banking.clients.transport import Limits
from banking.clients.vtb import VtbClient
from banking.models import Account, Bank, BankConnection, Consent, Transfer
from banking.services import access, payments, transfer_orders
from banking.services.transfer_orders import Order
from financehub.users.models import User
from tests.bank_server import ALL_PERMISSIONS, TEAM_ID, TEAM_SECRET, BankServer, running_banks
from tests.factories import BankFactory, ConnectionFactory, ConsentFactory

CLIENT = "team075-1"
IMPATIENT = Limits(connect=1.0, read=1.0, total=2.0, first_pause=0.01, longest_pause=0.02)
USUAL = {"dialect": "hosted", "auto_approve_payments": True, "settlement": "instant", "row_style": "modern"}
_keys = count(1)


@pytest.fixture(scope="session")
def bank_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BankServer]:
    folder = tmp_path_factory.mktemp("payments")
    with running_banks(folder / "sandbox.sqlite3", fixed_now=None) as server:
        server.call("GET", f"/vbank/_control/accounts?client_id={CLIENT}")  # writes the history
        yield server


@pytest.fixture
def banks(bank_server: BankServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[BankServer]:
    """The banks as everybody reaches them in this test; what was switched is switched back."""
    monkeypatch.setattr(
        access,
        "bank_config",
        lambda code: BankConfig(
            code=code,
            base_url=bank_server.url(code),
            team_id=TEAM_ID,
            team_secret=TEAM_SECRET,
            limits=IMPATIENT,
        ),
    )
    yield bank_server
    for bank in ("vbank", "abank"):
        bank_server.control(bank, "faults", method="DELETE")
        bank_server.control(bank, "switches", USUAL)


@dataclass(frozen=True, slots=True)
class Household:
    """A person's accounts, and what the paying bank has booked for them."""

    user: User
    source: Account
    savings: Account
    elsewhere: Account
    banks: BankServer

    def order(self, **changes: Any) -> Order:
        usual = {
            "from_account_id": self.source.pk,
            "to_account_id": self.elsewhere.pk,
            "amount": Decimal("10.00"),
            "purpose": "Отпуск",
            "key": f"key-{next(_keys)}",
        }
        return Order(**(usual | changes))

    def places(self, **changes: Any) -> Transfer:
        return transfer_orders.place(user=self.user, order=self.order(**changes), now=timezone.now())

    def bookings(self, transfer: Transfer) -> int:
        """How often the bank carried the order out, money given back not counted."""
        address = f"/{self.source.bank.code}/_control/payments?client_id={CLIENT}"
        made = self.banks.call("GET", address).json()
        return sum(
            transfer.reference in payment["description"] and payment["status"] != "Rejected"
            for payment in made
        )

    def strike(self, what: str, where: str, **more: Any) -> None:
        self.banks.control(self.source.bank.code, "faults", {"what": what, "where": where} | more)

    def switch(self, **switches: Any) -> None:
        self.banks.control(self.source.bank.code, "switches", switches)


@pytest.fixture
def household(anna: User, banks: BankServer) -> Household:
    return household_of(anna, banks)


def household_of(user: User, banks: BankServer) -> Household:
    accounts = [*_connected(user, "vbank", banks), *_connected(user, "abank", banks)]
    source = next(account for account in accounts if account.kind == Account.Kind.CURRENT)
    return Household(
        user=user,
        source=source,
        savings=next(
            account
            for account in accounts
            if account.bank_id == source.bank_id and account.kind == Account.Kind.SAVINGS
        ),
        elsewhere=next(
            account
            for account in accounts
            if account.bank_id != source.bank_id
            and account.kind == Account.Kind.CURRENT
            and account.currency == "RUB"
        ),
        banks=banks,
    )


def _connected(user: User, code: str, banks: BankServer) -> list[Account]:
    """The person's connection to a bundled bank, its accounts listed but no row read."""
    bank: Bank = BankFactory(code=code, short_name=code[0].upper() + "Bank")
    connection: BankConnection = ConnectionFactory(user=user, bank=bank, client_id=CLIENT, next_run_at=None)
    with VtbClient(access.bank_config(code)) as client:
        token = client.fetch_token()
        consent = client.request_account_consent(
            token, client_id=CLIENT, permissions=ALL_PERMISSIONS, reason=""
        )
        session = BankSession(token=token, client_id=CLIENT, consent_id=consent.consent_id)
        ConsentFactory(
            connection=connection,
            consent_id=consent.consent_id,
            status=Consent.Status.GRANTED,
            granted_at=timezone.now(),
            expires_at=timezone.now() + timedelta(days=90),
        )
        return [
            Account.objects.create(
                user=user,
                bank=bank,
                connection=connection,
                external_id=sent.external_id,
                number=sent.number,
                name=sent.name,
                kind=sent.kind,
                currency=sent.currency,
                balance_booked=balances.booked.amount,
                balance_available=balances.available.amount,
                balance_as_of=timezone.now(),
            )
            for sent in client.list_accounts(session)
            for balances in [client.get_balances(session, account_id=sent.external_id)]
        ]


@pytest.fixture
def drive() -> Callable[..., Transfer]:
    """Work a transfer off, each step a day of waiting later, until it is over."""

    def work(transfer: Transfer, *, steps: int = 8) -> Transfer:
        for step in range(steps):
            later = timezone.now() + timedelta(days=step)
            payments.work(transfer.pk, worker=f"worker-{step}", now=later)
            transfer.refresh_from_db()
            if not transfer.is_open:
                break
        return transfer

    return work
