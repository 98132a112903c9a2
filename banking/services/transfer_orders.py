"""Services: a person's order of a transfer becomes a row, once, if their money and the rules allow it.

Nothing leaves for the bank here: the row is the order, and a worker works it off afterwards.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from banking.models import Account, AuditEvent, BankConnection, Consent, Transfer
from banking.models.transfer import PAYABLE_KINDS, PAYING_KINDS
from financehub import formats
from financehub.errors import DomainError
from financehub.money import ZERO, minor_units
from financehub.periods import local_date, start_of_day
from financehub.users.models import User


class AccountNotFound(DomainError):
    code = "account_not_found"
    message = _("Такого счёта у вас нет. Выберите счёт из списка.")


class SameAccount(DomainError):
    code = "same_account"
    message = _("Это один и тот же счёт. Выберите два разных.")


class DifferentCurrencies(DomainError):
    code = "different_currencies"
    message = _("Валюты счетов различаются. Выберите счёт в той же валюте: обмена здесь нет.")


class CannotPayFrom(DomainError):
    code = "cannot_pay_from"
    message = _("С этого счёта переводы не отправляются. Выберите текущий или накопительный счёт.")


class CannotPayTo(DomainError):
    code = "cannot_pay_to"
    message = _("На этот счёт перевести нельзя. Выберите текущий, накопительный счёт, вклад или карту.")


class BankNotConnected(DomainError):
    code = "bank_not_connected"
    message = _("Доступ к банку, из которого идёт перевод, закончился. Подключите его снова.")


class ChannelOnlyReads(DomainError):
    code = "channel_only_reads"
    message = _(
        "Этот банк подключён по каналу, который отдаёт данные, но не переводит. Выберите другой счёт."
    )


class AmountRefused(DomainError):
    code = "amount_refused"
    message = _("Введите сумму больше нуля, не точнее копеек.")


class InsufficientFunds(DomainError):
    code = "insufficient_funds"


class OverTransferLimit(DomainError):
    code = "over_transfer_limit"


class OverDayLimit(DomainError):
    code = "over_day_limit"


class IdempotencyConflict(DomainError):
    """The key of an earlier order came with another order."""

    code = "idempotency_conflict"
    message = _("С этим ключом уже создан другой перевод. Начните перевод заново.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a person wants moved. The key was made before the first try and stays through all of them."""

    from_account_id: int
    to_account_id: int
    amount: Decimal
    purpose: str
    key: str

    @property
    def body_hash(self) -> str:
        """The order without its key: equal for a repetition, whatever form the amount came in."""
        body = asdict(self) | {"amount": f"{self.amount.normalize():f}"}
        del body["key"]
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def place(*, user: User, order: Order, under: Consent | None = None, now: datetime) -> Transfer:
    """Put an order on record, or return the record of the same order; raises a DomainError.

    The order is the person's own, or a partner's under a consent of theirs.
    """
    try:
        with transaction.atomic():
            accounts = _locked_accounts(user)
            known = _known(user, order)
            if known is not None:
                return known
            source, target = _checked_places(accounts, order)
            _check_amount(user, source, order.amount, now=now)
            return _record(user, source, target, order, under=under, now=now)
    except IntegrityError:
        known = _known(user, order)
        if known is None:
            raise
        return known


def check(*, user: User, order: Order, now: datetime) -> tuple[Account, Account]:
    """The two accounts of an order that could be placed now; raises a DomainError."""
    accounts = Account.objects.for_user(user).with_bank()
    found = {account.pk: account for account in accounts}
    source, target = _checked_places(found, order)
    _check_amount(user, source, order.amount, now=now)
    return source, target


def spendable(account: Account) -> Decimal:
    """What may still be ordered from an account: the bank's word less what is under way since."""
    told = account.balance_available if account.balance_available is not None else account.balance_booked
    return (told or ZERO) - _under_way(account)


def _locked_accounts(user: User) -> dict[int, Account]:
    """All accounts of the person, in the order in which everybody locks them."""
    accounts = Account.objects.for_user(user).select_related("bank", "connection").order_by("pk")
    return {account.pk: account for account in accounts.select_for_update(of=("self",))}


def _known(user: User, order: Order) -> Transfer | None:
    known = Transfer.objects.for_user(user).with_places().filter(key=order.key).first()
    if known is not None and known.body_hash != order.body_hash:
        raise IdempotencyConflict
    return known


def _checked_places(accounts: dict[int, Account], order: Order) -> tuple[Account, Account]:
    source, target = accounts.get(order.from_account_id), accounts.get(order.to_account_id)
    if source is None or target is None or source.closed_at or target.closed_at:
        raise AccountNotFound
    if source.pk == target.pk:
        raise SameAccount
    if source.currency != target.currency:
        raise DifferentCurrencies
    if source.kind not in PAYING_KINDS or not source.number or source.connection is None:
        raise CannotPayFrom
    if target.kind not in PAYABLE_KINDS or not target.number or target.is_manual:
        raise CannotPayTo
    if source.connection.status != BankConnection.Status.ACTIVE:
        raise BankNotConnected
    if source.connection.only_reads:
        raise ChannelOnlyReads
    return source, target


def _check_amount(user: User, source: Account, amount: Decimal, *, now: datetime) -> None:
    if not amount.is_finite() or amount <= 0:
        raise AmountRefused
    if amount > settings.TRANSFER_LIMIT:
        raise OverTransferLimit(
            _("За один раз можно перевести не больше %(limit)s.")
            % {"limit": _written(settings.TRANSFER_LIMIT, source)}
        )
    if amount % Decimal(1).scaleb(-minor_units(source.currency)):
        raise AmountRefused
    left = settings.TRANSFER_DAY_LIMIT - _ordered_today(user, source.currency, now=now)
    if amount > left:
        raise OverDayLimit(
            _("Сегодня можно перевести ещё не больше %(left)s.") % {"left": _written(max(left, ZERO), source)}
        )
    funds = spendable(source)
    if amount > funds:
        raise InsufficientFunds(
            _("На счёте не хватает денег: доступно %(funds)s.")
            % {"funds": _written(max(funds, ZERO), source)}
        )


def _under_way(account: Account) -> Decimal:
    """What was ordered from the account and is not in the balance that the bank named last."""
    since = Q(state=Transfer.State.CONFIRMED)
    if account.balance_as_of is not None:
        since &= Q(settled_at__gte=account.balance_as_of)
    moving = Transfer.objects.filter(Q(state__in=Transfer.OPEN_STATES) | since, from_account=account)
    return moving.aggregate(total=Sum("amount"))["total"] or ZERO


def _ordered_today(user: User, currency: str, *, now: datetime) -> Decimal:
    today = Transfer.objects.for_user(user).filter(
        currency=currency, created_at__gte=start_of_day(local_date(now))
    )
    ordered = today.exclude(state=Transfer.State.REJECTED)
    return ordered.aggregate(total=Sum("amount"))["total"] or ZERO


def _record(
    user: User,
    source: Account,
    target: Account,
    order: Order,
    *,
    under: Consent | None,
    now: datetime,
) -> Transfer:
    transfer = Transfer.objects.create(
        user=user,
        from_account=source,
        to_account=target,
        from_bank=source.bank,
        to_bank=target.bank,
        from_name=source.name or source.get_kind_display(),
        to_name=target.name or target.get_kind_display(),
        from_number=source.number,
        to_number=target.number,
        partner_consent=under,
        amount=order.amount,
        currency=source.currency,
        purpose=order.purpose,
        key=order.key,
        body_hash=order.body_hash,
        created_at=now,
        next_check_at=now,
    )
    AuditEvent.objects.create(
        person=user,
        actor=None if under else user,
        kind=AuditEvent.Kind.TRANSFER_ORDERED,
        bank_code=source.bank.code,
        detail={"transfer": transfer.reference, "to_bank": target.bank.code} | _orderer(under),
        at=now,
    )
    return transfer


def _orderer(under: Consent | None) -> dict[str, str]:
    if under is None or under.partner is None:
        return {}
    return {"partner": under.partner.code, "partner_name": under.partner.name}


def _written(amount: Decimal | int, account: Account) -> str:
    return formats.current().money(Decimal(amount), account.currency)
