"""Accounts that the person keeps by hand: opening, changing, closing; and removing accounts of any kind."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from banking import actions, manual, removal
from banking.manual_forms import ManualAccountForm, account_values, new_account_values
from banking.models import Account
from banking.presenters.rows import account_title
from banking.queries import accounts as queries
from banking.views.common import rail_health
from financehub.http import render_page
from financehub.periods import local_date
from financehub.users.identity import signed_in

if TYPE_CHECKING:
    from collections.abc import Callable


@require_http_methods(["GET", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Open a book of one's own: cash, or a bank that is not connected."""
    user, now = signed_in(request), timezone.now()
    today = local_date(now)
    form = ManualAccountForm(_sent(request), today=today, initial=new_account_values(today=today))
    if form.is_valid():
        try:
            account = manual.create_account(
                user=user, terms=form.terms, currency=form.cleaned_data["currency"], now=now
            )
        except manual.TooManyAccounts as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Счёт добавлен."))
            return redirect("banking:account", pk=account.pk)
    return _page(request, form, None)


@require_http_methods(["GET", "POST"])
@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Other terms for a manual account."""
    account, now = _own_book(request, pk), timezone.now()
    form = ManualAccountForm(
        _sent(request), today=local_date(now), initial=account_values(account), has_currency=True
    )
    if form.is_valid():
        manual.change_account(account=account, terms=form.terms, now=now)
        messages.success(request, _("Счёт изменён."))
        return redirect("banking:account", pk=pk)
    return _page(request, form, account)


@require_POST
@login_required
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a manual account out of today's totals, or back."""
    account = _own_book(request, pk)
    closes = account.closed_at is None
    manual.set_closed(account=account, closed=closes, now=timezone.now())
    messages.success(
        request, _("Счёт закрыт: в сумме его больше нет.") if closes else _("Счёт снова открыт.")
    )
    return redirect("banking:account", pk=pk)


@require_http_methods(["GET", "POST"])
@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then forget an account with its rows."""
    account = _found(request, pk, queries.account_of)
    if request.method == "POST":
        removal.remove_account(account=account, now=timezone.now())
        messages.success(request, _("Счёт «{name}» удалён.").format(name=account_title(account)))
        return redirect("banking:accounts")
    context = {
        "account": account,
        "title": account_title(account),
        "rows": queries.rows_in(account=account),
        "rail_health": rail_health(request),
    }
    return render_page(request, "banking/account_delete.html", context)


@require_POST
@login_required
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a bank's account that the person removed be read again."""
    account = _found(request, pk, queries.removed_account_of)
    if actions.restore_account(account=account, now=timezone.now()):
        messages.success(request, _("Счёт возвращён: читаем его из банка."))
    else:
        messages.success(request, _("Счёт возвращён. Операции появятся, когда банк снова будет подключён."))
    return redirect("banking:accounts")


def _page(request: HttpRequest, form: ManualAccountForm, account: Account | None) -> HttpResponse:
    context = {"form": form, "account": account, "rail_health": rail_health(request)}
    return render_page(request, "banking/manual_account.html", context, status=422 if form.errors else 200)


def _own_book(request: HttpRequest, pk: int) -> Account:
    account = _found(request, pk, queries.account_of)
    if not account.is_manual:
        raise Http404
    return account


def _found(request: HttpRequest, pk: int, ask: "Callable[..., Account]") -> Account:
    try:
        return ask(user=signed_in(request), pk=pk)
    except Account.DoesNotExist as error:
        raise Http404 from error


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None
