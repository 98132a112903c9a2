"""The first page: what FinanceHub is, a sample of how it looks, and the way into the demo."""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from financehub.users import demo


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One line of the sample statement; the reason is left out where the screen is narrow."""

    icon: str
    hue: int
    title: str | Promise
    category: str | Promise
    reason: str | Promise
    amount: Decimal
    tone: str = ""


SAMPLE_TOTAL = Decimal("412306.48")
SAMPLE_ROWS = (
    SampleRow("🛒", 135, _("Пятёрочка"), _("Супермаркеты"), _("по коду MCC 5411"), Decimal("-1284.50")),
    SampleRow("💼", 150, _("Зарплата"), _("Доход"), _("по тексту банка"), Decimal("96500.00")),
    SampleRow(
        "🔁",
        240,
        _("Себе в SBank"),
        _("Не расход"),
        _("перевод между своими счетами"),
        Decimal("-15000.00"),
        "still",
    ),
    SampleRow("↩️", 30, _("Ozon"), _("Возврат"), _("уменьшает трату на маркетплейсы"), Decimal("2390.00")),
)


@require_GET
def landing(request: HttpRequest) -> HttpResponse:
    """What FinanceHub is, for visitors; whoever is signed in has a better first page."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    context = {
        "sample_total": SAMPLE_TOTAL,
        "sample_rows": SAMPLE_ROWS,
        "demo_people": demo.people(),
    }
    return render(request, "landing.html", context)
