"""Clients: a bank's token in memory, for callers that have no database to keep it in."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from banking.clients.errors import AuthenticationFailed, CredentialsRefused
from banking.clients.schemas import BankToken
from banking.clients.transport import utc_now

T = TypeVar("T")
EARLY = timedelta(minutes=5)
EARLY_SHARE = 10


@dataclass(frozen=True, slots=True)
class _Kept:
    token: BankToken
    renew_at: datetime


class TokenCache:
    """One bank's token, renewed a little early and by one thread at a time.

    A tenth of its life before its end, but no sooner than `early`.
    """

    def __init__(
        self,
        fetch: Callable[[], BankToken],
        *,
        early: timedelta = EARLY,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._fetch = fetch
        self._early = early
        self._now = now
        self._lock = threading.Lock()
        self._kept: _Kept | None = None

    def get(self) -> BankToken:
        """A token good for now; raises what the fetch raises."""
        with self._lock:
            kept = self._kept
            if kept is None or self._now() >= kept.renew_at:
                kept = self._renew()
            return kept.token

    def replace(self, refused: BankToken) -> BankToken:
        """Another token than the one a bank has just refused; no call when another thread got it already."""
        with self._lock:
            kept = self._kept
            if kept is None or kept.token == refused:
                kept = self._renew()
            return kept.token

    def call(self, ask: Callable[[BankToken], T]) -> T:
        """Make a call; where the token is not accepted, once more with another one."""
        token = self.get()
        try:
            return ask(token)
        except CredentialsRefused:
            raise
        except AuthenticationFailed:
            pass
        return ask(self.replace(token))

    def _renew(self) -> _Kept:
        asked_at = self._now()
        token = self._fetch()
        early = min(self._early, (token.expires_at - asked_at) / EARLY_SHARE)
        self._kept = _Kept(token, token.expires_at - early)
        return self._kept
