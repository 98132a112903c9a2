"""A bank's token in memory: early enough, and one renewal at a time."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from banking.clients.errors import AuthenticationFailed, BankUnavailable, CredentialsRefused
from banking.clients.schemas import BankToken
from banking.clients.tokens import TokenCache


class Bank:
    """Counts the tokens that it gives out, on a clock of its own."""

    def __init__(self, *, life: float = 3600.0) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.life = life
        self.given = 0
        self.slow = threading.Event()
        self.slow.set()

    def fetch(self) -> BankToken:
        self.slow.wait(5)
        self.given += 1
        return BankToken(f"token-{self.given}", self.now + timedelta(seconds=self.life))

    def cache(self) -> TokenCache:
        return TokenCache(self.fetch, now=lambda: self.now)


def test_a_token_is_kept_until_shortly_before_its_end():
    bank = Bank()
    cache = bank.cache()
    assert cache.get() == cache.get()
    bank.now += timedelta(minutes=54)
    assert cache.get().access_token == "token-1"
    bank.now += timedelta(minutes=1)
    assert cache.get().access_token == "token-2"


def test_a_short_life_is_still_used():
    bank = Bank(life=10)
    cache = bank.cache()
    cache.get()
    bank.now += timedelta(seconds=8)
    cache.get()
    assert bank.given == 1


def test_a_refused_token_is_replaced_once():
    bank = Bank()
    cache = bank.cache()
    refused = cache.get()
    first = cache.replace(refused)
    assert cache.replace(refused) == first == cache.get()
    assert bank.given == 2


def test_many_threads_make_one_renewal():
    bank = Bank()
    bank.slow.clear()
    cache = bank.cache()
    got: list[BankToken] = []
    threads = [threading.Thread(target=lambda: got.append(cache.get())) for _ in range(8)]
    for thread in threads:
        thread.start()
    bank.slow.set()
    for thread in threads:
        thread.join(5)
    assert (bank.given, len(got), len(set(got))) == (1, 8, 1)


def test_a_failed_renewal_leaves_the_cache_usable():
    bank = Bank()
    failing = [True]

    def fetch() -> BankToken:
        if failing:
            failing.pop()
            raise BankUnavailable(bank="vbank", reason="timeout")
        return bank.fetch()

    cache = TokenCache(fetch, now=lambda: bank.now)
    with pytest.raises(BankUnavailable):
        cache.get()
    assert cache.get().access_token == "token-1"


def test_a_bank_of_short_tokens_may_be_renewed_later():
    bank = Bank(life=300)
    cache = TokenCache(bank.fetch, early=timedelta(seconds=20), now=lambda: bank.now)
    cache.get()
    bank.now += timedelta(seconds=279)
    assert cache.get().access_token == "token-1"
    bank.now += timedelta(seconds=1)
    assert cache.get().access_token == "token-2"


def refusing(*refused):
    """A call that takes every token but these."""
    asked = []

    def ask(token):
        asked.append(token.access_token)
        if token.access_token in refused:
            raise AuthenticationFailed(bank="vbank")
        return token.access_token

    return ask, asked


def test_a_call_is_repeated_once_with_another_token():
    ask, asked = refusing("token-1")
    assert Bank().cache().call(ask) == "token-2"
    assert asked == ["token-1", "token-2"]


def test_a_call_that_is_refused_twice_fails():
    bank = Bank()
    ask, asked = refusing("token-1", "token-2", "token-3")
    with pytest.raises(AuthenticationFailed):
        bank.cache().call(ask)
    assert asked == ["token-1", "token-2"]


def test_credentials_that_are_refused_are_not_offered_again():
    bank = Bank()

    def ask(token):
        raise CredentialsRefused(bank="vbank")

    with pytest.raises(CredentialsRefused):
        bank.cache().call(ask)
    assert bank.given == 1
