"""Consents and the journal of access in plain words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.urls import reverse
from django.utils.translation import gettext as _

from banking.models import AuditEvent, Consent, ConsentEvent, SyncRun
from banking.queries import connections
from banking.queries.consents import ConsentFacts, HistoryLine
from banking.services import multibank
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
PARTNER_KINDS = {Kind.REQUESTED, Kind.GRANTED, Kind.REJECTED}
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
    code: str
    name: str
    state: str
    tone: str
    until: str
    permissions: tuple[str, ...]
    reader: str
    data_of: str
    purpose: str
    last_use: str
    events: tuple[EventCells, ...]
    renew_url: str = ""
    revoke_url: str = ""
    approve_url: str = ""
    check_url: str = ""
    cancel_url: str = ""
    reconnect_url: str = ""
    allow_url: str = ""
    reject_url: str = ""
    end_url: str = ""
    is_over: bool = False

    @property
    def has_ways(self) -> bool:
        """Whether there is anything to do with it."""
        ways = (self.renew_url, self.revoke_url, self.approve_url, self.cancel_url, self.reconnect_url)
        return any((*ways, self.allow_url, self.end_url))


def cards(
    facts: Iterable[ConsentFacts], *, renewing: frozenset[int] = frozenset(), now: datetime
) -> list[ConsentCard]:
    """Consents as cards; `renewing` are the connections whose renewal already waits."""
    return [_card(each, is_renewing=each.consent.connection_id in renewing, now=now) for each in facts]


def _card(facts: ConsentFacts, *, is_renewing: bool, now: datetime) -> ConsentCard:
    consent = facts.consent
    return ConsentCard(
        pk=consent.pk,
        code=consent.partner.code if consent.partner else consent.source.bank.code,
        name=_name(consent),
        state=str(facts.state.label),
        tone=TONES.get(facts.state, ""),
        until=_until(facts, now=now),
        permissions=tuple(permission_words(consent.permissions)),
        reader=consent.partner.name if consent.partner else "FinanceHub",
        data_of=_data_of(consent),
        purpose=_purpose(consent),
        last_use=_moment(consent.last_used_at, now=now) if consent.last_used_at else _("ещё не пользовались"),
        events=tuple(_event(line, consent) for line in facts.history),
        is_over=facts.state not in LIVING,
        **_ways(facts, is_renewing=is_renewing),
    )


def _name(consent: Consent) -> str:
    """Whose consent it is: the bank's that we read, or the partner's that reads us."""
    return consent.partner.name if consent.partner else consent.source.bank.short_name


def _data_of(consent: Consent) -> str:
    """The bank whose data a partner reads; empty on our own consents, whose heading says it."""
    if consent.partner is None:
        return ""
    return consent.data_of.short_name if consent.data_of else _("все подключённые банки")


def _purpose(consent: Consent) -> str:
    """Our own purposes are translated; those that others wrote are shown as they are."""
    if consent.partner is not None:
        return consent.purpose or _("партнёр не назвал цель")
    return _(consent.purpose) if consent.purpose else _("Показать счета и операции в одном месте")


def _ways(facts: ConsentFacts, *, is_renewing: bool) -> dict[str, str]:
    """What can be done with a consent, by the addresses where it is done."""
    if facts.consent.partner is not None:
        return _ways_with_partner(facts)
    connection = facts.consent.source
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


def _ways_with_partner(facts: ConsentFacts) -> dict[str, str]:
    pk = facts.consent.pk
    if facts.state in {State.GRANTED, State.EXPIRING}:
        return {"end_url": reverse("banking:consent_revoke", args=[pk])}
    if facts.state == State.AWAITING:
        return {
            "allow_url": reverse("banking:consent_approve", args=[pk]),
            "reject_url": reverse("banking:consent_reject", args=[pk]),
        }
    return {}


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
        multibank.ACCOUNTS: _("список счетов, вкладов и кредитов с номерами"),
        multibank.BALANCES: _("остатки на счетах"),
        multibank.TRANSACTIONS: _("операции: сумма, время, текст банка"),
        multibank.PAYMENTS: _("переводы между вашими собственными счетами"),
        multibank.PRODUCTS: _("продукты банка"),
    }
    return [words.get(permission, permission) for permission in permissions]


def _until(facts: ConsentFacts, *, now: datetime) -> str:
    consent, words = facts.consent, formats.current()
    if facts.state == State.AWAITING and consent.partner is not None and consent.expires_at is not None:
        return _("просит доступ до {day}").format(day=_day(consent.expires_at, now=now))
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
    bank = _name(consent)
    if consent.partner is not None and line.kind in PARTNER_KINDS:
        return _partner_words(line, name=bank)
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


def _partner_words(line: HistoryLine, *, name: str) -> str:
    """What happens otherwise where the person, and no bank, decides."""
    if line.kind == Kind.REQUESTED:
        asked_by_person = line.actor == Actor.PERSON
        return (
            _("Вы начали открывать доступ")
            if asked_by_person
            else _("{name} просит доступ").format(name=name)
        )
    return _("Вы разрешили доступ") if line.kind == Kind.GRANTED else _("Вы отказали в доступе")


def _revoked_words(actor: ConsentEvent.Actor, *, bank: str, was_request: bool) -> str:
    if actor == Actor.PERSON:
        return _("Вы отменили запрос") if was_request else _("Вы отозвали доступ")
    if actor == Actor.PARTNER:
        return _("Партнёр отказался от доступа")
    return _("Доступ отозван в {bank}").format(bank=bank)


def allowed(consent: Consent) -> str:
    """What is said when the person has let a partner in."""
    return _("{name} может читать ваши данные. Отозвать доступ можно здесь же.").format(name=_name(consent))


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
    writers = {
        AuditEvent.Kind.SYNCED: _synced_words,
        AuditEvent.Kind.DISCONNECTED: _disconnected_words,
        AuditEvent.Kind.PARTNER_READ: _read_words,
        AuditEvent.Kind.PARTNER_ALLOWED: _allowed_words,
        AuditEvent.Kind.PARTNER_CLOSED: _closed_words,
    }
    if event.kind in writers:
        what = writers[AuditEvent.Kind(event.kind)](event, bank)
    else:
        what = ": ".join(filter(None, (str(event.get_kind_display()), bank)))
    return JournalCells(time=formats.current().time(event.at), who=_who(event), what=what)


def _who(event: AuditEvent) -> str:
    """The person as "you", another person or a partner by name, and nobody as ourselves."""
    if event.actor_id is None:
        return str(event.detail.get("partner_name", "FinanceHub"))
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


def _read_words(event: AuditEvent, bank: str) -> str:
    words = {
        multibank.ACCOUNTS: _("{bank}: прочитан список счетов"),
        multibank.BALANCES: _("{bank}: прочитаны остатки"),
        multibank.TRANSACTIONS: _("{bank}: прочитаны операции"),
    }
    return words.get(event.detail.get("scope"), _("{bank}: прочитаны данные")).format(bank=bank)


def _allowed_words(event: AuditEvent, bank: str) -> str:
    what = ", ".join(permission_words(event.detail.get("scopes", [])))
    return _("{partner}: открыт доступ ({what})").format(partner=_partner(event), what=what)


def _closed_words(event: AuditEvent, bank: str) -> str:
    return _("{partner}: доступ закрыт").format(partner=_partner(event))


def _partner(event: AuditEvent) -> str:
    return event.detail.get("partner_name") or _("партнёр")


def _disconnected_words(event: AuditEvent, bank: str) -> str:
    if event.detail.get("data_kept"):
        return _("{bank}: доступ отозван, прочитанное оставлено").format(bank=bank)
    return _("{bank}: доступ отозван, прочитанное удалено").format(bank=bank)
