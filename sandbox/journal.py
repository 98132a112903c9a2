"""Counts the calls that came in, so that a test can say how often a bank was asked."""

import threading
from collections import deque
from typing import Any

from sandbox.calls import Call

_KEPT = 2_000


class Journal:
    """The latest calls of all banks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[tuple[Call, int]] = deque(maxlen=_KEPT)

    def note(self, call: Call, status: int) -> None:
        """Remember a call and how it was answered."""
        with self._lock:
            self._calls.append((call, status))

    def clear(self, bank: str) -> None:
        """Forget the calls of one bank."""
        with self._lock:
            kept = [pair for pair in self._calls if pair[0].bank != bank]
            self._calls = deque(kept, maxlen=_KEPT)

    def of(self, bank: str) -> list[dict[str, Any]]:
        """List the calls of one bank, oldest first."""
        with self._lock:
            pairs = [pair for pair in self._calls if pair[0].bank == bank]
        return [
            {"kind": call.kind, "account": call.account, "page": call.page, "status": status}
            for call, status in pairs
        ]
