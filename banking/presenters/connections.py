"""Connections as pages show them: the state line, a bank with its accounts, the way to being connected."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from math import ceil

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from banking.models import Account, Bank, BankConnection, Consent, SyncRun, SyncRunAccount
from banking.presenters import gost
from banking.presenters.rows import account_title, money_list
from banking.queries.accounts import is_stale
from banking.queries.budget import call_budget
from banking.queries.connections import ConnectionOverview
from banking.queries.health import OPEN_RUN, Action, Cause, ConnectionHealth, error_words
from financehub import charts, formats
from financehub.money import Money, total_by_currency
from financehub.periods import local_date

TELLS_NO_TIME = {Cause.SYNCING, Cause.DELAYED, Cause.RATE_LIMITED, Cause.EXPIRING, Cause.CHANNEL}
NO_HISTORIES: Mapping[int, Sequence[Decimal]] = {}
Status = BankConnection.Status
StepState = SyncRunAccount.State


@dataclass(frozen=True, slots=True)
class StateLine:
    """A connection's state with its one action: a link, or a form when it changes something.

    Where the bank must not be called, `wait` are the seconds left, and the action is only shown.
    """

    cause: str
    text: str
    action: str = ""
    href: str = ""
    post_url: str = ""
    wait: int = 0


@dataclass(frozen=True, slots=True)
class AccountCells:
    """An account in a list: its share of what the person has, and what explains it."""

    url: str
    title: str
    details: str
    amount: SafeString
    below: str
    spark: str = ""
    spark_label: str = ""


@dataclass(frozen=True, slots=True)
class BankBlock:
    """A bank with its state, its sum and its accounts."""

    overview: ConnectionOverview
    bank: Bank
    state: StateLine
    total: str
    accounts: tuple[AccountCells, ...]
    days_left: str
    as_of: str
    gost: gost.Badge | None


@dataclass(frozen=True, slots=True)
class BankChoice:
    """A bank that can be connected; `state` says how it stands if it is already."""

    bank: Bank
    url: str
    state: str


class Stage(StrEnum):
    """What the page of a connection is about."""

    OPENING = "opening"
    AWAITING = "awaiting"
    RENEWING = "renewing"
    READING = "reading"
    DONE = "done"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class StepCells:
    """How far the reading of one account has come."""

    title: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reading has come: the share of pages read, each account weighing the same."""

    percent: int
    percent_text: str
    text: str
    steps: tuple[StepCells, ...]


def state_line(connection: BankConnection, health: ConnectionHealth, *, now: datetime) -> StateLine:
    """What `components/connection_state.html` shows for a connection."""
    return StateLine(
        cause=health.cause,
        text=health.text,
        action=_("Обновить") if health.must_wait else health.action_text,
        href=_link(connection, health.action),
        post_url=_form(connection, health.action),
        wait=_seconds_left(health, now=now) if health.must_wait else 0,
    )


def _seconds_left(health: ConnectionHealth, *, now: datetime) -> int:
    return max(ceil((health.until - now).total_seconds()), 1) if health.until else 0


def _link(connection: BankConnection, action: Action) -> str:
    if action == Action.RECONNECT:
        return reverse("banking:connect_bank", args=[connection.bank.code])
    if action == Action.DETAILS:
        return gost.proof_url(connection)
    return ""


def _form(connection: BankConnection, action: Action) -> str:
    if action in {Action.SYNC, Action.CANCEL, Action.CHECK, Action.RENEW}:
        return reverse(f"banking:connection_{action}", args=[connection.pk])
    return ""


def bank_blocks(
    overviews: Sequence[ConnectionOverview],
    accounts: Sequence[Account],
    *,
    now: datetime,
    histories: Mapping[int, Sequence[Decimal]] = NO_HISTORIES,
) -> list[BankBlock]:
    """Each connection with its own accounts, in the order of the connections.

    `histories` are the daily balances of accounts, where they are to be drawn.
    """
    return [
        _bank_block(
            overview,
            [account for account in accounts if account.connection_id == overview.connection.pk],
            now=now,
            histories=histories,
        )
        for overview in overviews
    ]


@dataclass(frozen=True, slots=True)
class OwnBlock:
    """The accounts that the person keeps by hand, and their sum."""

    total: str
    accounts: tuple[AccountCells, ...]


def own_block(accounts: Iterable[Account], *, now: datetime) -> OwnBlock | None:
    """What stands under «Вне банков»; None when there is nothing."""
    own = [account for account in accounts if account.is_manual]
    if not own:
        return None
    sums = total_by_currency(Money(account.net_amount, account.currency) for account in own)
    cells = tuple(account_cells(account, now=now) for account in own)
    return OwnBlock(money_list(sums, formats.current()), cells)


def _bank_block(
    overview: ConnectionOverview,
    accounts: Sequence[Account],
    *,
    now: datetime,
    histories: Mapping[int, Sequence[Decimal]],
) -> BankBlock:
    sums = total_by_currency(Money(account.net_amount, account.currency) for account in accounts)
    return BankBlock(
        overview=overview,
        bank=overview.connection.bank,
        state=state_line(overview.connection, overview.health, now=now),
        total=money_list(sums, formats.current()),
        accounts=tuple(
            account_cells(account, now=now, history=histories.get(account.pk, ())) for account in accounts
        ),
        days_left=days_left(overview.granted, now=now),
        as_of=_as_of(overview, now=now),
        gost=gost.badge(overview.connection, overview.gost),
    )


def _as_of(overview: ConnectionOverview, *, now: datetime) -> str:
    """Of when the data is, where the state speaks of something else."""
    last = overview.connection.last_success_at
    if last is None or overview.health.cause not in TELLS_NO_TIME:
        return ""
    return _("Данные на {time}").format(time=formats.current().moment(last, today=local_date(now)))


def account_cells(account: Account, *, now: datetime, history: Sequence[Decimal] = ()) -> AccountCells:
    """An account in a list: a card's limit is never part of the amount."""
    words = formats.current()
    details = [account.get_kind_display()]
    if not account.is_manual:
        details.append(formats.account_tail(account.number or account.external_id))
    if details[0] == account_title(account):
        details.pop(0)
    if account.credit_limit is not None:
        limit = words.money(account.credit_limit, account.currency)
        details.append(_("лимит {amount}").format(amount=limit))
    if account.balance_as_of is not None and is_stale(account, now=now):
        day = words.date_text(local_date(account.balance_as_of), today=local_date(now))
        details.append(_("на {day}").format(day=day))
    elif account.is_manual and account.balance_as_of is not None:
        day = words.date_text(local_date(account.balance_as_of), today=local_date(now))
        details.append(_("изменён {day}").format(day=day))
    return AccountCells(
        url=reverse("banking:account", args=[account.pk]),
        title=account_title(account),
        details=" · ".join(details),
        amount=words.amount(account.net_amount, account.currency),
        below=_below(account, words),
        spark=charts.sparkline(history),
        spark_label=_spark_label(account, history, words),
    )


def _spark_label(account: Account, history: Sequence[Decimal], words: formats.Formats) -> str:
    if not history:
        return ""
    first, last = (words.money(amount, account.currency) for amount in (history[0], history[-1]))
    days = words.count(len(history), "day")
    return _("Остаток за {days}: было {first}, стало {last}").format(days=days, first=first, last=last)


def _below(account: Account, words: formats.Formats) -> str:
    """What must be known beside the amount: what can be spent, or what is held back."""
    if account.balance_as_of is None:
        return _("остаток ещё не прочитан")
    booked, available = account.balance_booked, account.balance_available
    if account.kind == Account.Kind.CARD and available is not None:
        return _("доступно {amount}").format(amount=words.money(available, account.currency))
    if account.kind == Account.Kind.LOAN or booked is None or available is None or booked == available:
        return ""
    held = words.money(available - booked, account.currency, signed=True)
    return _("в обработке {amount}").format(amount=held)


def days_left(consent: Consent | None, *, now: datetime) -> str:
    """How long the access still lasts, in words; empty when there is none or no end is known."""
    if consent is None or consent.expires_at is None or consent.is_expired(now):
        return ""
    words, today = formats.current(), local_date(now)
    last = local_date(consent.expires_at)
    return _("Доступ до {day}, ещё {left}").format(
        day=words.date_text(last, today=today), left=words.count((last - today).days, "day")
    )


def bank_choices(banks: Iterable[Bank], overviews: Iterable[ConnectionOverview]) -> list[BankChoice]:
    """The banks to choose from; one that is connected leads to its connection."""
    known = {overview.connection.bank_id: overview for overview in overviews}
    return [_bank_choice(bank, known.get(bank.pk)) for bank in banks]


def _bank_choice(bank: Bank, overview: ConnectionOverview | None) -> BankChoice:
    if overview is None or overview.health.has_ended or overview.connection.status == Status.FAILED:
        return BankChoice(bank, reverse("banking:connect_bank", args=[bank.code]), "")
    url = reverse("banking:connection", args=[overview.connection.pk])
    is_active = overview.connection.status == Status.ACTIVE
    return BankChoice(bank, url, _("Подключён") if is_active else overview.health.text)


def stage_of(overview: ConnectionOverview) -> Stage:
    """Where a connection stands on its way to being read."""
    connection, run = overview.connection, overview.run
    if connection.status == Status.REQUESTED:
        return Stage.OPENING
    if connection.status == Status.AWAITING:
        return Stage.AWAITING
    if connection.status == Status.ACTIVE and overview.waiting is not None and overview.waiting.is_asked:
        return Stage.RENEWING
    if connection.status != Status.ACTIVE or overview.health.has_ended:
        return Stage.TROUBLE
    if run is None or run.state in OPEN_RUN:
        return Stage.READING
    return Stage.TROUBLE if run.state == SyncRun.State.FAILED else Stage.DONE


def progress(overview: ConnectionOverview) -> Progress:
    """How far the last reading has come."""
    steps = overview.steps
    shares = [_share(step) for step in steps]
    percent = int(100 * sum(shares) / len(shares)) if shares else 0
    return Progress(
        percent=percent,
        percent_text=formats.current().percent(Decimal(percent) / 100, digits=0),
        text=overview.health.text,
        steps=tuple(map(_step, steps)),
    )


def _share(step: SyncRunAccount) -> float:
    if step.state in {StepState.DONE, StepState.FAILED}:
        return 1.0
    return min(step.pages_read / step.pages_total, 1.0) if step.pages_total else 0.0


def _step(step: SyncRunAccount) -> StepCells:
    rows = formats.current().count(step.rows_read, "transaction")
    words = {
        StepState.WAITING: _("в очереди"),
        StepState.READING: _("читаем, {rows}").format(rows=rows),
        StepState.DONE: rows if step.pages_read else _("прочитан раньше"),
        StepState.FAILED: error_words(step.error_code),
    }
    tones = {StepState.DONE: "good", StepState.FAILED: "bad", StepState.READING: "now"}
    state = StepState(step.state)
    return StepCells(account_title(step.account), words[state], tones.get(state, ""))


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of what is known about a connection."""

    label: str
    value: str


def facts(overview: ConnectionOverview, *, now: datetime) -> list[Fact]:
    """When the bank was read, tried and will be tried, what went wrong last, how often it was called."""
    connection, words, today = overview.connection, formats.current(), local_date(now)
    next_at = connection.next_run_at
    moments = (
        (_("Данные на"), connection.last_success_at),
        (_("Последняя попытка"), connection.last_attempt_at),
        (_("Следующая попытка"), next_at if next_at and next_at > now else None),
    )
    known = [Fact(label, words.moment(at, today=today)) for label, at in moments if at is not None]
    if connection.last_error_code:
        known.append(Fact(_("Последняя ошибка"), error_words(connection.last_error_code)))
    budget = call_budget(connection, now=now)
    calls = _("{made} из {most}").format(made=words.number(budget.made), most=words.number(budget.for_person))
    return [*known, Fact(_("Запросы к банку сегодня"), calls)]


def bank_trouble(code: str) -> str:
    """Why the bank could not be asked, what is safe, what happens next."""
    return _("Не получилось спросить банк: {why}. Ваши данные не изменились, спросим ещё раз.").format(
        why=error_words(code)
    )


def renewal_trouble(code: str) -> str:
    """Why a renewal could not be asked for; the access in use is as it was."""
    return _("Продлить не получилось: {why}. Прежний доступ не изменился.").format(why=error_words(code))


def renewed(bank: Bank, consent: Consent, *, now: datetime) -> str:
    """The good news of a renewal that the bank granted at once."""
    if consent.expires_at is None:
        return _("Доступ к {bank} продлён.").format(bank=bank.short_name)
    day = formats.current().date_text(local_date(consent.expires_at), today=local_date(now))
    return _("Доступ к {bank} продлён до {day}.").format(bank=bank.short_name, day=day)


@dataclass(frozen=True, slots=True)
class AttentionLine:
    """One thing that needs a look, with one thing to do."""

    icon: str
    text: str
    action: str
    href: str = ""
    post_url: str = ""


MOST_LINES = 4
ICONS = {"partial": "partial", "awaiting": "phone", "expiring": "calendar", "channel": "shield"}


def attention(
    overviews: Iterable[ConnectionOverview],
    *,
    transfers: int,
    uncategorised: int,
    uncategorised_url: str,
    now: datetime,
) -> list[AttentionLine]:
    """What needs a look, connections first; nothing when all is well."""
    urgent = [overview for overview in overviews if overview.health.needs_attention]
    urgent.sort(key=lambda overview: overview.health.urgency)
    lines = [_connection_line(overview, now=now) for overview in urgent]
    if transfers:
        text = _("Операции, похожие на переводы себе: {count}").format(
            count=formats.current().number(transfers)
        )
        lines.append(AttentionLine("transfer", text, _("Проверить"), href=reverse("banking:transfer_review")))
    if uncategorised:
        text = _("{rows} без категории за 30 дней").format(
            rows=formats.current().count(uncategorised, "transaction")
        )
        lines.append(AttentionLine("operations", text, _("Разобрать"), href=uncategorised_url))
    return lines[:MOST_LINES]


def _connection_line(overview: ConnectionOverview, *, now: datetime) -> AttentionLine:
    line = state_line(overview.connection, overview.health, now=now)
    return AttentionLine(
        icon=ICONS.get(line.cause, "clock" if line.cause == "delayed" else "unlink"),
        text=overview.health.text_about(overview.connection.bank.short_name),
        action=line.action,
        href=line.href,
        post_url=line.post_url,
    )


@dataclass(frozen=True, slots=True)
class RailHealth:
    """The state of all connections in one line at the foot of the rail."""

    cause: str
    text: str
    url: str
