"""The three banks and the switches that each has."""

import threading
from dataclasses import dataclass, replace
from typing import Any

from sandbox.settings import SandboxSettings

BANK_NAMES = {"vbank": "Virtual Bank", "abank": "Awesome Bank", "sbank": "Smart Bank"}
DIALECTS = ("hosted", "published")
ROW_STYLES = ("modern", "plain")


@dataclass(frozen=True, slots=True)
class BankSwitches:
    """How one bank behaves now.

    `plain` rows are those of November 2025: status "Booked", no merchant, card or counterparty.
    """

    dialect: str
    row_style: str
    auto_approve: bool
    token_life: int

    def __post_init__(self) -> None:
        if self.dialect not in DIALECTS:
            raise ValueError(f"dialect must be one of {DIALECTS}")
        if self.row_style not in ROW_STYLES:
            raise ValueError(f"row_style must be one of {ROW_STYLES}")
        if type(self.auto_approve) is not bool or type(self.token_life) is not int:
            raise ValueError("auto_approve must be true or false, token_life a number of seconds")


class Switchboard:
    """The current switches of all banks; changed by control calls, forgotten at restart."""

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._switches: dict[str, BankSwitches] = {}
        self.reset()

    def reset(self) -> None:
        """Return to what the settings say."""
        with self._lock:
            self._switches = {
                code: BankSwitches(
                    dialect=self._settings.dialect,
                    row_style=self._settings.row_style,
                    auto_approve=code not in self._settings.manual_banks,
                    token_life=self._settings.token_life,
                )
                for code in BANK_NAMES
            }

    def of(self, bank: str) -> BankSwitches:
        """Return the switches of a bank."""
        return self._switches[bank]

    def change(self, bank: str, **changes: Any) -> BankSwitches:
        """Change some switches; unknown names and values raise."""
        with self._lock:
            self._switches[bank] = replace(self._switches[bank], **changes)
            return self._switches[bank]
