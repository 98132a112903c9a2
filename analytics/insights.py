"""Questions that end in a sentence: what stands out, by the person's own medians.

Each sentence names its formula and leads to its rows. Whether money lies idle is not among them:
offers of deposits are not stored.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from analytics import forecasting, reports
from analytics.forecast.outlook import HORIZONS
from analytics.medians import Usual, usual
from analytics.presenters.upcoming import series_url
from analytics.queries import HOME_CURRENCY
from analytics.recurring import queries as recurring
from analytics.recurring.queries import Judged
from analytics.recurring.standing import State
from analytics.spans import plus_months
from banking.models import Category
from banking.presenters.figures import rows_url
from banking.queries import spending, sums
from banking.queries.transaction_filter import TransactionFilter
from financehub import formats
from financehub.money import ZERO
from financehub.periods import Period, last_days, month_of

if TYPE_CHECKING:
    from financehub.users.models import User

MOST = 5
WINDOW, WEEK = 90, 7
MONTHS, WEEKS = 6, 12
NEWS_DAYS = 60
# An excess below this share of what a month usually takes by now is not worth a sentence.
WORTH_SAYING = Decimal("0.05")
LARGE_SHARE = Decimal("0.4")
SAVED_TONES = ((Decimal("0.2"), "success"), (Decimal("0.1"), "info"), (ZERO, "warning"))
EXPENSE = frozenset({Category.Kind.EXPENSE})

Days = Mapping[date, Decimal]


@dataclass(frozen=True, slots=True)
class Insight:
    """Something worth saying; `tone` is success, info, warning or alert."""

    tone: str
    icon: str
    title: str
    message: str
    value: Decimal
    formula: str
    url: str


@dataclass(frozen=True)
class _Seen:
    """A person on a day, with what more than one sentence asks for."""

    user: "User"
    today: date

    @cached_property
    def words(self) -> formats.Formats:
        return formats.current()

    def money(self, value: Decimal, currency: str = HOME_CURRENCY) -> str:
        return self.words.money(value, currency)

    @cached_property
    def since(self) -> date | None:
        return reports.history_start(user=self.user, wanted=TransactionFilter())

    @cached_property
    def spent(self) -> dict[Category, dict[date, Decimal]]:
        """Ruble spending of this month and the six before it, by top-level category and day."""
        start = plus_months(self.today.replace(day=1), -MONTHS)
        wanted = TransactionFilter(period=Period(start, self.today + timedelta(days=1)), kinds=EXPENSE)
        found = sums.sums(user=self.user, wanted=wanted, by=("date", "category_id", "currency"))
        categories = Category.objects.select_related("parent").in_bulk({pk for _, pk, _ in found})
        days: dict[Category, dict[date, Decimal]] = {}
        for (day, pk, currency), part in found.items():
            if currency == HOME_CURRENCY:
                own = days.setdefault(categories[pk].parent or categories[pk], {})
                own[day] = own.get(day, ZERO) - part.amount
        return days

    @cached_property
    def total(self) -> dict[date, Decimal]:
        total: dict[date, Decimal] = {}
        for day, amount in chain.from_iterable(days.items() for days in self.spent.values()):
            total[day] = total.get(day, ZERO) + amount
        return total

    @cached_property
    def series(self) -> list[Judged]:
        return recurring.judged(user=self.user, today=self.today)

    def month_so_far(self, month: date) -> Period:
        """As many days of a month as have passed of this one, fewer when it is shorter."""
        whole = month_of(month)
        return Period(whole.start, min(whole.start + timedelta(days=self.today.day), whole.end))

    def usual_month(self, days: Days) -> Usual | None:
        """What the same days of earlier months say."""
        this = self.today.replace(day=1)
        earlier = [self.month_so_far(plus_months(this, -back)) for back in range(1, MONTHS + 1)]
        return usual([_within(days, one) for one in earlier if self.since and one.start >= self.since])


def insights(*, user: "User", today: date) -> list[Insight]:
    """At most five sentences, the most urgent first; nothing without rows."""
    seen = _Seen(user, today)
    if seen.since is None:
        return []
    found = (_overspending, _missed_income, _dear_categories, _dearer, _week, _saved, _largest_category)
    return list(islice(chain.from_iterable(look(seen) for look in found), MOST))


def _within(days: Days, period: Period) -> Decimal:
    return sum((amount for day, amount in days.items() if day in period), ZERO)


def _overspending(seen: _Seen) -> Iterator[Insight]:
    """The forecast goes below zero before the next pay-day, or may."""
    known = forecasting.known(user=seen.user, today=seen.today)
    found = known.outlook(days=HORIZONS[0]) if known else None
    if found is None or not found.points or found.lowest.low >= 0:
        return
    lowest = found.lowest
    sure = lowest.amount < 0
    message = _("{day} ожидаем {amount}, в худшем из десяти случаев {low}.").format(
        day=seen.words.date_text(lowest.day, today=seen.today),
        amount=seen.money(lowest.amount),
        low=seen.money(lowest.low),
    )
    yield Insight(
        tone="alert" if sure else "warning",
        icon="📉",
        title=_("Денег не хватит до поступления") if sure else _("Денег может не хватить до поступления"),
        message=message,
        value=lowest.amount,
        formula=_("Самая низкая точка прогноза до ближайшего поступления против нуля."),
        url=reverse("analytics:forecast"),
    )


def _missed_income(seen: _Seen) -> Iterator[Insight]:
    for one in seen.series:
        missed = one.standing.missed_on
        if one.series.amount > 0 and one.standing.state is State.MISSED and missed is not None:
            day = seen.words.date_text(missed, today=seen.today)
            yield Insight(
                tone="alert",
                icon="⏰",
                title=_("Не пришло: {name}").format(name=one.series.called),
                message=_("Ждали {amount} {day}.").format(
                    amount=seen.money(one.series.amount, one.series.currency), day=day
                ),
                value=one.series.amount,
                formula=_("День по ритму прежних поступлений прошёл, а операции нет."),
                url=series_url(one.series.pk),
            )


def _dear_categories(seen: _Seen) -> Iterator[Insight]:
    """Categories that took unusually much since the first, the largest excess first."""
    whole = seen.usual_month(seen.total)
    if whole is None:
        return
    this = seen.month_so_far(seen.today)
    found = []
    for category, days in seen.spent.items():
        now, before = _within(days, this), seen.usual_month(days)
        if before and now > before.bound and now - before.middle > WORTH_SAYING * whole.middle:
            found.append((now - before.middle, category.pk, category, now, before))
    for excess, _pk, category, now, before in sorted(found, key=lambda one: (-one[0], one[1]))[:2]:
        yield Insight(
            tone="warning",
            icon=category.icon or "📊",
            title=_("Больше обычного: {category}").format(category=category.name),
            message=_("{now} с начала месяца — на {excess} больше обычного.").format(
                now=seen.money(now), excess=seen.money(excess)
            ),
            value=now,
            formula=_(
                "Обычно — медиана за те же дни прежних месяцев ({count}): {middle}. "
                "Порог — медиана и три медианных отклонения: {bound}."
            ).format(count=before.count, middle=seen.money(before.middle), bound=seen.money(before.bound)),
            url=rows_url(this, kind=Category.Kind.EXPENSE, category=category.slug),
        )


def _dearer(seen: _Seen) -> Iterator[Insight]:
    """A recurring payment whose price has risen lately."""
    for one in seen.series:
        series, before = one.series, one.series.price_before
        if (
            before is None
            or series.price_since is None
            or not before > series.amount < 0
            or series.price_since <= seen.today - timedelta(days=NEWS_DAYS)
            or not one.standing.state.is_alive
        ):
            continue
        facts = {
            "before": seen.money(-before, series.currency),
            "now": seen.money(-series.amount, series.currency),
        }
        yield Insight(
            tone="warning",
            icon="🏷️",
            title=_("Подорожало: {name}").format(name=series.called),
            message=_("Было {before}, стало {now}.").format(**facts),
            value=before - series.amount,
            formula=_("Сумма последней операции против прежней цены того же платежа."),
            url=series_url(series.pk),
        )


def _week(seen: _Seen) -> Iterator[Insight]:
    """The last seven days against the middle one of the weeks before them, when they are beyond the bound."""
    weeks = [
        Period(last.start - timedelta(days=WEEK * back), last.end - timedelta(days=WEEK * back))
        for last in [last_days(seen.today, WEEK)]
        for back in range(WEEKS + 1)
    ]
    before = usual([_within(seen.total, one) for one in weeks[1:] if seen.since and one.start >= seen.since])
    now = _within(seen.total, weeks[0])
    if before is None or now <= before.bound:
        return
    yield Insight(
        tone="warning",
        icon="📅",
        title=_("Неделя дороже обычной"),
        message=_("{now} за 7 дней, обычно {middle}.").format(
            now=seen.money(now), middle=seen.money(before.middle)
        ),
        value=now,
        formula=_("Обычно — медиана прежних недель ({count}); порог — {bound}.").format(
            count=before.count, bound=seen.money(before.bound)
        ),
        url=rows_url(weeks[0], kind=Category.Kind.EXPENSE),
    )


def _saved(seen: _Seen) -> Iterator[Insight]:
    period = last_days(seen.today, WINDOW)
    flow = reports.flow(user=seen.user, wanted=TransactionFilter(period=period), currency=HOME_CURRENCY)
    if flow.income <= 0:
        return
    share = flow.net / flow.income
    message = (
        _("Осталось {amount} за 90 дней, {share} доходов.")
        if share >= 0
        else _("Не хватило {amount} за 90 дней, {share} доходов.")
    )
    yield Insight(
        tone=next((tone for least, tone in SAVED_TONES if share >= least), "alert"),
        icon="💰",
        title=_("Сбережения") if share >= 0 else _("Расходы больше доходов"),
        message=message.format(amount=seen.money(abs(flow.net)), share=seen.words.percent(abs(share))),
        value=flow.net,
        formula=_("Доходы минус расходы за 90 дней, делённые на доходы."),
        url=rows_url(period),
    )


def _largest_category(seen: _Seen) -> Iterator[Insight]:
    period = last_days(seen.today, WINDOW)
    branches = spending.spending(
        user=seen.user, wanted=TransactionFilter(period=period), currency=HOME_CURRENCY
    )
    total = sum((branch.amount for branch in branches), ZERO)
    if not branches or total <= 0:
        return
    first = branches[0]
    share = first.amount / total
    yield Insight(
        tone="warning" if share > LARGE_SHARE else "info",
        icon=first.category.icon or "📊",
        title=_("Больше всего: {category}").format(category=first.category.name),
        message=_("{amount} за 90 дней, {share} всех расходов.").format(
            amount=seen.money(first.amount), share=seen.words.percent(share)
        ),
        value=first.amount,
        formula=_("Расходы категории за 90 дней, делённые на все расходы за 90 дней."),
        url=rows_url(period, kind=Category.Kind.EXPENSE, category=first.category.slug),
    )
