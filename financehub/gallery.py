"""The gallery: every component in every state on one page, shown with DEBUG or DEMO only."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from financehub import charts, curves, formats
from financehub.templatetags.ui import STATE_LOOKS

TODAY = date(2025, 11, 9)
NOW = datetime(2025, 11, 9, 11, 32, tzinfo=UTC)
STATE_TEXTS = {
    "fresh": ("Данные на 14:32", "Обновить"),
    "syncing": ("Обновляем: счёт 2 из 5", "Отменить"),
    "partial": ("Обновлено 4 счёта из 5. «Вклад»: банк не ответил", "Повторить этот счёт"),
    "delayed": ("Банк не отвечает с 12:10. Повторим в 15:00", "Повторить сейчас"),
    "rate_limited": ("Банк просит подождать до 14:50", ""),
    "budget": (
        "Данные на 14:32. Запросы к банку на сегодня закончились, продолжим 10 ноября, 00:00",
        "Обновить сейчас",
    ),
    "awaiting": ("Подтвердите доступ в приложении SBank", "Проверить ещё раз"),
    "expiring": ("Доступ закончится 16 ноября", "Продлить"),
    "expired": ("Доступ закончился 9 ноября. Данные до этой даты сохранены", "Подключить снова"),
    "revoked": ("Банк отозвал доступ 9 ноября. Данные до этой даты сохранены", "Подключить снова"),
    "rejected": ("Вы отказали в доступе 9 ноября", "Подключить снова"),
    "disconnected": ("Вы отключили банк. Данные на 9 ноября сохранены", "Подключить снова"),
    "channel": ("Сертификат ГОСТ-шлюза просрочен. Соединение не установлено", "Подробнее"),
}
AMOUNTS = ("0", "-0.01", "1234.56", "-1234.56", "1000000", "-98765432.1")
SWATCHES = (
    *("paper", "sunken", "raised", "ink", "ink-2", "ink-3", "line", "edge", "accent", "accent-soft"),
    *("positive", "positive-soft", "negative", "negative-soft", "warning", "warning-soft"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """An operation, its cells already text."""

    icon: str
    hue: int
    title: str
    category: str
    account: str
    amount: SafeString
    pill: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a consent."""

    at: datetime
    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of the tabs component."""

    label: str
    url: str
    current: bool = False


def _columns(forms: formats.Formats) -> dict[str, Any]:
    """Charts of columns: pairs with a month that is not over, and sums above and below zero."""
    months = [date(2025, month, 1) for month in range(1, 12)]
    axis = charts.month_axis(months, forms)
    flows = (charts.Series("доходы", "income"), charts.Series("расходы", "spending"))
    worth = (charts.Series("активы", "assets"), charts.Series("долги", "debts"))
    slots = [
        charts.Slot(
            values=(Decimal(150_000 + month.month * 4_000), Decimal(90_000 + month.month % 4 * 21_000)),
            name=forms.month(month),
            axis=label,
            url="#charts",
            level=None if month.month in {1, 4} else Decimal(60_000 + month.month * 9_000),
            is_partial=month.month == 11,
        )
        for month, label in zip(months, axis, strict=True)
    ]
    sides = [replace(slot, values=(slot.values[0], -Decimal(40_000))) for slot in slots]
    return {
        "columns_series": flows,
        "columns_chart": charts.column_chart(
            [replace(slot, level=None) for slot in slots], series=flows, currency="RUB", formats=forms
        ),
        "stacked_series": worth,
        "stacked_chart": charts.column_chart(
            sides, series=worth, currency="RUB", formats=forms, level="капитал", stacked=True
        ),
    }


def _curves(forms: formats.Formats) -> curves.CurveChart:
    """A balance that falls to pay-day, in a band that widens."""
    days = [TODAY + timedelta(days=number) for number in range(31)]
    values = [Decimal(90_000 - 3_000 * number + 80_000 * (number > 15)) for number in range(31)]
    low, high = (
        [
            (day, value + side * 900 * number)
            for number, (day, value) in enumerate(zip(days, values, strict=True))
        ]
        for side in (-1, 1)
    )
    line = list(zip(days, values, strict=True))
    return curves.curve_chart(
        [curves.Curve("ожидаемый остаток", "expected", line)],
        formats=forms,
        summary=f"{forms.date_short(days[-1])}: {forms.money(values[-1], 'RUB')}",
        band=(low, high),
        marks=[line[15]],
        readings=[(day, value, "", (forms.money(value, "RUB"),)) for day, value in line],
    )


def _rows(forms: formats.Formats) -> tuple[Row, ...]:
    def amount(value: str, currency: str = "RUB", tone: str = "") -> SafeString:
        return forms.amount(Decimal(value), currency, signed=True, tone=tone)

    main, daily, third = "VBank •• 1002", "ABank •• 4417", "SBank •• 8830"
    long_name = "ООО «Межрегиональная управляющая компания жилищно-коммунального хозяйства»"
    return (
        Row("🏬", 120, "Пятёрочка", "Супермаркеты", main, amount("-1234.56")),
        Row("💼", 150, "ООО Работодатель", "Зарплата", main, amount("152300")),
        Row("🚕", 60, "Яндекс Go", "Такси", daily, amount("-418"), "В обработке"),
        Row(
            "🔁",
            240,
            "VBank → ABank",
            "Перевод себе",
            "VBank •• 1002",
            amount("-30000", tone="still"),
            "Перевод",
        ),
        Row("🏠", 30, long_name, "Коммунальные услуги", third, amount("-12480.07")),
        Row(
            "☕️",
            15,
            "Кофе на Покровке",
            "Кафе и рестораны",
            "ABank •• 4417",
            amount("-350", tone="void"),
            "Отменена",
        ),
        Row("↩️", 300, "Ozon", "Маркетплейсы", main, amount("2990"), "Возврат"),
        Row("✈️", 210, "S7 Airlines", "Авиабилеты", "SBank •• 0021", amount("-1204880.4")),
        Row("💳", 285, "Apple Services", "Подписки", "ABank •• 7720", amount("-9.99", "USD")),
        Row("❔", 0, "Операция без описания", "Без категории", main, amount("0")),
    )


def _balances() -> list[tuple[date, Decimal]]:
    first = TODAY - timedelta(days=89)
    days = (first + timedelta(days=index) for index in range(90))
    return [
        (day, Decimal(48_000 + 152_300 * ((day.day < 10) + (day.day >= 25)) / 2 - 2_450 * (day.day % 15)))
        for day in days
    ]


def _context() -> dict[str, Any]:
    forms = formats.current()
    balances = _balances()
    return {
        "today": TODAY,
        "icons": sorted(entry.stem for entry in (settings.BASE_DIR / "templates" / "icons").glob("*.svg")),
        "swatches": SWATCHES,
        "hues": range(0, 360, 15),
        "states": [(cause, *STATE_TEXTS[cause]) for cause in STATE_LOOKS],
        "rows": _rows(forms),
        "day_header": forms.day_header(TODAY, today=TODAY),
        "amounts": [
            Decimal(text) for text in ("0", "-0.01", "1234.56", "-1234.56", "1000000", "-98765432.1")
        ],
        "chart": charts.line_chart(balances, currency="RUB", formats=forms),
        "month_chart": charts.line_chart(balances[-30:], currency="RUB", formats=forms),
        "debt_chart": charts.line_chart(
            [(day, value - 140_000) for day, value in balances], currency="RUB", formats=forms
        ),
        "flat_chart": charts.line_chart(
            [(day, Decimal(1_000_000)) for day, _ in balances[:12]], currency="RUB", formats=forms
        ),
        "curves_chart": _curves(forms),
        "curves_heads": ("Ожидаем",),
        **_columns(forms),
        "spark": charts.sparkline([value for _, value in balances[-30:]]),
        "steps": ("Выбор банка", "Что и зачем", "Подтверждение"),
        "periods": (("month", "Этот месяц"), ("year", "Этот год"), ("all", "Всё время")),
        "tabs": (Tab("Обзор", "#tabs", current=True), Tab("Категории", "#tabs"), Tab("Динамика", "#tabs")),
        "events": (
            Event(NOW, "Данные прочитаны: 5 счетов, 248 операций", "now"),
            Event(NOW - timedelta(days=1), "Банк подтвердил доступ", "good"),
            Event(NOW - timedelta(days=1, hours=2), "Запрошен доступ к счетам, остаткам и операциям"),
            Event(NOW - timedelta(days=400), "Прежний доступ закончился", "bad"),
        ),
        "totals": {
            "total": Decimal("1482310.64"),
            "income": Decimal("152300"),
            "spending": Decimal("-98412.35"),
            "change": Decimal("53887.65"),
            "fall": Decimal("-4160"),
            "zero": Decimal(0),
        },
    }


@require_GET
@login_required
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    return render(request, "gallery.html", _context())


urlpatterns = [path("gallery/", gallery, name="gallery")]
