"""The review of transfers: pairs that may be one, each accepted or rejected, and the way back."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from banking import pairing
from banking.models import Edit, Transaction, TransferMatch
from banking.presenters import transfer_review as presenters
from banking.queries import transactions
from banking.queries import transfer_review as queries
from banking.views.common import rail_health, undo_url, way_back
from financehub.errors import DomainError
from financehub.http import render_page
from financehub.periods import local_date
from financehub.users.identity import signed_in

LONGEST_ID = 19  # digits


@require_GET
@login_required
def review(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, and what was decided."""
    user, today = signed_in(request), local_date(timezone.now())
    found = queries.open_matches(user=user)
    context = {
        "pairs": presenters.pairs(found[: queries.MOST_SHOWN], today=today),
        "count": found.count(),
        "reliable": len(queries.reliable(user=user)),
        "decisions": [presenters.decision(match, today=today) for match in queries.decided(user=user)],
        "is_on": user.finds_transfers,
        "found": queries.found_count(user=user),
        "rail_health": rail_health(request),
    }
    return render_page(request, "banking/transfer_review.html", context)


@require_POST
@login_required
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """The two rows are one transfer."""
    match = _match_of(request, pk)
    return _decided(request, lambda now: pairing.accept(match=match, now=now), _("Отмечено как перевод."))


@require_POST
@login_required
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    """The two rows are no transfer."""
    match = _match_of(request, pk)
    pairing.reject(match=match, now=timezone.now())
    text = _("Запомнили: это не перевод. Больше не предложим.")
    messages.success(request, text, extra_tags=reverse("banking:match_undo", args=[pk]))
    return redirect("banking:transfer_review")


@require_POST
@login_required
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the last decision about a pair back."""
    match = _match_of(request, pk)
    try:
        pairing.undo(match=match, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Решение отменено."))
    return redirect("banking:transfer_review")


@require_POST
@login_required
def accept_reliable(request: HttpRequest) -> HttpResponse:
    """Accept every pair that is well founded and stands alone."""
    user = signed_in(request)
    number = 2 * len(queries.reliable(user=user))
    return _decided(
        request, lambda now: pairing.accept_reliable(user=user, now=now), presenters.accepted(number)
    )


@require_POST
@login_required
def switch(request: HttpRequest) -> HttpResponse:
    """Look for transfers, or do not."""
    is_on = {"1": True, "0": False}.get(request.POST.get("on", ""))
    if is_on is not None:
        pairing.switch(user=signed_in(request), on=is_on, now=timezone.now())
        messages.success(request, _("Поиск переводов включён.") if is_on else _("Поиск переводов выключен."))
    return redirect("banking:transfer_review")


@require_POST
@login_required
def unpair(request: HttpRequest, pk: int) -> HttpResponse:
    """The row is no side of a transfer: both rows get back what they were for."""
    row = _row_of(request, pk)
    text = _("Пара разъединена, категории вернулись.")
    return _decided(
        request,
        lambda now: pairing.part(row=row, now=now),
        text,
        back=reverse("banking:transaction", args=[pk]),
    )


@require_POST
@login_required
def refund(request: HttpRequest, pk: int) -> HttpResponse:
    """The refund is of the purchase that is named, or of none that is here."""
    row, purchase = _row_of(request, pk), request.POST.get("purchase", "")
    if not purchase:
        pairing.unlink_refund(row=row)
        messages.success(request, _("Связь с покупкой убрана."))
        return redirect("banking:transaction", pk=pk)
    is_id = purchase.isdecimal() and len(purchase) <= LONGEST_ID
    try:
        pairing.link_refund(row=row, purchase_id=int(purchase) if is_id else 0)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Возврат связан с покупкой."))
    return redirect("banking:transaction", pk=pk)


def _decided(
    request: HttpRequest, deed: Callable[[datetime], Edit | None], text: str, *, back: str = ""
) -> HttpResponse:
    """Do it, say so with the way back, and return to where the person came from."""
    try:
        edit = deed(timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, text, extra_tags=undo_url(edit) if edit is not None else "")
    return redirect(back or way_back(request, default=reverse("banking:transfer_review")))


def _match_of(request: HttpRequest, pk: int) -> TransferMatch:
    try:
        return queries.match_of_user(user=signed_in(request), pk=pk)
    except TransferMatch.DoesNotExist as error:
        raise Http404 from error


def _row_of(request: HttpRequest, pk: int) -> Transaction:
    try:
        return transactions.transaction_of(user=signed_in(request), pk=pk)
    except Transaction.DoesNotExist as error:
        raise Http404 from error
