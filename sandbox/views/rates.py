"""Invented exchange rates in the form of the Bank of Russia's daily list."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from xml.sax.saxutils import escape

from flask import Blueprint, Response, request

from sandbox.history.days import MOSCOW
from sandbox.history.schedule import exchange_rate
from sandbox.services import services

bp = Blueprint("rates", __name__, url_prefix="/rates")

# Currency: its number, the units that a rate is for, its name. Yuan go by tens, as in the real list.
_LISTED = {
    "USD": ("840", 1, "Доллар США"),
    "EUR": ("978", 1, "Евро"),
    "CNY": ("156", 10, "Китайских юаней"),
}
_DATE = "%d/%m/%Y"
_SUNDAY, _MONDAY = 7, 1


@bp.get("/XML_daily.asp")
def daily() -> Response:
    """The list that holds on `date_req` (31/12/2026), by default today; none begins on a Sunday or Monday."""
    today = services().clock.now().astimezone(MOSCOW).date()
    try:
        asked = datetime.strptime(request.args.get("date_req") or f"{today:{_DATE}}", _DATE).date()  # noqa: DTZ007
    except ValueError:
        return _xml("<ValCurs>Error in parameters</ValCurs>")
    day = _published(min(asked, today))
    lines = "".join(_line(code, day) for code in _LISTED)
    return _xml(f'<ValCurs Date="{day:%d.%m.%Y}" name="Вымышленные курсы демо-банков">{lines}</ValCurs>')


def _published(day: date) -> date:
    while day.isoweekday() in {_SUNDAY, _MONDAY}:
        day -= timedelta(days=1)
    return day


def _line(code: str, day: date) -> str:
    number, nominal, name = _LISTED[code]
    value = f"{Decimal(str(exchange_rate(code, day))) * nominal:.4f}".replace(".", ",")
    return (
        f'<Valute ID="DEMO{number}"><NumCode>{number}</NumCode><CharCode>{code}</CharCode>'
        f"<Nominal>{nominal}</Nominal><Name>{escape(name)}</Name><Value>{value}</Value></Valute>"
    )


def _xml(body: str) -> Response:
    document = f'<?xml version="1.0" encoding="windows-1251"?>{body}'.encode("windows-1251")
    return Response(document, content_type="application/xml; charset=windows-1251")
