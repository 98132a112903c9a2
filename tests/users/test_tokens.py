"""Refresh tokens: one winner, one use, and an end with the password, the block or the person."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import jwt
import pytest
import time_machine
from django.conf import settings
from django.db import connection
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from financehub.users import actions, tokens
from financehub.users.models import User
from tests.conftest import PASSWORD

NOW = datetime(2025, 11, 9, 12, 0, tzinfo=UTC)


def in_parallel(raws: list[str]) -> list[tokens.TokenPair]:
    """Refresh with every token at the same moment, each in its own thread; the pairs that came out."""
    start = Barrier(len(raws))

    def attempt(raw: str) -> tokens.TokenPair | None:
        try:
            start.wait()
            return tokens.refresh(raw=raw)
        except tokens.InvalidRefreshToken:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(len(raws)) as pool:
        return [pair for pair in pool.map(attempt, raws) if pair]


def test_claims_name_the_person_and_the_kind(anna: User) -> None:
    pair = tokens.issue(user=anna)
    for raw, kind, lifetime in [
        (pair.access, "access", timedelta(minutes=30)),
        (pair.refresh, "refresh", timedelta(days=7)),
    ]:
        claims = jwt.decode(
            raw,
            settings.JWT_SIGNING_KEY,
            algorithms=["HS256"],
            audience="financehub-api",
            issuer="financehub",
        )
        assert claims["user_id"] == anna.pk
        assert claims["email"] == "anna@financehub.ru"
        assert claims["type"] == kind
        assert claims["exp"] - claims["iat"] == lifetime.total_seconds()
        assert "role" not in claims


def test_table_of_tokens_holds_no_token(anna: User) -> None:
    tokens.issue(user=anna)
    assert OutstandingToken.objects.get().token == ""


def test_refresh_hands_out_a_new_pair(anna: User) -> None:
    first = tokens.issue(user=anna)
    second = tokens.refresh(raw=first.refresh)
    assert second.refresh != first.refresh
    assert tokens.refresh(raw=second.refresh).user == anna


def test_replay_ends_every_token_of_the_person(anna: User, boris: User) -> None:
    stolen = tokens.issue(user=anna)
    other_device = tokens.issue(user=anna)
    bystander = tokens.issue(user=boris)
    live = tokens.refresh(raw=stolen.refresh)
    for raw in (stolen.refresh, live.refresh, other_device.refresh):
        with pytest.raises(tokens.InvalidRefreshToken):
            tokens.refresh(raw=raw)
    assert tokens.refresh(raw=bystander.refresh).user == boris


@pytest.mark.django_db(transaction=True)
def test_replay_ends_the_family_for_good_although_it_is_refused() -> None:
    stolen = tokens.issue(user=User.objects.create_user("anna", PASSWORD))
    live = tokens.refresh(raw=stolen.refresh)
    with pytest.raises(tokens.InvalidRefreshToken):
        tokens.refresh(raw=stolen.refresh)
    connection.close()
    assert BlacklistedToken.objects.filter(token__jti=tokens.RefreshToken(live.refresh)["jti"]).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_one_of_ten_parallel_refreshes_wins(attempt: int) -> None:
    pair = tokens.issue(user=User.objects.create_user("anna", PASSWORD))
    assert len(in_parallel([pair.refresh] * 10)) == 1


@pytest.mark.django_db(transaction=True)
def test_parallel_replays_leave_nothing_alive() -> None:
    pair = tokens.issue(user=User.objects.create_user("anna", PASSWORD))
    live = tokens.refresh(raw=pair.refresh)
    assert in_parallel([pair.refresh] * 10) == []
    with pytest.raises(tokens.InvalidRefreshToken):
        tokens.refresh(raw=live.refresh)


@pytest.mark.django_db(transaction=True)
def test_renewal_during_a_replay_leaves_nothing_alive() -> None:
    anna = User.objects.create_user("anna", PASSWORD)
    for _ in range(10):
        stolen, other_device = tokens.issue(user=anna), tokens.issue(user=anna)
        tokens.refresh(raw=stolen.refresh)
        in_parallel([stolen.refresh, other_device.refresh])
        assert not OutstandingToken.objects.filter(blacklistedtoken=None).exists()


def change_password(user: User) -> None:
    actions.change_password(user=user, current=PASSWORD, password="another horse 8", now=NOW)


def block(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def delete(user: User) -> None:
    user.delete()


@pytest.mark.parametrize("event", [change_password, block, delete])
def test_refresh_ends_with(event: Callable[[User], None], anna: User) -> None:
    pair = tokens.issue(user=anna)
    event(anna)
    with pytest.raises(tokens.InvalidRefreshToken):
        tokens.refresh(raw=pair.refresh)


def test_refresh_ends_after_seven_days(anna: User) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        pair = tokens.issue(user=anna)
        clock.shift(timedelta(days=7, seconds=1))
        with pytest.raises(tokens.InvalidRefreshToken):
            tokens.refresh(raw=pair.refresh)


def test_access_token_is_no_refresh_token(anna: User) -> None:
    with pytest.raises(tokens.InvalidRefreshToken):
        tokens.refresh(raw=tokens.issue(user=anna).access)


def test_refresh_token_that_was_never_issued_is_refused(anna: User) -> None:
    with pytest.raises(tokens.InvalidRefreshToken):
        tokens.refresh(raw=str(tokens.RefreshToken.for_user(anna)))


def test_revoked_token_is_spent(anna: User) -> None:
    pair = tokens.issue(user=anna)
    tokens.revoke(raw=pair.refresh)
    with pytest.raises(tokens.InvalidRefreshToken):
        tokens.refresh(raw=pair.refresh)


def test_revoking_nonsense_is_no_failure(db: None) -> None:
    tokens.revoke(raw="nonsense")


def test_expired_tokens_are_forgotten_and_live_ones_kept(anna: User) -> None:
    with time_machine.travel(NOW, tick=False):
        tokens.issue(user=anna)
    with time_machine.travel(NOW + timedelta(days=6), tick=False):
        tokens.issue(user=anna)
    assert tokens.forget_expired(now=NOW + timedelta(days=8)) == 1
    assert OutstandingToken.objects.count() == 1
