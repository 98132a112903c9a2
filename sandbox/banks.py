"""The three banks and the switches that each has."""

import threading
from dataclasses import dataclass, replace
from typing import Any

from sandbox.settings import SandboxSettings

BANK_NAMES = {"vbank": "Virtual Bank", "abank": "Awesome Bank", "sbank": "Smart Bank"}
DIALECTS = ("hosted", "published")
ROW_STYLES = ("modern", "plain")
SETTLEMENTS = ("instant", "delayed", "rejected")


@dataclass(frozen=True, slots=True)
class BankSwitches:
    """How one bank behaves now.

    `plain` rows are those of November 2025: status "Booked", no merchant, card or counterparty.
    `settlement` says what becomes of a payment that was taken: booked on both sides at once; debited
    now and credited once the switch is back; or debited, refused by the other side and given back.
    """

    dialect: str
    row_style: str
    auto_approve: bool
    token_life: int
    auto_approve_payments: bool = True
    settlement: str = "instant"

    def __post_init__(self) -> None:
        if self.dialect not in DIALECTS:
            raise ValueError(f"dialect must be one of {DIALECTS}")
        if self.row_style not in ROW_STYLES:
            raise ValueError(f"row_style must be one of {ROW_STYLES}")
        if self.settlement not in SETTLEMENTS:
            raise ValueError(f"settlement must be one of {SETTLEMENTS}")
        if type(self.auto_approve_payments) is not bool:
            raise ValueError("auto_approve_payments must be true or false")
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
                    auto_approve_payments=code not in self._settings.manual_payment_banks,
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
