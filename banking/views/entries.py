"""Rows that the person writes by hand, and rows of any account that they delete and bring back."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from banking import edits, manual
from banking.manual_forms import RowForm, new_row_values, row_values
from banking.models import Account, Transaction
from banking.presenters import edits as edit_presenters
from banking.presenters.rows import RowPresenter, account_title
from banking.queries import accounts as account_queries
from banking.queries import categories as category_queries
from banking.queries import transactions as queries
from banking.views.common import rail_health, undo_url, way_back
from financehub.http import render_page
from financehub.periods import local_date
from financehub.users.identity import signed_in


@require_http_methods(["GET", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Write down a row of a manual account."""
    user, now = signed_in(request), timezone.now()
    books = {account.pk: account for account in account_queries.manual_accounts_of(user=user)}
    asked = request.GET.get("account", "")
    chosen = next((pk for pk in books if str(pk) == asked), next(iter(books), None))
    form = _form(request, books, new_row_values(today=local_date(now), account=chosen))
    if form.is_valid():
        account = books[form.cleaned_data["account"]]
        row = _written(form, account, now=now)
        messages.success(request, _("Операция записана."))
        again = request.POST.get("do") == "again"
        url = f"{reverse('banking:transaction_new')}?account={account.pk}"
        return redirect(url) if again else redirect("banking:transaction", pk=row.pk)
    return _page(request, form, {"has_books": bool(books)})


@require_http_methods(["GET", "POST"])
@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a row of a manual account anew."""
    row, now = _own(request, pk), timezone.now()
    if not row.account.is_manual or row.parts or row.part_of_id is not None:
        raise Http404
    form = _form(request, {row.account_id: row.account}, row_values(row))
    if form.is_valid():
        done = manual.amend_row(transaction=row, entry=form.entry, now=now)
        if done is not None:
            messages.success(request, edit_presenters.done(done), extra_tags=undo_url(done))
        return redirect("banking:transaction", pk=pk)
    return _page(request, form, {"row": row, "has_books": True})


@require_POST
@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a row out of lists and figures; the toast brings it back."""
    row = _own(request, pk)
    only = Transaction.objects.filter(pk=row.pk)
    try:
        done = edits.delete_rows(user=signed_in(request), rows=only, now=timezone.now())
    except edits.Divided as refusal:
        messages.error(request, str(refusal))
        return redirect("banking:transaction", pk=pk)
    if done is not None:
        messages.success(request, edit_presenters.done(done), extra_tags=undo_url(done))
    return redirect(way_back(request, default=reverse("banking:transactions")))


@require_POST
@login_required
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a deleted row back."""
    row = _own(request, pk, deleted=True)
    only = Transaction.objects.filter(pk=row.pk)
    done = edits.restore_rows(user=signed_in(request), rows=only, now=timezone.now())
    if done is not None:
        messages.success(request, edit_presenters.done(done), extra_tags=undo_url(done))
    return redirect(way_back(request, default=reverse("banking:transaction", args=[pk])))


@require_GET
@login_required
def deleted(request: HttpRequest) -> HttpResponse:
    """What the person deleted, rows and accounts, each with its way back."""
    user, today = signed_in(request), local_date(timezone.now())
    accounts = {account.pk: account for account in account_queries.accounts_of(user=user, closed=True)}
    presenter = RowPresenter(accounts, today=today)
    context = {
        "rows": [presenter.row(row, with_day=True) for row in queries.deleted_rows(user=user)],
        "accounts": [
            (account, account_title(account)) for account in account_queries.removed_accounts_of(user=user)
        ],
        "most": queries.MOST_DELETED,
        "rail_health": rail_health(request),
    }
    return render_page(request, "banking/deleted.html", context)


def _written(form: RowForm, account: Account, *, now: datetime) -> Transaction:
    """The row of a valid form. Whoever went back and wrote something else means another row."""
    fresh = str(form.initial["key"])
    try:
        return manual.add_row(
            account=account, entry=form.entry, key=form.cleaned_data["key"] or fresh, now=now
        )
    except manual.KeyReused:
        return manual.add_row(account=account, entry=form.entry, key=fresh, now=now)


def _form(request: HttpRequest, books: dict[int, Account], initial: dict[str, Any]) -> RowForm:
    return RowForm(
        request.POST if request.method == "POST" else None,
        user=signed_in(request),
        accounts=[(pk, f"{account_title(account)}, {account.currency}") for pk, account in books.items()],
        today=local_date(timezone.now()),
        initial=initial,
    )


def _page(request: HttpRequest, form: RowForm, more: dict[str, Any]) -> HttpResponse:
    context = {
        "form": form,
        "category_groups": category_queries.category_groups(user=form.user),
        "rail_health": rail_health(request),
    }
    status = 422 if form.errors else 200
    return render_page(request, "banking/transaction_form.html", context | more, status=status)


def _own(request: HttpRequest, pk: int, *, deleted: bool = False) -> Transaction:
    try:
        return queries.transaction_of(user=signed_in(request), pk=pk, deleted=deleted)
    except Transaction.DoesNotExist as error:
        raise Http404 from error
