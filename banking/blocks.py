"""What apps above put on the first screen: banking knows that there are blocks, not what is in them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from banking.models import Account

if TYPE_CHECKING:
    from financehub.users.models import User


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the page: its template, which sees nothing but this context."""

    template: str
    context: Mapping[str, Any]


class Provider(Protocol):
    """Asks for what its blocks show of a person's open accounts; none when there is nothing to say."""

    def __call__(self, *, user: "User", today: date, accounts: Sequence[Account]) -> Iterable[Block]: ...


_providers: list[Provider] = []


def provide(provider: Provider) -> Provider:
    """Put blocks on the first screen, below those provided before."""
    _providers.append(provider)
    return provider


def blocks(*, user: "User", today: date, accounts: Sequence[Account]) -> list[Block]:
    """All blocks of a person's first screen, in order."""
    return [block for provider in _providers for block in provider(user=user, today=today, accounts=accounts)]
