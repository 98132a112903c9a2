"""The state of a connection by its cause: each has its own words and one thing to do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from banking.models import BankConnection, Consent, SyncRun, SyncRunAccount
from banking.queries import gost
from banking.queries.budget import call_budget
from financehub import formats
from financehub.periods import local_date

Status = BankConnection.Status
OPEN_RUN = frozenset({SyncRun.State.QUEUED, SyncRun.State.RUNNING})
STEP_OVER = frozenset({SyncRunAccount.State.DONE, SyncRunAccount.State.FAILED})
SILENCE = {"", "bank_unavailable", "bank_silent"}
MOST_NAMES = 3
CHANNEL_CODES = gost.SHUT_CODES


class Cause(StrEnum):
    """Why a connection's data is as fresh as it is."""

    FRESH = "fresh"
    SYNCING = "syncing"
    PARTIAL = "partial"
    DELAYED = "delayed"
    RATE_LIMITED = "rate_limited"
    BUDGET = "budget"
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
    """What a page says of a connection: the cause, its sentence, and what the button does.

    `until` is when it changes by itself: the next try, the end of a wait, the end of the access.
    """

    cause: Cause
    text: str
    action: Action = Action.NONE
    action_text: str = ""
    until: datetime | None = None

    @property
    def must_wait(self) -> bool:
        """Whether nobody may call the bank before `until`."""
        return self.cause in {Cause.RATE_LIMITED, Cause.BUDGET} and self.action == Action.NONE

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

    @property
    def silent_until(self) -> datetime | None:
        """Until when the clock leaves the bank alone, by `with_silence`."""
        until: datetime | None = getattr(self.connection, "silent_until", None)
        return until if until is not None and until > self.now else None

    @property
    def silent_since(self) -> datetime | None:
        """Since when others find the bank silent."""
        return getattr(self.connection, "silent_since", None) if self.silent_until else None

    @property
    def again_at(self) -> datetime | None:
        """When the next try is, if one is planned."""
        at = self.connection.next_run_at
        if at is not None and self.silent_until is not None:
            at = max(at, self.silent_until)
        return at if at is not None and at > self.now else None

    @property
    def is_held_back(self) -> bool:
        """Whether a reading that is due waits for the bank to answer others."""
        at, until = self.connection.next_run_at, self.silent_until
        return at is not None and until is not None and at <= until

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
    if not case.connection.last_error_code:
        return ConnectionHealth(Cause.SYNCING, _("Запрашиваем доступ у банка"), Action.CANCEL, _("Отменить"))
    if case.connection.last_error_code in CHANNEL_CODES:
        return _channel(case.connection.last_error_code)
    text = _sentence(error_words(case.connection.last_error_code))
    text = " ".join(filter(None, (text, _again(case))))
    return ConnectionHealth(Cause.DELAYED, text, Action.CANCEL, _("Отменить"), until=case.again_at)


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
    return ConnectionHealth(Cause.RATE_LIMITED, text, until=until)


def _budget(case: _Case) -> ConnectionHealth | None:
    budget = call_budget(case.connection, now=case.now)
    if not budget.is_spent:
        return None
    spent = _("Запросы к банку на сегодня закончились, продолжим {time}").format(
        time=case.moment(budget.opens_at)
    )
    text = f"{_as_of(case)}. {spent}"
    if budget.left(by_person=True):
        return ConnectionHealth(Cause.BUDGET, text, Action.SYNC, _("Обновить сейчас"), until=budget.opens_at)
    return ConnectionHealth(Cause.BUDGET, text, until=budget.opens_at)


def _failing(case: _Case) -> ConnectionHealth | None:
    connection = case.connection
    if not connection.failures and not case.is_held_back:
        return None
    code = connection.last_error_code
    if code in CHANNEL_CODES:
        return _channel(code)
    text = " ".join(filter(None, (_what_fails(case, code), _again(case))))
    return ConnectionHealth(Cause.DELAYED, text, Action.SYNC, _("Повторить сейчас"), until=case.again_at)


def _what_fails(case: _Case, code: str) -> str:
    """What goes wrong and since when; a bank that answers with nonsense is not called silent."""
    since = case.connection.failing_since or case.silent_since
    if code == "bank_maintenance" and since:
        return _("В банке технические работы с {time}.").format(time=case.moment(since))
    if code == "rate_limited":
        return _("Банк просил подождать, скоро обновим. {as_of}.").format(as_of=_as_of(case))
    if code in SILENCE:
        return (
            _("Банк не отвечает с {time}.").format(time=case.moment(since))
            if since
            else _("Банк не отвечает.")
        )
    return f"{_sentence(error_words(code))} {_as_of(case)}."


def _again(case: _Case) -> str:
    at = case.again_at
    if at is None:
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
    if not failed:
        return ConnectionHealth(
            Cause.PARTIAL, _lack(case, case.run), Action.SYNC, _("Повторить"), until=case.again_at
        )
    text = _("Обновлено: {accounts} из {total}. {failed}").format(
        accounts=formats.current().count(len(case.steps) - len(failed), "account"),
        total=len(case.steps),
        failed=_failed_accounts(failed),
    )
    action = _("Повторить этот счёт") if len(failed) == 1 else _("Повторить эти счета")
    return ConnectionHealth(Cause.PARTIAL, text, Action.SYNC, action, until=case.again_at)


def _failed_accounts(failed: Sequence[SyncRunAccount]) -> str:
    """Which accounts could not be read, together with those that share the reason."""
    by_reason: dict[str, list[str]] = {}
    for step in failed:
        name = step.account.name or step.account.get_kind_display()
        by_reason.setdefault(error_words(step.error_code), []).append(f"«{name}»")
    return "; ".join(f"{_named(names)}: {why}" for why, names in by_reason.items())


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return _("{names} и ещё {more}").format(names=shown, more=more) if more > 0 else shown


def _lack(case: _Case, run: SyncRun) -> str:
    """What is not there though no account failed."""
    if run.error_code == "accounts_rejected":
        return _("Обновлено не всё: описание части счетов банк прислал в виде, который не читается")
    if run.error_code == "rows_rejected":
        rows = formats.current().count(max(run.rows_rejected, 1), "transaction")
        return _(
            "Обновлено не всё, не прочитано: {rows}. Банк прислал их в виде, который не читается"
        ).format(rows=rows)
    if run.error_code == "rows_missing":
        return _("Обновлено не всё: операций у банка больше, чем он прислал. Следующий раз прочитаем всё")
    return _("Обновлено не всё: {why}. {as_of}").format(why=error_words(run.error_code), as_of=_as_of(case))


def _expiring(case: _Case) -> ConnectionHealth | None:
    ends_at = case.consent.expires_at if case.consent else None
    if case.consent is None or ends_at is None or not case.consent.is_expiring(case.now):
        return None
    text = _("Доступ закончится {day}").format(day=case.day(ends_at))
    if case.renewal is not None:
        bank = case.connection.bank.short_name
        text = _("{ends}. Подтвердите продление в приложении {bank}").format(ends=text, bank=bank)
        return ConnectionHealth(Cause.EXPIRING, text, Action.CHECK, _("Проверить"), until=ends_at)
    return ConnectionHealth(Cause.EXPIRING, text, Action.RENEW, _("Продлить"), until=ends_at)


def _fresh(case: _Case) -> ConnectionHealth:
    return ConnectionHealth(
        Cause.FRESH, _as_of(case), Action.SYNC, _("Обновить"), until=case.connection.next_run_at
    )


def _as_of(case: _Case) -> str:
    last = case.connection.last_success_at
    return _("Данные на {time}").format(time=case.moment(last)) if last else _("Данных ещё нет")


_RULES: tuple[Callable[[_Case], ConnectionHealth | None], ...] = (
    _without_access,
    _past_its_date,
    _syncing,
    _rate_limited,
    _budget,
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
        "nothing_listed": _("банк прислал пустой список счетов"),
        "internal_error": _("ошибка на нашей стороне"),
        "budget_spent": _("запросы к банку на сегодня закончились"),
        "bank_silent": _("банк не отвечает, мы уже проверяем его"),
    }
    if code in CHANNEL_CODES:
        return _in_a_sentence(gost.words_of_code(code))
    return words.get(code, _("ответ банка не удалось прочитать"))


def _in_a_sentence(words: str) -> str:
    """The first letter small, but for an abbreviation."""
    return words if words[1:2].isupper() else f"{words[:1].lower()}{words[1:]}"
