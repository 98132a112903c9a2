"""The banks' calendar: the real time, or a fixed moment that tests move."""

import threading
from datetime import UTC, datetime


class Clock:
    """Tells the moment up to which history has happened. Tokens and consents live on real time."""

    def __init__(self, fixed: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._fixed = fixed

    def now(self) -> datetime:
        """Return the moment on the calendar of the banks."""
        return self._fixed or datetime.now(UTC)

    def fix(self, moment: datetime | None) -> None:
        """Stop at a moment, or follow the real time again."""
        with self._lock:
            self._fixed = moment
