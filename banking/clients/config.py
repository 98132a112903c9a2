"""Clients: what a client must know about one bank, filled from the settings by the caller."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from banking.clients.transport import Limits, nobody_counts

PERSON_OF_TEAM = re.compile(r"team\d+-\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class BankConfig:
    """One bank as an application sees it.

    `team_id` is the application (`team075`), never one of its clients (`team075-1`): a bank takes the
    second for a missing consent. `ca_file` replaces the system's certificate authorities.
    """

    code: str
    base_url: str
    team_id: str
    team_secret: str = field(repr=False)
    app_name: str = "FinanceHub"
    ca_file: str | None = None
    kind: str = "vtb"
    limits: Limits = field(default_factory=Limits)
    on_call: Callable[[], None] = nobody_counts

    def __post_init__(self) -> None:
        url = urlsplit(self.base_url)
        if url.scheme not in {"http", "https"} or not url.hostname or url.query or url.fragment:
            raise ValueError(f"{self.code}: the base URL must be http(s)://host[:port][/prefix]")
        if PERSON_OF_TEAM.fullmatch(self.team_id):
            raise ValueError(f"{self.code}: the team id names a client; use the part before the dash")
        if self.ca_file and not Path(self.ca_file).is_file():
            raise ValueError(f"{self.code}: there is no CA file {self.ca_file}")
