"""A person with accounts at two bundled banks, whose bookings are counted past our code."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone

from banking.clients.schemas import BankSession
from banking.clients.vtb import VtbClient
from banking.models import Account, Bank, BankConnection, Consent, Transfer
from banking.services import access, payments, transfer_orders
from banking.services.transfer_orders import Order
from financehub.users.models import User
from tests.bank_server import ALL_PERMISSIONS, BankServer
from tests.factories import BankFactory, ConnectionFactory, ConsentFactory

CLIENT = "team075-1"
_keys = count(1)


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


def drive(transfer: Transfer, *, steps: int = 8) -> Transfer:
    """Work a transfer off, each step a day of waiting later, until it is over."""
    for step in range(steps):
        later = timezone.now() + timedelta(days=step)
        payments.work(transfer.pk, worker=f"worker-{step}", now=later)
        transfer.refresh_from_db()
        if not transfer.is_open:
            break
    return transfer
