"""Clients: the Bank of Russia's daily list of exchange rates, XML in windows-1251.

A list needs no document type and no entities, so whatever declares one is refused before anything of
it is expanded or fetched.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final
from xml.parsers import expat

from banking.clients.closing import Closing
from banking.clients.transport import Limits, Transport

ENCODINGS: Final = {"windows-1251", "utf-8"}
# Between two lists; the new year's holidays are the longest.
LONGEST_PAUSE: Final = timedelta(days=20)
MOST_CURRENCIES: Final = 500
LONGEST_TEXT: Final = 100
# ValCurs > Valute > Value
DEPTH: Final = 3
EXACT: Final = Decimal("0.0000000001")
CODE: Final = re.compile(r"[A-Z]{3}")
VALUE: Final = re.compile(r"[0-9]{1,9}(?:[.,][0-9]{1,6})?")
NOMINAL: Final = re.compile(r"[1-9][0-9]{0,6}")


class NotRates(ValueError):
    """The bytes are no list of rates that we take; the text names the rule, never the content."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Rubles for one unit of a currency."""

    currency: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class DailyRates:
    """A list and the day from which it holds, which may be earlier than the day that was asked for."""

    day: date
    rates: tuple[Rate, ...]


class RatesClient(Closing):
    """Asks the publisher of the list for one day after another."""

    def __init__(self, *, url: str, limits: Limits | None = None) -> None:
        self._transport = Transport(bank="rates", base_url=url, limits=limits, raw=True)

    def close(self) -> None:
        self._transport.close()

    def fetch(self, day: date) -> DailyRates:
        """The list that holds on a day; raises BankError."""
        answer = self._transport.call(
            "GET",
            "",
            endpoint="rates",
            params={"date_req": f"{day:%d/%m/%Y}"},
            headers={"Accept": "application/xml, text/xml"},
            repeatable=True,
        )
        try:
            daily = parse(answer.document or b"")
        except NotRates as why:
            reason = str(why)
        else:
            if timedelta() <= day - daily.day <= LONGEST_PAUSE:
                return daily
            reason = "the list of another day"
        raise answer.invalid("ValCurs", reason)


def parse(body: bytes) -> DailyRates:
    """The list in a document; raises NotRates."""
    reading = _Reading()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.XmlDeclHandler = reading.declare
    parser.StartDoctypeDeclHandler = reading.refuse_doctype
    parser.StartElementHandler = reading.open
    parser.EndElementHandler = reading.close
    parser.CharacterDataHandler = reading.text
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError, UnicodeError):
        raise NotRates("not XML") from None
    return _daily(reading)


@dataclass(slots=True)
class _Reading:
    """What of a document has been read: the day and the texts under each currency."""

    day: str = ""
    currencies: list[dict[str, str]] = field(default_factory=list)
    _path: list[str] = field(default_factory=list)

    def declare(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ENCODINGS:
            raise NotRates("an encoding other than windows-1251 and UTF-8")

    def refuse_doctype(self, *_declaration: Any) -> None:
        raise NotRates("a document type")

    def open(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if len(self._path) > DEPTH:
            raise NotRates("nested too deep")
        if self._path == ["ValCurs"]:
            self.day = attributes.get("Date", "")
        elif self._path == ["ValCurs", "Valute"]:
            if len(self.currencies) == MOST_CURRENCIES:
                raise NotRates("too many currencies")
            self.currencies.append({})

    def close(self, _name: str) -> None:
        self._path.pop()

    def text(self, text: str) -> None:
        if len(self._path) == DEPTH and self.currencies:
            texts, name = self.currencies[-1], self._path[-1]
            texts[name] = texts.get(name, "") + text
            if len(texts[name]) > LONGEST_TEXT:
                raise NotRates("a text too long")


def _daily(reading: _Reading) -> DailyRates:
    rates = [_rate(texts) for texts in reading.currencies]
    if not rates:
        raise NotRates("no currency")
    if len({rate.currency for rate in rates}) < len(rates):
        raise NotRates("a currency twice")
    return DailyRates(_day(reading.day), tuple(rates))


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007  a calendar day
    except ValueError:
        raise NotRates("no day") from None


def _rate(texts: dict[str, str]) -> Rate:
    def known(name: str, pattern: re.Pattern[str]) -> str:
        found = pattern.fullmatch(texts.get(name, "").strip())
        if found is None:
            raise NotRates(f"{name} is not as agreed")
        return found[0]

    value = Decimal(known("Value", VALUE).replace(",", "."))
    rate = (value / int(known("Nominal", NOMINAL))).quantize(EXACT, ROUND_HALF_EVEN)
    if not rate:
        raise NotRates("a rate of nothing")
    return Rate(known("CharCode", CODE), rate)
