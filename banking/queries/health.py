"""The state of a connection by its cause: each has its own words and one thing to do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from banking.models import BankConnection, Consent, SyncRun, SyncRunAccount
from banking.queries import gost
from financehub import formats
from financehub.periods import local_date

Status = BankConnection.Status
OPEN_RUN = frozenset({SyncRun.State.QUEUED, SyncRun.State.RUNNING})
STEP_OVER = frozenset({SyncRunAccount.State.DONE, SyncRunAccount.State.FAILED})
CHANNEL_CODES = gost.SHUT_CODES


class Cause(StrEnum):
    """Why a connection's data is as fresh as it is."""

    FRESH = "fresh"
    SYNCING = "syncing"
    PARTIAL = "partial"
    DELAYED = "delayed"
    RATE_LIMITED = "rate_limited"
    AWAITING = "awaiting"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    REVOKED = "revoked"
    REJECTED = "rejected"
    DISCONNECTED = "disconnected"
    CHANNEL = "channel"


class Action(StrEnum):
    """The one thing a person can do about it."""

    SYNC = "sync"
    CANCEL = "cancel"
    CHECK = "check"
    RENEW = "renew"
    RECONNECT = "reconnect"
    DETAILS = "details"
    NONE = ""


# What a person should look at first; a bank that asks to wait needs nothing but waiting.
_BY_URGENCY = (
    Cause.CHANNEL,
    Cause.EXPIRED,
    Cause.REVOKED,
    Cause.REJECTED,
    Cause.AWAITING,
    Cause.DELAYED,
    Cause.PARTIAL,
    Cause.EXPIRING,
)


@dataclass(frozen=True, slots=True)
class ConnectionHealth:
    """What a page says of a connection: the cause, its sentence, and what the button does."""

    cause: Cause
    text: str
    action: Action = Action.NONE
    action_text: str = ""

    def text_about(self, bank: str) -> str:
        """The sentence where several banks stand side by side."""
        return self.text if bank in self.text else f"{bank}: {_in_a_sentence(self.text)}"

    @property
    def needs_attention(self) -> bool:
        return self.cause in _BY_URGENCY

    @property
    def urgency(self) -> int:
        """Its place among the states that need attention, the most urgent first."""
        return _BY_URGENCY.index(self.cause)

    @property
    def has_ended(self) -> bool:
        return self.cause in {Cause.EXPIRED, Cause.REVOKED, Cause.REJECTED, Cause.DISCONNECTED}


@dataclass(frozen=True, slots=True)
class _Case:
    """The facts that the sentences are made of."""

    connection: BankConnection
    consent: Consent | None
    run: SyncRun | None
    steps: Sequence[SyncRunAccount]
    now: datetime
    renewal: Consent | None = None

    @property
    def today(self) -> date:
        return local_date(self.now)

    def moment(self, at: datetime) -> str:
        return formats.current().moment(at, today=self.today)

    def day(self, at: datetime) -> str:
        return formats.current().date_text(local_date(at), today=self.today)


def health_of(
    connection: BankConnection,
    *,
    consent: Consent | None,
    run: SyncRun | None,
    steps: Sequence[SyncRunAccount],
    now: datetime,
    renewal: Consent | None = None,
) -> ConnectionHealth:
    """The strongest cause that holds: access first, then what happens now, then what went wrong."""
    case = _Case(connection, consent, run, steps, now, renewal)
    return next(health for rule in _RULES if (health := rule(case)) is not None)


def _without_access(case: _Case) -> ConnectionHealth | None:
    connection = case.connection
    if connection.status == Status.ACTIVE:
        return None
    if connection.status == Status.REQUESTED:
        return _requested(case)
    if connection.status == Status.AWAITING:
        text = _("Подтвердите доступ в приложении {bank}").format(bank=connection.bank.short_name)
        return ConnectionHealth(Cause.AWAITING, text, Action.CHECK, _("Проверить ещё раз"))
    if connection.status == Status.FAILED:
        return _not_connected(case)
    return _ended(case, Cause(connection.status))


def _requested(case: _Case) -> ConnectionHealth:
    if not case.connection.failures:
        return ConnectionHealth(Cause.SYNCING, _("Запрашиваем доступ у банка"), Action.CANCEL, _("Отменить"))
    if case.connection.last_error_code in CHANNEL_CODES:
        return _channel(case.connection.last_error_code)
    text = _sentence(error_words(case.connection.last_error_code))
    text = " ".join(filter(None, (text, _again(case))))
    return ConnectionHealth(Cause.DELAYED, text, Action.CANCEL, _("Отменить"))


def _not_connected(case: _Case) -> ConnectionHealth:
    code = case.connection.last_error_code
    if code in CHANNEL_CODES:
        return _channel(code)
    text = _("Подключить не удалось: {why}").format(why=error_words(code))
    return ConnectionHealth(Cause.DELAYED, text, Action.RECONNECT, _("Попробовать снова"))


def _past_its_date(case: _Case) -> ConnectionHealth | None:
    if case.consent is None or not case.consent.is_expired(case.now):
        return None
    return _ended(case, Cause.EXPIRED)


def _ended(case: _Case, cause: Cause) -> ConnectionHealth:
    last = case.connection.last_success_at
    if cause == Cause.REJECTED and last is None:
        text = _("Доступ не разрешён в банке. Ничего не прочитано")
        return ConnectionHealth(cause, text, Action.RECONNECT, _("Подключить снова"))
    ended_at = case.consent.expires_at if cause == Cause.EXPIRED and case.consent else last
    if ended_at is None:
        text = _("Доступ закончился. Прочитанные данные сохранены")
    else:
        words = {
            Cause.EXPIRED: _("Доступ закончился {day}. Данные до этой даты сохранены"),
            Cause.REVOKED: _("Доступ отозван. Данные на {day} сохранены"),
            Cause.REJECTED: _("Доступ не разрешён в банке. Данные на {day} сохранены"),
            Cause.DISCONNECTED: _("Вы отключили банк. Данные на {day} сохранены"),
        }
        text = words[cause].format(day=case.day(ended_at))
    return ConnectionHealth(cause, text, Action.RECONNECT, _("Подключить снова"))


def _syncing(case: _Case) -> ConnectionHealth | None:
    if case.run is None or case.run.state not in OPEN_RUN:
        return None
    total = len(case.steps)
    done = sum(step.state in STEP_OVER for step in case.steps)
    if total:
        text = _("Обновляем: счёт {number} из {total}").format(number=min(done + 1, total), total=total)
    else:
        text = _("Обновляем: читаем список счетов")
    return ConnectionHealth(Cause.SYNCING, text, Action.CANCEL, _("Отменить"))


def _rate_limited(case: _Case) -> ConnectionHealth | None:
    until = case.connection.retry_after
    if until is None or until <= case.now:
        return None
    text = _("Банк просит подождать до {time}").format(time=case.moment(until))
    return ConnectionHealth(Cause.RATE_LIMITED, text)


def _failing(case: _Case) -> ConnectionHealth | None:
    connection = case.connection
    if not connection.failures:
        return None
    if connection.last_error_code in CHANNEL_CODES:
        return _channel(connection.last_error_code)
    if connection.last_success_at is None:
        text = _("Банк не отвечает.")
    else:
        text = _("Банк не отвечает, данные на {time}.").format(time=case.moment(connection.last_success_at))
    text = " ".join(filter(None, (text, _again(case))))
    return ConnectionHealth(Cause.DELAYED, text, Action.SYNC, _("Повторить сейчас"))


def _again(case: _Case) -> str:
    """When the next try is, if one is planned."""
    at = case.connection.next_run_at
    if at is None or at <= case.now:
        return ""
    words = _("Повторим в {time}") if local_date(at) == case.today else _("Повторим {time}")
    return words.format(time=case.moment(at))


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _channel(code: str) -> ConnectionHealth:
    text = _("{why}. Соединение не установлено").format(why=gost.words_of_code(code))
    return ConnectionHealth(Cause.CHANNEL, text, Action.DETAILS, _("Подробнее"))


def _partial(case: _Case) -> ConnectionHealth | None:
    if case.run is None or case.run.state != SyncRun.State.PARTIAL:
        return None
    failed = [step for step in case.steps if step.state == SyncRunAccount.State.FAILED]
    total = len(case.steps)
    accounts = formats.current().count(total - len(failed), "account")
    if failed:
        text = _("Обновлено: {accounts} из {total}. «{name}»: {why}").format(
            accounts=accounts,
            total=total,
            name=failed[0].account.name or failed[0].account.get_kind_display(),
            why=error_words(failed[0].error_code),
        )
    else:
        text = _("Обновлено: {accounts} из {total}.").format(accounts=accounts, total=total)
    return ConnectionHealth(Cause.PARTIAL, text, Action.SYNC, _("Повторить"))


def _expiring(case: _Case) -> ConnectionHealth | None:
    ends_at = case.consent.expires_at if case.consent else None
    if case.consent is None or ends_at is None or not case.consent.is_expiring(case.now):
        return None
    text = _("Доступ закончится {day}").format(day=case.day(ends_at))
    if case.renewal is not None:
        bank = case.connection.bank.short_name
        text = _("{ends}. Подтвердите продление в приложении {bank}").format(ends=text, bank=bank)
        return ConnectionHealth(Cause.EXPIRING, text, Action.CHECK, _("Проверить"))
    return ConnectionHealth(Cause.EXPIRING, text, Action.RENEW, _("Продлить"))


def _fresh(case: _Case) -> ConnectionHealth:
    last = case.connection.last_success_at
    text = _("Данные на {time}").format(time=case.moment(last)) if last else _("Данных ещё нет")
    return ConnectionHealth(Cause.FRESH, text, Action.SYNC, _("Обновить"))


_RULES: tuple[Callable[[_Case], ConnectionHealth | None], ...] = (
    _without_access,
    _past_its_date,
    _syncing,
    _rate_limited,
    _partial,
    _failing,
    _expiring,
    _fresh,
)


def error_words(code: str) -> str:
    """A bank's failure in words; the sentence goes on from a colon."""
    words = {
        "bank_unavailable": _("банк не ответил"),
        "bank_maintenance": _("в банке технические работы"),
        "rate_limited": _("банк просит подождать"),
        "authentication_failed": _("банк не принял нашу подпись"),
        "credentials_refused": _("банк не принял нашу подпись"),
        "consent_required": _("доступа к этим данным нет"),
        "refused": _("банк отказал"),
        "invalid_response": _("ответ банка не удалось прочитать"),
        "broken_document": _("ответ банка пришёл не целиком"),
        "shifting_pages": _("операции менялись во время чтения"),
    }
    if code in CHANNEL_CODES:
        return _in_a_sentence(gost.words_of_code(code))
    return words.get(code, _("ответ банка не удалось прочитать"))


def _in_a_sentence(words: str) -> str:
    """The first letter small, but for an abbreviation."""
    return words if words[1:2].isupper() else f"{words[:1].lower()}{words[1:]}"
