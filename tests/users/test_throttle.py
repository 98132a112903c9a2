"""Guessing is slowed down per account and per address, and never lets one more through."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from statistics import median
from threading import Barrier
from time import process_time
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client, RequestFactory, override_settings

from financehub.users import actions, throttle
from financehub.users.addresses import client_address
from financehub.users.models import LoginBucket, User
from tests.conftest import PASSWORD

NOW = datetime(2025, 11, 9, 12, 0, 0, 123456, tzinfo=UTC)
LIMIT = throttle.Limit(name="test", attempts=3, refill=timedelta(seconds=30))


def take(*, at: datetime = NOW, subject: str = "anna") -> bool:
    try:
        throttle.take(limit=LIMIT, subject=subject, now=at)
    except throttle.TooManyAttempts:
        return False
    return True


def guess(*, login: str = "anna", address: str = "192.0.2.1") -> type[Exception]:
    with pytest.raises((actions.InvalidCredentials, throttle.TooManyAttempts)) as caught:
        actions.sign_in(login=login, password="wrong", address=address, now=NOW)
    return caught.type


@pytest.mark.django_db
def test_bucket_gives_its_attempts_and_then_one_per_refill() -> None:
    assert [take() for _ in range(5)] == [True, True, True, False, False]
    assert not take(at=NOW + timedelta(seconds=29))
    assert take(at=NOW + timedelta(seconds=30))
    assert not take(at=NOW + timedelta(seconds=59))


@pytest.mark.django_db
def test_bucket_never_holds_more_than_its_attempts() -> None:
    take()
    tomorrow = NOW + timedelta(days=1)
    assert [take(at=tomorrow) for _ in range(4)] == [True, True, True, False]


@pytest.mark.django_db
def test_buckets_are_separate() -> None:
    assert [take() for _ in range(4)][-1] is False
    assert take(subject="boris")


@pytest.mark.django_db
def test_refusal_says_when_the_next_attempt_is_back() -> None:
    for _ in range(3):
        take()
    with pytest.raises(throttle.TooManyAttempts) as caught:
        throttle.take(limit=LIMIT, subject="anna", now=NOW + timedelta(seconds=10))
    assert caught.value.retry_after == 20
    assert take(at=NOW + timedelta(seconds=30))


@pytest.mark.django_db
def test_given_back_attempt_can_be_taken_again() -> None:
    assert [take() for _ in range(4)][-1] is False
    throttle.give_back(limit=LIMIT, subject="anna")
    assert [take(), take()] == [True, False]


@pytest.mark.django_db
def test_full_buckets_are_forgotten() -> None:
    take()
    take(subject="boris", at=NOW + timedelta(hours=1))
    assert throttle.forget_full(now=NOW + timedelta(minutes=5)) == 1
    assert LoginBucket.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("known", [False, True])
def test_parallel_attempts_never_exceed_the_limit(known: bool) -> None:
    if known:
        take(at=NOW - timedelta(days=1))
    start = Barrier(8)

    def attempts(_worker: int) -> int:
        try:
            start.wait()
            return sum(take() for _ in range(10))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempts, range(8))) == LIMIT.attempts


@pytest.mark.django_db
def test_account_is_guarded_from_many_addresses(anna: User) -> None:
    answers = [guess(address=f"192.0.2.{number}") for number in range(12)]
    assert answers.count(actions.InvalidCredentials) == throttle.ACCOUNT.attempts
    assert answers[-1] is throttle.TooManyAttempts


@pytest.mark.django_db
def test_address_is_stopped_for_every_account(anna: User) -> None:
    answers = [guess(login=f"person{number}") for number in range(throttle.ADDRESS.attempts + 5)]
    assert answers.count(actions.InvalidCredentials) == throttle.ADDRESS.attempts
    assert guess(login="anna") is throttle.TooManyAttempts


@pytest.mark.django_db
def test_right_password_costs_nothing(anna: User) -> None:
    for _ in range(throttle.ADDRESS.attempts + 5):
        assert actions.sign_in(login="anna", password=PASSWORD, address="192.0.2.1", now=NOW) == anna


@pytest.mark.django_db
def test_own_account_buys_no_more_guesses_at_another(anna: User, boris: User) -> None:
    answers = []
    for _ in range(throttle.ACCOUNT.attempts + 2):
        actions.sign_in(login="boris", password=PASSWORD, address="192.0.2.1", now=NOW)
        answers.append(guess())
    assert answers.count(actions.InvalidCredentials) == throttle.ACCOUNT.attempts


@pytest.mark.django_db
def test_refused_attempt_hashes_nothing(anna: User) -> None:
    while guess() is not throttle.TooManyAttempts:
        pass
    with (
        patch.object(actions, "make_password", side_effect=AssertionError),
        patch.object(User, "check_password", side_effect=AssertionError),
    ):
        assert guess() is throttle.TooManyAttempts


@pytest.mark.django_db
def test_unknown_login_is_hashed_like_a_wrong_password() -> None:
    with patch.object(actions, "make_password") as hashed:
        guess(login="nobody")
    hashed.assert_called_once_with("wrong")


@pytest.mark.django_db
@override_settings(PASSWORD_HASHERS=["financehub.users.hashers.SmallArgon2PasswordHasher"])
def test_time_does_not_tell_who_has_an_account() -> None:
    User.objects.create_user("anna", PASSWORD)

    def seconds(login: str) -> float:
        started = process_time()
        guess(login=login)
        return process_time() - started

    rounds = [(seconds("anna"), seconds("nobody")) for _ in range(9)]
    known, unknown = (median(times) for times in zip(*rounds, strict=True))
    assert known == pytest.approx(unknown, rel=0.5)


@pytest.mark.django_db
def test_password_guesses_inside_a_stolen_session_are_counted(anna: User) -> None:
    def change() -> type[Exception]:
        with pytest.raises((actions.WrongPassword, throttle.TooManyAttempts)) as caught:
            actions.change_password(user=anna, current="wrong", password="another horse 8", now=NOW)
        return caught.type

    answers = [change() for _ in range(throttle.ACCOUNT.attempts + 1)]
    assert answers == [actions.WrongPassword] * throttle.ACCOUNT.attempts + [throttle.TooManyAttempts]


@pytest.mark.django_db
def test_registrations_of_one_address_are_limited() -> None:
    def register(number: int) -> None:
        actions.register(
            login=f"person{number}",
            password=PASSWORD,
            profile=actions.Profile(),
            address="192.0.2.1",
            now=NOW,
        )

    for number in range(throttle.REGISTRATION.attempts):
        register(number)
    with pytest.raises(throttle.TooManyAttempts):
        register(throttle.REGISTRATION.attempts)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, None, "192.0.2.9"),
        (0, "203.0.113.7", "192.0.2.9"),
        (1, None, "192.0.2.9"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "10.0.0.1, 203.0.113.7", "203.0.113.7"),
        (1, "forged, 127.0.0.1,203.0.113.7 ", "203.0.113.7"),
        (2, "198.51.100.4, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        (2, "203.0.113.7", "192.0.2.9"),
        (1, "not an address", "192.0.2.9"),
        (1, "2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        (1, "::ffff:203.0.113.7", "203.0.113.7"),
    ],
)
def test_client_address_believes_our_proxies_only(proxies: int, forwarded: str | None, expected: str) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="192.0.2.9")
    with override_settings(TRUSTED_PROXIES=proxies):
        assert client_address(request) == expected


@pytest.mark.django_db
@override_settings(TRUSTED_PROXIES=1)
def test_forged_header_buys_no_attempt(client: Client, anna: User) -> None:
    def attempt(number: int) -> int:
        headers = {"X-Forwarded-For": f"203.0.113.{number}, 198.51.100.4"}
        return client.post(
            "/login", {"login": f"p{number}", "password": "wrong"}, headers=headers
        ).status_code

    answers = [attempt(number) for number in range(throttle.ADDRESS.attempts + 3)]
    assert answers.count(429) == 3
