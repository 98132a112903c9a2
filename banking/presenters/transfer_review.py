"""Pairs of rows as the review shows them: how sure each is, in words, and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banking.matching.score import Reason
from banking.models import Transaction, TransferMatch
from banking.presenters.rows import account_label, account_title, amount_of, title_of
from banking.queries import transfer_review as queries
from financehub import formats

ALMOST_CERTAIN, LIKELY = 75, 40
_REASONS = {
    Reason.REFERENCE: gettext_lazy("один номер перевода в обоих текстах"),
    Reason.NUMBERS: gettext_lazy("тексты банков называют оба счёта"),
    Reason.NUMBER_AND_BANK: gettext_lazy("один текст называет счёт, другой — банк"),
    Reason.NUMBER: gettext_lazy("в тексте номер вашего другого счёта"),
    Reason.OWN_TEXTS: gettext_lazy("банки пишут о переводе себе"),
    Reason.OWN_TEXT: gettext_lazy("один из банков пишет о переводе себе"),
    Reason.BANK: gettext_lazy("в тексте назван банк другого счёта"),
    Reason.RETURNED: gettext_lazy("банк пишет, что перевод не прошёл"),
    Reason.SAME_HOUR: gettext_lazy("разница меньше часа"),
    Reason.SAME_DAY: gettext_lazy("в один день"),
    Reason.CODE: gettext_lazy("код перевода"),
    Reason.UNIQUE: gettext_lazy("других подходящих операций нет"),
}


@dataclass(frozen=True, slots=True)
class SideCells:
    """One row of a pair."""

    url: str
    title: str
    place: str
    moment: str
    amount: SafeString


@dataclass(frozen=True, slots=True)
class PairCells:
    """A pair that waits for a decision."""

    pk: int
    title: str
    sureness: str
    tone: str
    reasons: tuple[str, ...]
    sides: tuple[SideCells, SideCells]
    is_returned: bool


@dataclass(frozen=True, slots=True)
class DecisionCells:
    """A decision of the person's and the way back."""

    pk: int
    title: str
    url: str
    facts: str
    state: str
    tone: str


def pair(match: TransferMatch, *, today: date) -> PairCells:
    """A pair with its rows, the debit first."""
    sureness, tone = _sureness(match.score)
    return PairCells(
        pk=match.pk,
        title=_title(match),
        sureness=sureness,
        tone=tone,
        reasons=tuple(reasons(match)),
        sides=(_side(match.out, today), _side(match.into, today)),
        is_returned=match.kind == TransferMatch.Kind.RETURNED,
    )


def decision(match: TransferMatch, *, today: date) -> DecisionCells:
    """A pair that the person decided about."""
    is_accepted = match.state == TransferMatch.State.ACCEPTED
    words = formats.current()
    amount = words.money(match.into.amount, match.into.currency)
    decided = words.moment(match.decided_at, today=today) if match.decided_at else ""
    return DecisionCells(
        pk=match.pk,
        title=_title(match),
        url=reverse("banking:transaction", args=[match.out_id]),
        facts=f"{amount} · {decided}",
        state=match.get_state_display(),
        tone="positive" if is_accepted else "",
    )


def reasons(match: TransferMatch, *, doubts: bool = True) -> Iterator[str]:
    """What speaks for a pair, and, as long as it is open, what makes it doubtful."""
    is_returned = match.kind == TransferMatch.Kind.RETURNED
    for name in match.reasons:
        if is_returned and name == Reason.NUMBERS:
            yield _("оба текста называют один счёт")
        elif name in _REASONS:
            yield str(_REASONS[Reason(name)])
    if Reason.FEE in match.reasons:
        fee = formats.current().money(-match.out.amount - match.into.amount, match.out.currency)
        yield _("суммы отличаются на {fee}: возможно, комиссия").format(fee=fee)
    if Reason.RATE in match.reasons:
        yield _("разные валюты, суммы сходятся по курсу")
    if doubts and Reason.UNIQUE not in match.reasons:
        yield _("подходит не только эта операция")


@dataclass(frozen=True, slots=True)
class LinkCells:
    """Another row that a row belongs to."""

    pk: int
    url: str
    text: str


def links(row: Transaction, *, today: date) -> dict[str, Any]:
    """What the page of a row says of its pair, of its purchase and of its refunds."""
    match = queries.match_of(row=row)
    purchase = queries.purchase_of(row=row) if row.amount > 0 else None
    return {
        "pair": _pair_cells(row, today),
        "pair_reasons": list(reasons(match, doubts=False)) if match else [],
        "returned_note": returned_note(row),
        "purchase": _link(purchase, today) if purchase else None,
        "purchases": [] if purchase else [_link(each, today) for each in queries.purchases_for(row=row)],
        "refunds": [_link(each, today) for each in queries.refunds_of(row=row)] if row.amount < 0 else [],
    }


def _pair_cells(row: Transaction, today: date) -> LinkCells | None:
    """The other side of a transfer: its account, or, where the money came back to the same one, its row."""
    other = row.transfer_pair
    if other is None or other.account_id == row.account_id:
        return _link(other, today) if other else None
    return LinkCells(other.pk, reverse("banking:transaction", args=[other.pk]), account_label(other.account))


def _link(row: Transaction, today: date) -> LinkCells:
    words = formats.current()
    amount, day = words.money(abs(row.amount), row.currency), words.date_text(row.booking_date, today=today)
    return LinkCells(
        row.pk, reverse("banking:transaction", args=[row.pk]), f"{title_of(row)} · {amount} · {day}"
    )


def accepted(number: int) -> str:
    """What accepting came to, for a toast."""
    return _("Принято как переводы: {rows}.").format(rows=formats.current().count(number, "transaction"))


def returned_note(row: Transaction) -> str:
    """What a failed transfer came to; empty for all other rows."""
    pair = row.transfer_pair
    if pair is None or pair.account_id != row.account_id:
        return ""
    return _("Перевод не прошёл, деньги вернулись на тот же счёт. В доходах и расходах его нет.")


def _sureness(score: int) -> tuple[str, str]:
    if score >= ALMOST_CERTAIN:
        return _("Почти наверняка"), "positive"
    return (_("Вероятно"), "accent") if score >= LIKELY else (_("Возможно"), "")


def _title(match: TransferMatch) -> str:
    if match.kind == TransferMatch.Kind.RETURNED:
        return _("{account}: перевод и возврат").format(account=account_label(match.out.account))
    return f"{account_label(match.out.account)} → {account_label(match.into.account)}"


def _side(row: Transaction, today: date) -> SideCells:
    return SideCells(
        url=reverse("banking:transaction", args=[row.pk]),
        title=row.description or title_of(row) or _("Операция без описания"),
        place=f"{account_label(row.account)} · {account_title(row.account)}",
        moment=formats.current().moment(row.booked_at, today=today),
        amount=amount_of(row),
    )


def pairs(matches: Iterable[TransferMatch], *, today: date) -> list[PairCells]:
    """Pairs in the order given."""
    return [pair(match, today=today) for match in matches]
