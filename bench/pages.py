"""Bench: what pages cost, and whether they stay flat as a person's rows grow.

`python -m bench.pages [--rows 1000 100000]`. Whole answers with all middleware, in one process; the
figure is CPU time, the median of many. "of bare" is the ratio to a signed-in page that shows
nothing, in the same run.
"""

import argparse
import statistics
import time
from dataclasses import dataclass
from datetime import date, timedelta

from bench import site

ROUNDS = 40
BARE = "bench/bare/"
PAGES = {
    "dashboard": "overview/",
    "accounts": "accounts/",
    "transactions, first page": "transactions/",
    "transactions, 90 % deep": "transactions/?after={deep}",
    "categories, 12 months": "analytics/categories/?period=12-months",
    "trends, 60 months": "analytics/trends/?since={long_ago}",
    "search, frequent": "transactions/?q=пятерочка",
    "search, rare": "transactions/?q=nothing+like+this",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """One page: CPU milliseconds, the ratio to the bare page, queries."""

    milliseconds: float
    of_bare: float
    queries: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 100_000])
    wanted = sorted(parser.parse_args().rows)
    site.start()
    costs = {rows: _costs(rows) for rows in wanted}
    _print(costs, smallest=wanted[0], largest=wanted[-1])


def _costs(rows: int) -> dict[str, Cost]:
    from django.test import Client  # noqa: PLC0415  not before Django is set up

    user = site.person_with(rows)
    client = Client()
    client.force_login(user)
    deep = _deep_cursor(user, rows)
    long_ago = date.today() - timedelta(days=5 * 365)  # noqa: DTZ011  any day five years ago will do
    bare = _milliseconds(client, f"/{BARE}")
    costs = {}
    for name, path in PAGES.items():
        url = "/" + path.format(deep=deep, long_ago=long_ago)
        spent = _milliseconds(client, url)
        costs[name] = Cost(spent, spent / bare, _queries(client, url))
    return costs


def _deep_cursor(user, rows: int) -> str:  # type: ignore[no-untyped-def]
    from banking.models import Transaction  # noqa: PLC0415
    from banking.queries.transactions import Cursor  # noqa: PLC0415

    row = Transaction.objects.for_user(user).newest_first()[rows * 9 // 10]
    return str(Cursor(row.booked_at, row.pk))


def _milliseconds(client, url: str) -> float:  # type: ignore[no-untyped-def]
    spent = []
    for _ in range(ROUNDS):
        before = time.process_time()
        answer = client.get(url)
        spent.append(time.process_time() - before)
        if answer.status_code != 200:
            raise SystemExit(f"{url} answered {answer.status_code}")
    return statistics.median(spent) * 1000


def _queries(client, url: str) -> int:  # type: ignore[no-untyped-def]
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    return len(queries)


def _print(costs: dict[int, dict[str, Cost]], *, smallest: int, largest: int) -> None:
    print(f"{'page':<28}{'rows':>10}{'CPU ms':>10}{'of bare':>10}{'queries':>9}")
    for name in PAGES:
        for rows, by_page in costs.items():
            cost = by_page[name]
            print(f"{name:<28}{rows:>10,}{cost.milliseconds:>10.2f}{cost.of_bare:>10.1f}{cost.queries:>9}")
        growth = costs[largest][name].milliseconds / costs[smallest][name].milliseconds
        print(f"{'':<28}{'growth':>10}{growth:>10.2f}")


if __name__ == "__main__":
    main()
