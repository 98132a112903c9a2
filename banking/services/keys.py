"""Services: stored secrets encrypted anew, while whoever uses them goes on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import structlog
from django.db.models import QuerySet

from banking.models import BankConnection, BankKey
from financehub import crypto

log = structlog.get_logger(__name__)

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Store:
    """Where sealed secrets are, and the column by which their rows own them."""

    model: type[BankConnection] | type[BankKey]
    column: str
    named_by: str


STORES = (Store(BankConnection, "token_sealed", "pk"), Store(BankKey, "private_sealed", "kid"))


@dataclass(slots=True)
class Rotation:
    """What became of the tokens: rewritten, replaced by their owner meanwhile, unreadable."""

    rotated: int = 0
    overtaken: int = 0
    unreadable: int = 0


def count_tokens() -> int:
    """How many tokens and keys are stored."""
    return sum(_sealed(store).count() for store in STORES)


def rotate_tokens(rotation: Rotation) -> Iterator[None]:
    """Encrypt every stored secret with the first key, noting in `rotation`; yields once a secret.

    A secret is swapped only if it is still the one that was read: a newer one, which a synchronisation
    has stored meanwhile, is encrypted with the first key anyway.
    """
    for store in STORES:
        last = 0
        while rows := _next_rows(store, after=last):
            for pk, name, sealed in rows:
                _rotate(store, pk, name, sealed, rotation)
                yield
            last = rows[-1][0]


def _sealed(store: Store) -> QuerySet[Any]:
    return store.model._default_manager.exclude(**{store.column: ""})


def _next_rows(store: Store, *, after: int) -> list[tuple[int, Any, str]]:
    rows = _sealed(store).filter(pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", store.named_by, store.column)[:AT_ONCE])


def _rotate(store: Store, pk: int, name: Any, sealed: str, rotation: Rotation) -> None:
    try:
        crypto.unseal(sealed, owner=store.model.owner_of(name))
        fresh = crypto.rotate(sealed)
    except crypto.UnreadableSecret as error:
        log.warning("secret_unreadable", store=store.model.__name__, row=pk, why=str(error))
        rotation.unreadable += 1
        return
    unchanged = _sealed(store).filter(**{"pk": pk, store.column: sealed})
    if unchanged.update(**{store.column: fresh}):
        rotation.rotated += 1
    else:
        rotation.overtaken += 1
