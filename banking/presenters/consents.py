"""Consents and the journal of access in plain words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.urls import reverse
from django.utils.translation import gettext as _

from banking.models import AuditEvent, Bank, Consent, ConsentEvent, SyncRun
from banking.queries import connections
from banking.queries.consents import ConsentFacts, HistoryLine
from financehub import formats
from financehub.periods import local_date

State = Consent.State
Kind = ConsentEvent.Kind
Actor = ConsentEvent.Actor

TONES = {
    State.GRANTED: "positive",
    State.EXPIRING: "warning",
    State.AWAITING: "accent",
    State.REQUESTED: "accent",
    State.EXPIRED: "negative",
    State.REVOKED: "negative",
    State.REJECTED: "negative",
}
LIVING = {State.REQUESTED, State.AWAITING, State.GRANTED, State.EXPIRING}
EVENT_TONES = {
    Kind.GRANTED: "good",
    Kind.RENEWED: "good",
    Kind.AWAITING: "now",
    Kind.EXPIRED: "bad",
    Kind.REVOKED: "bad",
    Kind.REJECTED: "bad",
}


@dataclass(frozen=True, slots=True)
class EventCells:
    """A line of a consent's timeline."""

    at: datetime
    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class ConsentCard:
    """A consent as its card shows it; an empty address means that there is nothing to do that way."""

    pk: int
    bank: Bank
    state: str
    tone: str
    until: str
    permissions: tuple[str, ...]
    purpose: str
    last_use: str
    events: tuple[EventCells, ...]
    renew_url: str = ""
    revoke_url: str = ""
    approve_url: str = ""
    check_url: str = ""
    cancel_url: str = ""
    reconnect_url: str = ""
    is_over: bool = False

    @property
    def has_ways(self) -> bool:
        """Whether there is anything to do with it."""
        return any((self.renew_url, self.revoke_url, self.approve_url, self.cancel_url, self.reconnect_url))


def cards(
    facts: Iterable[ConsentFacts], *, renewing: frozenset[int] = frozenset(), now: datetime
) -> list[ConsentCard]:
    """Consents as cards; `renewing` are the connections whose renewal already waits."""
    return [_card(each, is_renewing=each.consent.connection_id in renewing, now=now) for each in facts]


def _card(facts: ConsentFacts, *, is_renewing: bool, now: datetime) -> ConsentCard:
    consent = facts.consent
    return ConsentCard(
        pk=consent.pk,
        bank=consent.connection.bank,
        state=str(facts.state.label),
        tone=TONES.get(facts.state, ""),
        until=_until(facts, now=now),
        permissions=tuple(permission_words(consent.permissions)),
        purpose=_(consent.purpose) if consent.purpose else _("Показать счета и операции в одном месте"),
        last_use=_moment(consent.last_used_at, now=now) if consent.last_used_at else _("ещё не пользовались"),
        events=tuple(_event(line, consent) for line in facts.history),
        is_over=facts.state not in LIVING,
        **_ways(facts, is_renewing=is_renewing),
    )


def _ways(facts: ConsentFacts, *, is_renewing: bool) -> dict[str, str]:
    """What can be done with a consent, by the addresses where it is done."""
    connection = facts.consent.connection
    if facts.state in {State.GRANTED, State.EXPIRING}:
        ways = {"revoke_url": _url("disconnect", connection.pk) + f"?next={reverse('banking:consents')}"}
        return ways if is_renewing else ways | {"renew_url": _url("renew", connection.pk)}
    if facts.state in {State.AWAITING, State.REQUESTED}:
        is_first = connection.status != connection.Status.ACTIVE
        ways = {"cancel_url": _url("cancel" if is_first else "cancel_renewal", connection.pk)}
        if facts.state == State.REQUESTED:
            return ways
        approve_url = connections.approval_page(connection.bank, facts.consent)
        return ways | {"approve_url": approve_url, "check_url": _url("check", connection.pk)}
    is_over = connection.status not in {connection.Status.ACTIVE, connection.Status.AWAITING}
    return {"reconnect_url": reverse("banking:connect_bank", args=[connection.bank.code])} if is_over else {}


def _url(name: str, pk: int) -> str:
    return reverse(f"banking:connection_{name}", args=[pk])


def permission_words(permissions: Sequence[str]) -> list[str]:
    """Each permission as what it opens; the bank's own word where we know no better."""
    words = {
        "ReadAccountsDetail": _("список счетов, вкладов и кредитов с номерами"),
        "ReadAccountsBasic": _("список счетов без номеров"),
        "ReadBalances": _("остатки на счетах"),
        "ReadTransactionsDetail": _("операции: сумма, время, магазин, текст банка"),
        "ReadTransactionsBasic": _("операции без подробностей"),
        "ReadTransactionsCredits": _("поступления"),
        "ReadTransactionsDebits": _("списания"),
        "ReadCards": _("список карт"),
        "ManageCards": _("управление картами"),
        "ManageAccounts": _("открытие и закрытие счетов"),
    }
    return [words.get(permission, permission) for permission in permissions]


def _until(facts: ConsentFacts, *, now: datetime) -> str:
    consent, words = facts.consent, formats.current()
    if facts.state in {State.AWAITING, State.REQUESTED}:
        return _("запрошено {moment}").format(moment=_moment(consent.requested_at, now=now))
    if facts.state in {State.GRANTED, State.EXPIRING}:
        if consent.expires_at is None:
            return _("срок банк не назвал")
        left = (local_date(consent.expires_at) - local_date(now)).days
        day = _day(consent.expires_at, now=now)
        return _("до {day}, ещё {left}").format(day=day, left=words.count(left, "day"))
    ended_at = consent.expires_at if facts.state == State.EXPIRED else consent.ended_at
    return _day(ended_at, now=now) if ended_at else ""


def _event(line: HistoryLine, consent: Consent) -> EventCells:
    return EventCells(line.at, _event_words(line, consent), EVENT_TONES.get(line.kind, ""))


def _event_words(line: HistoryLine, consent: Consent) -> str:
    bank = consent.connection.bank.short_name
    if line.kind == Kind.REVOKED:
        return _revoked_words(line.actor, bank=bank, was_request=consent.granted_at is None)
    words = {
        Kind.REQUESTED: _("Вы попросили доступ"),
        Kind.AWAITING: _("{bank} ждёт вашего подтверждения"),
        Kind.GRANTED: _("{bank} открыл доступ"),
        Kind.RENEWED: _("Заменено новым согласием"),
        Kind.EXPIRING: _("До конца осталось семь дней или меньше"),
        Kind.EXPIRED: _("Срок закончился"),
        Kind.REJECTED: _("Доступ не разрешён в {bank}"),
    }
    return words[line.kind].format(bank=bank)


def _revoked_words(actor: ConsentEvent.Actor, *, bank: str, was_request: bool) -> str:
    if actor == Actor.PERSON:
        return _("Вы отменили запрос") if was_request else _("Вы отозвали доступ")
    if actor == Actor.PARTNER:
        return _("Партнёр отказался от доступа")
    return _("Доступ отозван в {bank}").format(bank=bank)


def _day(at: datetime, *, now: datetime) -> str:
    return formats.current().date_text(local_date(at), today=local_date(now))


def _moment(at: datetime, *, now: datetime) -> str:
    return formats.current().moment(at, today=local_date(now))


@dataclass(frozen=True, slots=True)
class JournalCells:
    """A line of the journal: when, who, what."""

    time: str
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class JournalDay:
    """The lines of one day; `header` is empty when the day began on the page before."""

    header: str
    lines: tuple[JournalCells, ...]


def journal_days(
    events: Sequence[AuditEvent], *, banks: dict[str, str], before: date | None, today: date
) -> list[JournalDay]:
    """The journal by day; `before` is the day of the last line of the page before."""
    words = formats.current()
    return [
        JournalDay(
            header="" if day == before else words.day_header(day, today=today),
            lines=tuple(_journal_line(event, banks=banks) for event in of_day),
        )
        for day, of_day in groupby(events, key=lambda event: local_date(event.at))
    ]


def _journal_line(event: AuditEvent, *, banks: dict[str, str]) -> JournalCells:
    bank = banks.get(event.bank_code, event.bank_code)
    writers = {AuditEvent.Kind.SYNCED: _synced_words, AuditEvent.Kind.DISCONNECTED: _disconnected_words}
    if event.kind in writers:
        what = writers[AuditEvent.Kind(event.kind)](event, bank)
    else:
        what = ": ".join(filter(None, (str(event.get_kind_display()), bank)))
    return JournalCells(time=formats.current().time(event.at), who=_who(event), what=what)


def _who(event: AuditEvent) -> str:
    """The person as "you", another person by name, and nobody as ourselves."""
    if event.actor_id is None:
        return "FinanceHub"
    if event.actor_id == event.person_id:
        return _("Вы")
    actor = event.actor
    return (actor.full_name or actor.email) if actor is not None else _("сотрудник банка")


def _synced_words(event: AuditEvent, bank: str) -> str:
    detail, words = event.detail, formats.current()
    if detail.get("state") == SyncRun.State.FAILED:
        return _("{bank}: прочитать данные не получилось").format(bank=bank)
    if "rows_read" not in detail:
        return _("{bank}: прочитаны счета и операции").format(bank=bank)
    return _("{bank}: прочитано {accounts}, {rows}, из них новых {new}").format(
        bank=bank,
        accounts=words.count(detail["accounts"], "account"),
        rows=words.count(detail["rows_read"], "transaction"),
        new=words.number(detail["rows_new"]),
    )


def _disconnected_words(event: AuditEvent, bank: str) -> str:
    if event.detail.get("data_kept"):
        return _("{bank}: доступ отозван, прочитанное оставлено").format(bank=bank)
    return _("{bank}: доступ отозван, прочитанное удалено").format(bank=bank)
