"""Services: bank tokens encrypted anew, while whoever synchronises goes on using them."""

from collections.abc import Iterator
from dataclasses import dataclass

import structlog

from banking.models import BankConnection
from financehub import crypto

log = structlog.get_logger(__name__)

AT_ONCE = 500


@dataclass(slots=True)
class Rotation:
    """What became of the tokens: rewritten, replaced by their owner meanwhile, unreadable."""

    rotated: int = 0
    overtaken: int = 0
    unreadable: int = 0


def count_tokens() -> int:
    """How many tokens are stored."""
    return BankConnection.objects.exclude(token_sealed="").count()


def rotate_tokens(rotation: Rotation) -> Iterator[None]:
    """Encrypt every stored token with the first key, noting in `rotation`; yields once a token.

    A token is swapped only if it is still the one that was read: a newer one, which a synchronisation
    has stored meanwhile, is encrypted with the first key anyway.
    """
    last = 0
    while rows := _next_rows(after=last):
        for pk, sealed in rows:
            _rotate(pk, sealed, rotation)
            yield
        last = rows[-1][0]


def _next_rows(*, after: int) -> list[tuple[int, str]]:
    rows = BankConnection.objects.filter(pk__gt=after).exclude(token_sealed="")
    return list(rows.order_by("pk").values_list("pk", "token_sealed")[:AT_ONCE])


def _rotate(pk: int, sealed: str, rotation: Rotation) -> None:
    try:
        crypto.unseal(sealed, owner=BankConnection.owner_of(pk))
        fresh = crypto.rotate(sealed)
    except crypto.UnreadableSecret as error:
        log.warning("token_unreadable", connection=pk, why=str(error))
        rotation.unreadable += 1
        return
    if BankConnection.objects.filter(pk=pk, token_sealed=sealed).update(token_sealed=fresh):
        rotation.rotated += 1
    else:
        rotation.overtaken += 1
