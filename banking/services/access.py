"""Services: a connection's way into its bank, with the token kept sealed on the connection's row."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Self, TypeVar

from django.conf import settings

from banking.clients.config import BankConfig
from banking.clients.errors import AuthenticationFailed, CannotPay, ConsentRequired, CredentialsRefused
from banking.clients.payments import PaymentCalls
from banking.clients.registry import BankClient, client_for
from banking.clients.schemas import BankSession, BankToken
from banking.models import BankConnection, Consent
from banking.services import calls, gateway
from financehub import crypto

T = TypeVar("T")
EARLY_SHARE = 10


def bank_config(bank_code: str) -> BankConfig:
    """How to reach a bank of the registry; only codes come from outside, never addresses."""
    return BankConfig(
        code=bank_code,
        base_url=settings.BANK_BASE_URLS[bank_code],
        team_id=settings.BANK_TEAM_ID,
        team_secret=settings.BANK_TEAM_SECRET,
        ca_file=settings.BANK_CA_FILE,
    )


def client_of(connection: BankConnection, *, on_call: Callable[[], None]) -> BankClient:
    """The client that speaks to the bank over the connection's channel; `on_call` hears of each call."""
    code = connection.bank.code
    if connection.channel == BankConnection.Channel.BANK:
        return client_for(replace(bank_config(code), on_call=on_call))
    config = replace(gateway.api_config(code, policy=connection.gost_policy), on_call=on_call)
    return client_for(config, on_attempt=partial(gateway.keep_evidence, connection.pk))


class BankAccess:
    """Calls one bank on behalf of one connection.

    The token is read from, and written to, the connection. A run holds the connection's lease
    while it reads, so two workers never renew the same token at once. Calls are put on record at the
    end, unless the caller's own meter counts them.
    """

    def __init__(
        self, connection: BankConnection, *, now: datetime, meter: calls.Meter | None = None
    ) -> None:
        self.connection = connection
        self.bank_code = connection.bank.code
        self._own_meter = calls.Meter(bank=self.bank_code)
        self.client = client_of(connection, on_call=(meter or self._own_meter).count)
        self._now = now
        self._renew_early = self.client.renew_early
        self._consent: Consent | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.client.close()
        calls.put_on_record(self.connection, calls=self._own_meter.calls, now=self._now)

    @property
    def payments(self) -> PaymentCalls:
        """The calls that move money; raises CannotPay where the channel has none."""
        if not isinstance(self.client, PaymentCalls):
            raise CannotPay(bank=self.bank_code)
        return self.client

    def token(self) -> BankToken:
        """The stored token, or a new one when it is about to end or cannot be read."""
        expires_at = self.connection.token_expires_at
        if expires_at is None or expires_at - self._renew_early <= self._now:
            return self.renew_token()
        try:
            return BankToken(self.connection.open_token(), expires_at)
        except crypto.UnreadableSecret:
            return self.renew_token()

    def renew_token(self) -> BankToken:
        """Ask the bank for a token and store it before it is used, unless the channel is another by now."""
        token = self.client.fetch_token()
        self._renew_early = min(self.client.renew_early, (token.expires_at - self._now) / EARLY_SHARE)
        connection = self.connection
        connection.keep_token(token.access_token, expires_at=token.expires_at)
        BankConnection.objects.filter(pk=connection.pk, channel=connection.channel).update(
            token_sealed=connection.token_sealed, token_expires_at=connection.token_expires_at
        )
        return token

    def with_token(self, call: Callable[[BankToken], T]) -> T:
        """Make a call that needs the token only; a token refused is renewed once."""
        return self._renewing_once(lambda: call(self.token()))

    def with_session(self, call: Callable[[BankSession], T]) -> T:
        """Make a call for the client's data; a token refused is renewed once.

        A consent that was renewed meanwhile is closed at the bank: the new one goes on in its place.
        """
        try:
            return self._renewing_once(lambda: call(self.session()))
        except ConsentRequired:
            if not self.takes_up_renewal():
                raise
            return self._renewing_once(lambda: call(self.session()))

    def _renewing_once(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except CredentialsRefused:
            raise
        except AuthenticationFailed:
            self.renew_token()
            return call()

    def session(self) -> BankSession:
        """What every reading call needs; raises ConsentRequired where no consent is alive."""
        if self._consent is None:
            self._consent = self._living_consent()
        return BankSession(
            token=self.token(),
            client_id=self.connection.client_id,
            consent_id=self._consent.consent_id or None,
        )

    def takes_up_renewal(self) -> bool:
        """Whether another consent has taken the place of the one in use; it is in use from now on."""
        used, self._consent = self._consent, None
        alive = Consent.objects.alive(self._now).filter(connection=self.connection)
        return used is not None and alive.exclude(pk=used.pk).exists()

    def _living_consent(self) -> Consent:
        consent = Consent.objects.alive(self._now).filter(connection=self.connection).first()
        if consent is None:
            raise ConsentRequired("no consent is alive", bank=self.bank_code)
        if not consent.consent_id and self.connection.channel != BankConnection.Channel.BANK:
            raise ConsentRequired("the Banking API shows others' data to the unnamed", bank=self.bank_code)
        Consent.objects.filter(pk=consent.pk).update(last_used_at=self._now)
        return consent
