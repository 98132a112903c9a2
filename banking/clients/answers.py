"""Clients: a decoded answer on its way from the transport to the parsers."""

from dataclasses import dataclass
from typing import Any

from banking.clients.errors import InvalidResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a bank said to one call: the document, and enough to name the call in a failure."""

    bank: str
    request_id: str
    status: int
    document: Any

    def invalid(self, path: str, reason: str) -> InvalidResponse:
        """The failure to raise when the document is not as agreed at `path`."""
        return InvalidResponse(reason, bank=self.bank, request_id=self.request_id, path=path)
