"""Services: a connection's way into its bank, with the token kept sealed on the connection's row."""

from collections.abc import Callable
from datetime import timedelta
from typing import Self, TypeVar

from django.conf import settings
from django.utils import timezone

from banking.clients.config import BankConfig
from banking.clients.errors import AuthenticationFailed
from banking.clients.registry import client_for
from banking.clients.schemas import BankToken
from banking.clients.vtb import BankSession, VtbClient
from banking.models import BankConnection, Consent
from financehub import crypto

T = TypeVar("T")
RENEW_BEFORE_END = timedelta(minutes=5)


def bank_config(bank_code: str) -> BankConfig:
    """How to reach a bank of the registry; only codes come from outside, never addresses."""
    return BankConfig(
        code=bank_code,
        base_url=settings.BANK_BASE_URLS[bank_code],
        team_id=settings.BANK_TEAM_ID,
        team_secret=settings.BANK_TEAM_SECRET,
        ca_file=settings.BANK_CA_FILE,
    )


class BankAccess:
    """Calls one bank on behalf of one connection.

    The token is read from, and written to, the connection. A run holds the connection's lease
    while it reads, so two workers never renew the same token at once.
    """

    def __init__(self, connection: BankConnection) -> None:
        self.connection = connection
        self.bank_code = connection.bank.code
        self.client: VtbClient = client_for(bank_config(self.bank_code))
        self._consent: Consent | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.client.close()

    def token(self) -> BankToken:
        """The stored token, or a new one when it is about to end or cannot be read."""
        expires_at = self.connection.token_expires_at
        if expires_at is None or expires_at - RENEW_BEFORE_END <= timezone.now():
            return self.renew_token()
        try:
            return BankToken(self.connection.open_token(), expires_at)
        except crypto.UnreadableSecret:
            return self.renew_token()

    def renew_token(self) -> BankToken:
        """Ask the bank for a token and store it before it is used."""
        token = self.client.fetch_token()
        self.connection.keep_token(token.access_token, expires_at=token.expires_at)
        self.connection.save(update_fields=["token_sealed", "token_expires_at"])
        return token

    def with_token(self, call: Callable[[BankToken], T]) -> T:
        """Make a call that needs the token only; a token refused is renewed once."""
        try:
            return call(self.token())
        except AuthenticationFailed:
            return call(self.renew_token())

    def with_session(self, call: Callable[[BankSession], T]) -> T:
        """Make a call for the client's data; a token refused is renewed once."""
        return self.with_token(lambda _token: call(self.session()))

    def session(self) -> BankSession:
        """What every reading call needs; without a granted consent there is none."""
        if self._consent is None:
            granted = Consent.objects.granted().filter(connection=self.connection)
            self._consent = granted.latest("granted_at")
        return BankSession(
            token=self.token(),
            client_id=self.connection.client_id,
            consent_id=self._consent.consent_id or None,
        )
