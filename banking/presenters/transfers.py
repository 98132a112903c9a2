"""Transfers in words: what became of one, what that means for the money, what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from banking.models import Account, Transfer
from banking.queries.transfers import approval_page
from banking.services.transfer_orders import BankNotConnected
from financehub import formats

State = Transfer.State
TONES = {State.CONFIRMED: "positive", State.REJECTED: "negative", State.UNKNOWN: "warning"}


@dataclass(frozen=True, slots=True)
class TransferState:
    """The state of a transfer as its page says it; `action` leads to what helps."""

    title: str
    text: str
    tone: str = ""
    action: str = ""
    href: str = ""
    bank_words: str = ""


@dataclass(frozen=True, slots=True)
class TransferCells:
    """A transfer in a list, every cell already text."""

    url: str
    title: str
    places: str
    moment: str
    amount: SafeString
    state: str
    tone: str


def cells_of(transfer: Transfer, *, today: date) -> TransferCells:
    """One line of the history."""
    forms = formats.current()
    over = transfer.state == State.CONFIRMED
    return TransferCells(
        url=reverse("banking:transfer", args=[transfer.pk]),
        title=transfer.purpose or _("Перевод"),
        places=f"{_short_place(transfer, 'from')} → {_short_place(transfer, 'to')}",
        moment=forms.moment(transfer.created_at, today=today),
        amount=forms.amount(
            transfer.amount, transfer.currency, tone="void" if transfer.state == State.REJECTED else "still"
        ),
        state="" if over else transfer.get_state_display(),
        tone=TONES.get(State(transfer.state), ""),
    )


def _short_place(transfer: Transfer, side: str) -> str:
    bank = transfer.from_bank if side == "from" else transfer.to_bank
    return f"{bank.short_name} {formats.account_tail(getattr(transfer, f'{side}_number'))}"


def place(transfer: Transfer, side: str) -> str:
    """One end of a transfer: bank, what the account was called, its last digits."""
    bank = transfer.from_bank if side == "from" else transfer.to_bank
    name, number = getattr(transfer, f"{side}_name"), getattr(transfer, f"{side}_number")
    return f"{bank.short_name}, {name} {formats.account_tail(number)}"


def option_of(account: Account, *, with_balance: bool) -> str:
    """An account in a list to choose from."""
    name = account.name or account.get_kind_display()
    words = f"{account.bank.short_name}, {name} {formats.account_tail(account.number)}"
    told = account.balance_available if account.balance_available is not None else account.balance_booked
    if with_balance and told is not None:
        return f"{words} · {formats.current().money(told, account.currency)}"
    return words if account.currency == "RUB" else f"{words} · {account.currency}"


def options(accounts: Iterable[Account], *, with_balance: bool) -> list[tuple[int, str]]:
    """Accounts to choose from."""
    return [(account.pk, option_of(account, with_balance=with_balance)) for account in accounts]


def state_of(transfer: Transfer) -> TransferState:
    """What the page of a transfer says first."""
    match transfer.state:
        case State.CONFIRMED:
            text = _("Деньги списаны и зачислены. Операции на обоих счетах обновляются.")
            return TransferState(_("Перевод выполнен"), text, "positive")
        case State.REJECTED:
            return _rejected(transfer)
        case State.UNKNOWN:
            return _unknown(transfer)
        case State.SENT:
            text = _("Банк принял перевод и ещё проводит его. Страница обновится сама.")
            return TransferState(_("Перевод в пути"), text)
    if transfer.awaits_approval:
        return _awaiting(transfer)
    text = _("Отправляем его в банк. Страницу можно закрыть: перевод дойдёт и без неё.")
    return TransferState(_("Перевод принят"), text)


def api_message(transfer: Transfer) -> str:
    """The same in one sentence."""
    state = state_of(transfer)
    return f"{state.title}. {state.text}"


def _awaiting(transfer: Transfer) -> TransferState:
    bank = transfer.from_bank.short_name
    return TransferState(
        _("Подтвердите перевод в приложении %(bank)s") % {"bank": bank},
        _("Банк просит разрешить именно этот перевод, на это есть сутки. Деньги пока на счёте."),
        "warning",
        _("Открыть %(bank)s") % {"bank": bank},
        approval_page(transfer),
    )


def _unknown(transfer: Transfer) -> TransferState:
    title = _("Проверяем, дошёл ли перевод")
    if transfer.error_code == "consent_required":
        text = _("Доступа к счёту больше нет. Подключите банк снова, и мы узнаем. Деньги не уйдут дважды.")
        href = reverse("banking:connect_bank", args=[transfer.from_bank.code])
        return TransferState(title, text, "warning", _("Подключить снова"), href)
    if transfer.error_code == "account_removed":
        text = _("Счёт у нас отключён, и узнать это здесь нельзя. Посмотрите операции в приложении банка.")
        return TransferState(title, text, "warning")
    text = _("Ответ банка потерялся. Спрашиваем банк, списаны ли деньги. Деньги не уйдут дважды.")
    return TransferState(title, text, "warning")


def _rejected(transfer: Transfer) -> TransferState:
    text = _reasons().get(transfer.error_code, _("Банк не выполнил перевод."))
    safe = _("Деньги на месте.")
    if transfer.error_code == "rejected_by_bank":
        safe = _("Списанные деньги банк вернул на счёт.")
    href = reverse("banking:transfer_new") + again_query(transfer)
    return TransferState(
        _("Перевод не выполнен"),
        f"{text} {safe}",
        "negative",
        _("Попробовать ещё раз"),
        href,
        transfer.bank_words,
    )


def again_query(transfer: Transfer) -> str:
    """The fields of the form for another try, which gets a key of its own."""
    if transfer.from_account_id is None or transfer.to_account_id is None:
        return ""
    return f"?from={transfer.from_account_id}&to={transfer.to_account_id}"


def _reasons() -> dict[str, str]:
    return {
        "bad_request": _("Банк отказал в переводе."),
        "not_executed": _("Заявка до банка не дошла, и мы отозвали её разрешение."),
        "rejected_by_bank": _("Банк получателя не принял перевод."),
        "consent_rejected": _("Вы отклонили перевод в банке."),
        "consent_revoked": _("Разрешение на перевод отозвано в банке."),
        "consent_expired": _("Разрешение на перевод истекло."),
        "not_approved": _("Перевод не подтвердили в банке за сутки."),
        "bank_not_connected": str(BankNotConnected.message),
        "partner_not_allowed": _("Согласие партнёра, который заказал перевод, закончилось."),
        "account_removed": _("Счёт отключён раньше, чем перевод ушёл."),
        "bank_unavailable": _("Банк не отвечает, и перевод не отправлен. Попробуйте позже."),
        "bank_maintenance": _("В банке технические работы, и перевод не отправлен. Попробуйте позже."),
        "rate_limited": _("Банк просит подождать, и перевод не отправлен. Попробуйте через несколько минут."),
        "authentication_failed": _("Банк не принимает переводы из нашего приложения."),
        "credentials_refused": _("Банк не принимает переводы из нашего приложения."),
        "consent_required": _("Банк не принял разрешение на перевод."),
    }


def limits_text() -> str:
    """The limits, said before anybody runs into them."""
    forms = formats.current()
    return _("До %(one)s за раз и %(day)s в день.") % {
        "one": forms.money(Decimal(settings.TRANSFER_LIMIT), "RUB", whole=True),
        "day": forms.money(Decimal(settings.TRANSFER_DAY_LIMIT), "RUB", whole=True),
    }
