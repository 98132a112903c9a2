"""Dividing a row into parts, and making it one again."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from banking import splitting
from banking.models import Edit, Transaction
from banking.presenters import edits as edit_presenters
from banking.presenters import rows as row_presenters
from banking.queries import categories, tags, transactions
from banking.split_forms import WAYS, SplitForm
from banking.views.common import rail_health, undo_url
from financehub.errors import DomainError
from financehub.http import render_page
from financehub.users.identity import signed_in


@require_http_methods(["GET", "POST"])
@login_required
def split(request: HttpRequest, pk: int) -> HttpResponse:
    """The parts of a row, as they are or shall be."""
    row = _own(request, pk)
    if row.part_of_id is not None or row.transfer_pair_id is not None:
        messages.error(request, str(splitting.NotDivisible()))
        return redirect("banking:transaction", pk=pk)
    form = SplitForm(request.POST if request.method == "POST" else None, row=row, user=signed_in(request))
    if request.POST.get("do") == "add":
        form.grow()
        return _page(request, row, form)
    if not form.is_valid():
        return _page(request, row, form)
    try:
        edit = splitting.split(user=form.user, row=row, wanted=form.wanted(), now=timezone.now())
    except DomainError as refusal:
        return _page(request, row, form, error=str(refusal))
    _tell(request, edit)
    return redirect("banking:transaction", pk=pk)


@require_POST
@login_required
def unsplit(request: HttpRequest, pk: int) -> HttpResponse:
    """One row again, as it came."""
    row = _own(request, pk)
    _tell(request, splitting.unsplit(user=signed_in(request), row=row, now=timezone.now()))
    return redirect("banking:transaction", pk=pk)


def _page(request: HttpRequest, row: Transaction, form: SplitForm, *, error: str = "") -> HttpResponse:
    context: dict[str, Any] = {
        "row": row,
        "title": row_presenters.detail_title(row),
        "amount": row_presenters.amount_of(row),
        "form": form,
        "ways": WAYS,
        "error": error,
        "category_groups": categories.category_groups(user=form.user, with_ids=(row.category_id,)),
        "tags": tags.tags_of(user=form.user),
        "rail_health": rail_health(request),
    }
    is_refused = bool(error) or any(line.is_bound and line.errors for line in form.lines)
    return render_page(
        request, "banking/split.html", context, fragment="lines", status=422 if is_refused else 200
    )


def _tell(request: HttpRequest, edit: Edit | None) -> None:
    if edit is None:
        messages.info(request, _("Менять нечего: так и было."))
    else:
        messages.success(request, edit_presenters.done(edit), extra_tags=undo_url(edit))


def _own(request: HttpRequest, pk: int) -> Transaction:
    try:
        return transactions.transaction_of(user=signed_in(request), pk=pk)
    except Transaction.DoesNotExist as error:
        raise Http404 from error
