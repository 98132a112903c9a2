"""Links of the reports: other tabs and filters, tables as files, the rows behind a figure."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from banking.presenters.figures import rows_url
from financehub.periods import Period

# What the list of transactions takes over from the filter of a report.
SHARED = ("account", "bank", "category")


@dataclass(frozen=True, slots=True)
class ReportLinks:
    """The present tab and its filter as the URL holds it."""

    tab: str
    params: Mapping[str, str]

    def url(self, tab: str = "", /, **changes: str) -> str:
        """A tab with some fields changed; an empty value takes a field away."""
        params = {name: value for name, value in {**self.params, **changes}.items() if value}
        base = reverse(f"analytics:{tab or self.tab}")
        return f"{base}?{urlencode(params)}" if params else base

    def csv(self, table: str) -> str:
        """A table of this page as a file."""
        return self.url(csv=table)

    def rows(self, period: Period, **fields: str) -> str:
        """The transactions of some days under the same filter."""
        shared = {name: self.params[name] for name in SHARED if name in self.params}
        return rows_url(period, **{name: value for name, value in (shared | fields).items() if value})
