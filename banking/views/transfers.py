"""Transfers between own accounts: the history, the form and its second look, one transfer, its receipt."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from banking import actions
from banking.forms import TransferForm
from banking.models import Transfer
from banking.presenters import transfers as presenters
from banking.queries import transfers as queries
from banking.queries.transactions import Cursor, InvalidCursor
from banking.queries.transfers import Choices
from banking.services import transfer_orders
from banking.views.common import rail_health
from financehub.errors import DomainError
from financehub.http import render_page
from financehub.periods import local_date
from financehub.users.identity import signed_in

# Where on the form a refusal is shown; what is not here concerns the whole.
FIELD_OF = {
    "same_account": "target",
    "different_currencies": "target",
    "cannot_pay_to": "target",
    "cannot_pay_from": "source",
    "bank_not_connected": "source",
    "channel_only_reads": "source",
    "amount_refused": "amount",
    "insufficient_funds": "amount",
    "over_transfer_limit": "amount",
    "over_day_limit": "amount",
}


@require_GET
@login_required
def transfers(request: HttpRequest) -> HttpResponse:
    """What was ordered here so far, newest first."""
    today = local_date(timezone.now())
    context: dict[str, Any] = {"today": today}
    try:
        after = Cursor.parse(request.GET["after"]) if "after" in request.GET else None
    except InvalidCursor:
        context["place_is_lost"] = True
    else:
        page = queries.transfer_page(user=signed_in(request), after=after)
        context |= {
            "rows": [presenters.cells_of(transfer, today=today) for transfer in page.transfers],
            "next_url": f"{request.path}?after={page.next}" if page.next else "",
            "first_url": request.path if after else "",
        }
    if not request.htmx:  # type: ignore[attr-defined]
        context["rail_health"] = rail_health(request)
    return render_page(request, "banking/transfers.html", context, fragment="rows")


@require_http_methods(["GET", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """The form; filled in well, it comes back as a second look at all that will happen."""
    choices = queries.choices_of(user=signed_in(request))
    form = _form(request, choices)
    if request.method == "GET" or "edit" in request.POST or not form.is_valid():
        return _show_form(request, form, choices)
    try:
        source, target = actions.check_order(user=signed_in(request), order=form.order, now=timezone.now())
    except DomainError as refused:
        return _show_form(request, _with_refusal(form, refused), choices)
    context = {
        "form": form,
        "order": form.order,
        "currency": source.currency,
        "source": presenters.option_of(source, with_balance=False),
        "target": presenters.option_of(target, with_balance=False),
        "is_between_banks": source.bank_id != target.bank_id,
        "rail_health": rail_health(request),
    }
    return render_page(request, "banking/transfer_confirm.html", context)


@require_POST
@login_required
def send(request: HttpRequest) -> HttpResponse:
    """Order the transfer that the person has just looked at; sent twice, it is one transfer.

    A key that belongs to another transfer is replaced: the person begins anew, and sees that.
    """
    choices = queries.choices_of(user=signed_in(request))
    form = _form(request, choices)
    if not form.is_valid():
        return _show_form(request, form, choices)
    try:
        made = actions.make_transfer(user=signed_in(request), order=form.order, now=timezone.now())
    except transfer_orders.IdempotencyConflict as refused:
        again = _form(request, choices, key=str(uuid.uuid4()))
        return _show_form(request, _with_refusal(again, refused), choices)
    except DomainError as refused:
        return _show_form(request, _with_refusal(form, refused), choices)
    return redirect("banking:transfer", pk=made.pk)


@require_GET
@login_required
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of a transfer; while its end is open, the page looks again by itself."""
    found = _transfer_of(request, pk)
    context = _facts(found) | {"state": presenters.state_of(found), "is_open": found.is_open}
    if found.state == Transfer.State.CONFIRMED:
        context["debit"], context["credit"] = queries.rows_of(found)
    if not request.htmx:  # type: ignore[attr-defined]
        context["rail_health"] = rail_health(request)
    return render_page(request, "banking/transfer.html", context, fragment="state")


@require_POST
@login_required
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at once what became of a transfer."""
    found = _transfer_of(request, pk)
    actions.check_transfer(transfer=found, now=timezone.now())
    return redirect("banking:transfer", pk=found.pk)


@require_GET
@login_required
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """A sheet of paper about a transfer that was carried out."""
    found = _transfer_of(request, pk)
    if found.state != Transfer.State.CONFIRMED or found.settled_at is None:
        raise Http404
    context = _facts(found) | {
        "settled_on": local_date(found.settled_at),
        "person": signed_in(request),
        "rail_health": rail_health(request),
    }
    return render_page(request, "banking/transfer_receipt.html", context)


def _transfer_of(request: HttpRequest, pk: int) -> Transfer:
    try:
        return queries.transfer_of(user=signed_in(request), pk=pk)
    except Transfer.DoesNotExist as error:
        raise Http404 from error


def _facts(found: Transfer) -> dict[str, Any]:
    return {
        "transfer": found,
        "source": presenters.place(found, "from"),
        "target": presenters.place(found, "to"),
        "today": local_date(timezone.now()),
    }


def _form(request: HttpRequest, choices: Choices, **changed: str) -> TransferForm:
    data = None if request.method == "GET" else request.POST.dict() | changed
    pair = choices.first_pair
    initial = {
        "source": request.GET.get("from") or (pair and pair[0].pk),
        "target": request.GET.get("to") or (pair and pair[1].pk),
        "key": str(uuid.uuid4()),
    }
    return TransferForm(
        data,
        sources=presenters.options(choices.sources, with_balance=True),
        targets=presenters.options(choices.targets, with_balance=False),
        initial=initial,
    )


def _with_refusal(form: TransferForm, refused: DomainError) -> TransferForm:
    form.add_error(FIELD_OF.get(refused.code), str(refused))
    return form


def _show_form(request: HttpRequest, form: TransferForm, choices: Choices) -> HttpResponse:
    context = {
        "form": form,
        "is_possible": choices.first_pair is not None,
        "limits": presenters.limits_text(),
        "rail_health": rail_health(request),
    }
    return render_page(request, "banking/transfer_new.html", context)
