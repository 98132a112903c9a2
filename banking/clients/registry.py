"""Clients: which client speaks to a bank. More kinds of banks register here."""

from collections.abc import Callable

from banking.clients.config import BankConfig
from banking.clients.vtb import VtbClient

CLIENTS: dict[str, Callable[[BankConfig], VtbClient]] = {"vtb": VtbClient}

__all__ = ["BankConfig", "client_for"]


def client_for(config: BankConfig) -> VtbClient:
    """A client of the bank, with its own connections; close it, or use it in a `with` block."""
    try:
        make = CLIENTS[config.kind]
    except KeyError:
        raise ValueError(f"{config.code}: no client speaks {config.kind!r}") from None
    return make(config)
