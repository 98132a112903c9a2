"""Saved views of the transactions page: keep the present filter, rename it, forget it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from banking import saving_views
from banking.filter_forms import TransactionFilterForm
from banking.forms import ViewNameForm
from banking.models import SavedView
from banking.queries import accounts
from banking.queries import saved_views as queries
from banking.views.common import rail_health
from banking.views.filters import FilterLinks
from financehub.errors import DomainError
from financehub.http import render_page
from financehub.periods import local_date
from financehub.users.identity import signed_in


@require_POST
@login_required
def save(request: HttpRequest) -> HttpResponse:
    """Keep the filter that the form carries, as far as it is one; shown is the list under it."""
    user, form = signed_in(request), ViewNameForm(request.POST)
    wanted = QueryDict(request.POST.get("query", ""))
    known = accounts.accounts_of(user=user, closed=True)
    checked = TransactionFilterForm(wanted, user=user, accounts=known, today=local_date(timezone.now()))
    links = FilterLinks.of(wanted, checked)
    if not form.is_valid() or not checked.is_valid():
        messages.error(request, _("Вид не сохранён: нужны название и фильтр без ошибок."))
        return redirect(links.url())
    try:
        saving_views.save_view(user=user, name=form.cleaned_data["name"], query=links.query())
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Вид сохранён."))
    return redirect(links.url())


@require_http_methods(["GET", "POST"])
@login_required
def view(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name for a saved view."""
    own = _own(request, pk)
    form = ViewNameForm(request.POST if request.method == "POST" else None, initial={"name": own.name})
    if form.is_valid():
        try:
            saving_views.rename_view(view=own, name=form.cleaned_data["name"])
        except DomainError as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("Вид переименован."))
            return redirect(f"{reverse('banking:transactions')}?{own.query}")
    context = {"form": form, "view": own, "rail_health": rail_health(request)}
    return render_page(request, "banking/saved_view.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a saved view."""
    saving_views.delete_view(view=_own(request, pk))
    messages.success(request, _("Вид удалён. Операции остались."))
    return redirect("banking:transactions")


def _own(request: HttpRequest, pk: int) -> SavedView:
    try:
        return queries.view_of(user=signed_in(request), pk=pk)
    except SavedView.DoesNotExist as error:
        raise Http404 from error
