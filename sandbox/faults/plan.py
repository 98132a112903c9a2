"""Which fault strikes which call, and how many times."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sandbox.calls import CALL_KINDS, Call

ANYWHERE = "*"
_OWN_FIELDS = frozenset({"where", "what", "bank", "page", "account", "client", "times", "after"})


class FaultError(ValueError):
    """A fault is described wrongly."""


@dataclass(slots=True)
class Fault:
    """One planned fault. `times` None strikes for ever; the first `after` fitting calls are spared."""

    what: str
    where: str
    bank: str
    page: int | None = None
    account: str | None = None
    client: str | None = None
    times: int | None = None
    after: int = 0
    params: dict[str, Any] = field(default_factory=dict)
    memory: dict[Any, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, document: Any, bank: str) -> "Fault":
        """Read a fault of a bank from its JSON form."""
        if not isinstance(document, dict) or not isinstance(document.get("what"), str):
            raise FaultError("a fault is an object with `what` and `where`")
        where = document.get("where", ANYWHERE)
        if where != ANYWHERE and where not in CALL_KINDS:
            raise FaultError(f"`where` must be * or one of {sorted(CALL_KINDS)}")
        for name in ("page", "times", "after"):
            if type(document.get(name)) not in {int, type(None)}:
                raise FaultError(f"`{name}` must be a whole number")
        known = {name: document[name] for name in _OWN_FIELDS & document.keys()}
        params = {name: value for name, value in document.items() if name not in _OWN_FIELDS}
        return cls(**(known | {"where": where, "bank": bank}), params=params)

    def fits(self, call: Call) -> bool:
        """Tell whether the call is one of those meant."""
        pairs = (
            (self.account, call.account),
            (self.client, call.client),
            (self.page, call.page),
        )
        if self.bank != call.bank or self.where not in {ANYWHERE, call.kind}:
            return False
        return all(wanted in {None, seen} for wanted, seen in pairs)

    def shown(self) -> dict[str, Any]:
        """Return the JSON form."""
        own = {name: getattr(self, name) for name in sorted(_OWN_FIELDS)}
        return {name: value for name, value in own.items() if value is not None} | self.params


class FaultBook:
    """The planned faults of all banks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._faults: list[Fault] = []

    def plan(self, faults: Iterable[Fault]) -> None:
        """Add faults to the plan."""
        with self._lock:
            self._faults.extend(faults)

    def clear(self, bank: str) -> None:
        """Drop the faults of a bank, and wake the calls that a fault holds."""
        with self._changed:
            self._faults = [fault for fault in self._faults if fault.bank != bank]
            self._changed.notify_all()

    def of(self, bank: str) -> list[Fault]:
        """List the faults of a bank that are still to come."""
        with self._lock:
            return [fault for fault in self._faults if fault.bank == bank and fault.times != 0]

    def take(self, call: Call) -> list[Fault]:
        """Return the faults that strike this call, and count them."""
        if not self._faults:
            return []
        with self._lock:
            return [fault for fault in self._faults if fault.fits(call) and _strikes(fault)]

    def wait(self, seconds: float) -> None:
        """Hold a call for a while, or until the faults are cleared."""
        with self._changed:
            self._changed.wait(seconds)


def _strikes(fault: Fault) -> bool:
    if fault.after > 0:
        fault.after -= 1
        return False
    if fault.times is None:
        return True
    if fault.times == 0:
        return False
    fault.times -= 1
    return True
