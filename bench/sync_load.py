"""Bench: how fast a bank's rows come in, and what a synchronisation costs that finds nothing new.

`python -m bench.sync_load [--rows 1000 10000 100000]`. The bank is in this process: its pages go
through the real parsers, and the time in which it makes them is taken out. Figures are CPU time.
"""

import argparse
import resource
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bench import site

if TYPE_CHECKING:
    from banking.clients.answers import Answer
    from banking.models import BankConnection

NOW = datetime(2026, 10, 15, 9, tzinfo=UTC)
YEARS = 3
PAGE = 100
TABLES = ("transaction", "dailybalance", "daytotal", "account")
SHOPS = (
    ("PYATEROCHKA 14523 MOSKVA RUS", "Пятёрочка", "5411", "grocery", "Москва"),
    ("YANDEX*EDA MOSCOW", "Яндекс Еда", "5812", "restaurant", "Москва"),
    ("MOSMETRO MOSKVA", "Московский метрополитен", "4111", "transport", "Москва"),
    ("LUKOIL AZS 77 KALUGA", "Лукойл", "5541", "gas_station", "Калуга"),
    ("APTEKA 36.6", "Аптека 36,6", "5912", "pharmacy", "Москва"),
    ("OZON.RU", "Ozon", "5399", "marketplace", "Москва"),
    ("KINOPOISK", "Кинопоиск", "5968", "subscription", ""),
)


@dataclass
class InMemoryBank:
    """Stands where the transport stands: answers with documents that are decoded already."""

    rows: int
    spent: float = 0.0
    calls: Counter[str] = field(default_factory=Counter)

    def call(
        self, method: str, path: str, *, endpoint: str, params: Mapping[str, str] | None = None, **_rest: Any
    ) -> "Answer":
        from banking.clients.answers import Answer  # noqa: PLC0415  not before Django is set up

        begun = time.process_time()
        self.calls[endpoint] += 1
        document = self._document(endpoint, int((params or {}).get("page", "1")))
        self.spent += time.process_time() - begun
        return Answer(bank="vbank", request_id="bench", status=200, document=document)

    def close(self) -> None:
        """Nothing is open."""

    def _document(self, endpoint: str, page: int) -> dict[str, Any]:
        if endpoint == "bank-token":
            return {"access_token": "bench", "token_type": "bearer", "expires_in": 86400}
        if endpoint == "accounts":
            return {"data": {"account": [_ACCOUNT]}}
        if endpoint == "balances":
            amount = {"amount": "100000.00", "currency": "RUB"}
            return {"data": {"balance": [{"type": "InterimBooked", "amount": amount}]}}
        first = (page - 1) * PAGE
        rows = [_row(number, self.rows) for number in range(first, min(first + PAGE, self.rows))]
        pages = -(-self.rows // PAGE)
        meta = {"totalPages": pages, "totalRecords": self.rows, "currentPage": page, "pageSize": PAGE}
        return {"data": {"transaction": rows}, "links": {}, "meta": meta}


_ACCOUNT = {
    "accountId": "acc-1",
    "status": "Enabled",
    "currency": "RUB",
    "accountType": "Personal",
    "accountSubType": "Checking",
    "nickname": "Зарплатный",
    "account": [{"schemeName": "RU.CBR.PAN", "identification": "40817810000000000001", "name": "Анна"}],
}


def _row(number: int, rows: int) -> dict[str, Any]:
    """The row that is so many before the newest."""
    text, merchant, mcc, category, city = SHOPS[number % len(SHOPS)]
    at = (NOW - timedelta(days=365 * YEARS) / rows * (number + 1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "transactionId": f"tx-{rows - number}",
        "accountId": "acc-1",
        "amount": {"amount": f"{50 + number % 4900}.{number % 100:02}", "currency": "RUB"},
        "creditDebitIndicator": "Debit",
        "status": "completed",
        "bookingDateTime": at,
        "valueDateTime": at,
        "transactionInformation": f"{text} {number % 997}",
        "bankTransactionCode": {"code": "01"},
        "merchant": {
            "merchantId": f"m-{number % 50}",
            "name": merchant,
            "mccCode": mcc,
            "category": category,
        },
        "transactionLocation": {"city": city, "country": "RU"},
        "card": {"cardId": "card-1", "cardNumber": "**** **** **** 1234", "cardType": "debit"},
    }


@dataclass(slots=True)
class Measured:
    """One synchronisation: CPU time without the bank's, statements, and row writes by table."""

    seconds: float
    queries: int
    writes: Counter[str]


class _Statements:
    """Counts the statements of a block and the rows that they write."""

    def __init__(self) -> None:
        self.queries = 0
        self.writes: Counter[str] = Counter()

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.queries += 1
        result = execute(sql, params, many, context)
        for table in TABLES:
            if sql.startswith(("INSERT", "UPDATE", "DELETE")) and f'"banking_{table}"' in sql[:60]:
                self.writes[table] += context["cursor"].rowcount
        return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    wanted = sorted(parser.parse_args().rows)
    site.start()
    from django.db import connection  # noqa: PLC0415  not before Django is set up

    print(f"{connection.vendor}, one account, rows of {YEARS} years, pages of {PAGE}")
    _measure(wanted[0], client="warm-up")
    for rows in wanted:
        first, again = _measure(rows, client=f"team075-{rows}")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{rows:>8,} rows: first load {rows / first.seconds:>7,.0f} rows/s (goal 10,000), "
            f"{first.queries} queries, peak {peak:.0f} MB (goal 250 at 100,000)"
        )
        writes = ", ".join(f"{again.writes[table]} {table}" for table in TABLES)
        print(
            f"          again, nothing new: {again.seconds * 1000:.0f} ms, {again.queries} queries "
            f"(goal: the same for all), rows written: {writes}"
        )


def _measure(rows: int, *, client: str) -> tuple[Measured, Measured]:
    connection = _connection(client)
    bank = InMemoryBank(rows)
    first = _synchronised(connection, bank, now=NOW)
    again = _synchronised(connection, bank, now=NOW + timedelta(hours=1))
    return first, again


def _synchronised(connection: "BankConnection", bank: InMemoryBank, *, now: datetime) -> Measured:
    from django.db import connection as database  # noqa: PLC0415

    from banking.clients.vtb import VtbClient  # noqa: PLC0415
    from banking.models import SyncRun  # noqa: PLC0415
    from banking.services import access  # noqa: PLC0415
    from banking.sync import run  # noqa: PLC0415

    access.client_for = lambda config: VtbClient(config, transport=bank)  # type: ignore[assignment]
    statements = _Statements()
    opened = run.open_run(connection, SyncRun.Trigger.COMMAND)
    bank.spent, begun = 0.0, time.process_time()
    with database.execute_wrapper(statements):
        done = run.execute(opened.pk, worker="bench", now=now)
    seconds = time.process_time() - begun - bank.spent
    assert done is not None
    assert done.state == SyncRun.State.DONE, done.error_code
    return Measured(seconds, statements.queries, statements.writes)


def _connection(client: str) -> "BankConnection":
    from banking.models import Bank, BankConnection, Consent  # noqa: PLC0415
    from financehub.users.models import User  # noqa: PLC0415

    user = User.objects.create_user(client, None)
    bank = Bank.objects.get(code="vbank")
    connection = BankConnection.objects.create(user=user, bank=bank, client_id=client, status="active")
    Consent.objects.create(
        connection=connection, consent_id="consent-1", status="granted", requested_at=NOW, granted_at=NOW
    )
    return connection


if __name__ == "__main__":
    main()
