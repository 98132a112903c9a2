"""Bench: what pages cost, and whether they stay flat as a person's rows grow.

`python -m bench.pages [--rows 1000 100000 1000000] [--profile dashboard]`. Whole answers with all
middleware, in one process, on the database of DATABASE_URL (else SQLite); figures are medians of many.
"of bare" is the ratio of CPU time to a signed-in page that shows nothing, in the same run. A goal is met
or not at the largest number of rows; the one of the deep page is a multiple of the first.
"""

import argparse
import cProfile
import pstats
import statistics
import time
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from bench import site

if TYPE_CHECKING:
    from django.test import Client

    from financehub.users.models import User

ROUNDS = 40
MOST_LINES = 25
BARE = "bench/bare/"
FIRST = "transactions, first page"
DEEP = "transactions, 90 % deep"
DEEP_OF_FIRST = 1.2
PAGES = {
    # page: its address, and the milliseconds it may take
    "dashboard": ("overview/", 5),
    "accounts": ("accounts/", 5),
    FIRST: ("transactions/", 5),
    DEEP: ("transactions/?after={deep}", 0),
    "categories, 12 months": ("analytics/categories/?period=12-months", 5),
    "trends, 60 months": ("analytics/trends/?since={long_ago}", 6),
    "search, frequent": ("transactions/?q=пятерочка", 12),
    "search, rare": ("transactions/?q=nothing+like+this", 12),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """One page: milliseconds by the clock and of the processor, its ratio to the bare page, queries."""

    clock: float
    cpu: float
    of_bare: float
    queries: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument(
        "--profile", metavar="PAGE", help="show where the time of this page goes, and no table"
    )
    asked = parser.parse_args()
    wanted = sorted(asked.rows)
    site.start()
    if asked.profile:
        _profile(asked.profile, wanted[-1])
        return
    costs = {rows: _costs(rows) for rows in wanted}
    _print(costs, smallest=wanted[0], largest=wanted[-1])


def _costs(rows: int) -> dict[str, Cost]:
    client, urls = _visitor(rows)
    _, bare = _milliseconds(client, f"/{BARE}")
    costs = {}
    for name, url in urls.items():
        clock, cpu = _milliseconds(client, url)
        costs[name] = Cost(clock, cpu, cpu / bare, _queries(client, url))
    return costs


def _visitor(rows: int) -> tuple["Client", dict[str, str]]:
    """A browser of somebody with so many rows, and the addresses to ask."""
    from django.test import Client  # noqa: PLC0415  not before Django is set up

    user = site.person_with(rows)
    client = Client()
    client.force_login(user)
    long_ago = date.today() - timedelta(days=5 * 365)  # noqa: DTZ011  any day five years ago will do
    deep = _deep_cursor(user, rows)
    urls = {name: "/" + path.format(deep=deep, long_ago=long_ago) for name, (path, _goal) in PAGES.items()}
    return client, urls


def _profile(page: str, rows: int) -> None:
    client, urls = _visitor(rows)
    _milliseconds(client, urls[page])
    profile = cProfile.Profile()
    with profile:
        for _ in range(ROUNDS):
            client.get(urls[page])
    pstats.Stats(profile).sort_stats("tottime").print_stats(MOST_LINES)


def _deep_cursor(user: "User", rows: int) -> str:
    from banking.models import Transaction  # noqa: PLC0415
    from banking.queries.transactions import Cursor  # noqa: PLC0415

    row = Transaction.objects.for_user(user).newest_first()[rows * 9 // 10]
    return str(Cursor(row.booked_at, row.pk))


def _milliseconds(client: "Client", url: str) -> tuple[float, float]:
    """By the clock, and of the processor."""
    clock, cpu = [], []
    for _ in range(ROUNDS):
        before = time.perf_counter(), time.process_time()
        answer = client.get(url)
        clock.append(time.perf_counter() - before[0])
        cpu.append(time.process_time() - before[1])
        if answer.status_code != 200:
            raise SystemExit(f"{url} answered {answer.status_code}")
    return statistics.median(clock) * 1000, statistics.median(cpu) * 1000


def _queries(client: "Client", url: str) -> int:
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    return len(queries)


def _print(costs: dict[int, dict[str, Cost]], *, smallest: int, largest: int) -> None:
    from django.db import connection  # noqa: PLC0415

    print(f"on {connection.vendor}")
    print(f"{'page':<28}{'rows':>10}{'ms':>8}{'CPU ms':>8}{'of bare':>9}{'queries':>9}{'goal ms':>9}")
    for name, (_path, goal) in PAGES.items():
        for rows, by_page in costs.items():
            cost = by_page[name]
            limit = goal or DEEP_OF_FIRST * by_page[FIRST].clock
            print(
                f"{name:<28}{rows:>10,}{cost.clock:>8.2f}{cost.cpu:>8.2f}{cost.of_bare:>9.1f}"
                f"{cost.queries:>9}{limit:>9.1f}  {'met' if cost.clock <= limit else 'missed'}"
            )
        growth = costs[largest][name].cpu / costs[smallest][name].cpu
        print(f"{'':<28}{'growth':>10}{'':>8}{growth:>8.2f}")


if __name__ == "__main__":
    main()
