"""What the bundled banks are told from outside: the only place that reads the environment."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

DEMO_CLIENT_PASSWORD = "password"  # noqa: S105 - the documented password of invented people
_NOON = time(12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """The switches with which the banks start; most can be changed later by the control calls."""

    database: Path
    team_id: str = "team075"
    team_secret: str = "demo-team-secret"  # noqa: S105 - the published secret of the demo
    dialect: str = "hosted"
    row_style: str = "modern"
    token_life: int = 86_400
    oauth_client_id: str = "team075"
    oauth_client_secret: str = "demo-oauth-secret"  # noqa: S105 - the published secret of the demo
    oauth_token_life: int = 300
    manual_banks: frozenset[str] = frozenset({"sbank"})
    manual_payment_banks: frozenset[str] = frozenset({"sbank"})
    fixed_now: datetime | None = None
    control: bool = False
    faults: tuple[dict[str, Any], ...] = field(default=())

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "SandboxSettings":
        """Read the settings from the environment."""
        today = env.get("SANDBOX_TODAY", "")
        manual = env.get("SANDBOX_MANUAL_BANKS", "sbank")
        manual_payments = env.get("SANDBOX_MANUAL_PAYMENT_BANKS", "sbank")
        return cls(
            database=Path(env.get("SANDBOX_DB", "var/sandbox.sqlite3")),
            team_id=env.get("SANDBOX_TEAM_ID", "team075"),
            team_secret=env.get("SANDBOX_TEAM_SECRET", "demo-team-secret"),
            dialect=env.get("SANDBOX_DIALECT", "hosted"),
            row_style=env.get("SANDBOX_ROW_STYLE", "modern"),
            token_life=int(env.get("SANDBOX_TOKEN_LIFE", "86400")),
            oauth_client_id=env.get("SANDBOX_OAUTH_CLIENT_ID", "team075"),
            oauth_client_secret=env.get("SANDBOX_OAUTH_CLIENT_SECRET", "demo-oauth-secret"),
            oauth_token_life=int(env.get("SANDBOX_OAUTH_TOKEN_LIFE", "300")),
            manual_banks=frozenset(filter(None, manual.split(","))),
            manual_payment_banks=frozenset(filter(None, manual_payments.split(","))),
            fixed_now=parse_moment(today) if today else None,
            control=env.get("SANDBOX_CONTROL", "") == "1",
            faults=tuple(json.loads(env.get("SANDBOX_FAULTS") or "[]")),
        )


def parse_moment(text: str) -> datetime:
    """Read a day (its noon in UTC) or a moment; a missing zone means UTC."""
    moment = datetime.fromisoformat(text)
    if len(text) == len("2026-01-31"):
        return datetime.combine(moment.date(), _NOON)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
