"""Changes of many rows at once: ticked or filtered, and the way back."""

from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from banking import edits, tagging
from banking.filter_forms import TransactionFilterForm
from banking.forms import BulkForm
from banking.models import Category, Edit, Tag, Transaction
from banking.presenters import edits as presenters
from banking.queries import accounts as account_queries
from banking.queries import categories as category_queries
from banking.queries import edits as queries
from banking.queries import tags as tag_queries
from banking.queries.transaction_filter import matching
from banking.queries.transactions import totals_of
from banking.views.common import rail_health, undo_url, way_back
from financehub.errors import DomainError
from financehub.http import render_page
from financehub.periods import local_date
from financehub.users.identity import signed_in

if TYPE_CHECKING:
    from banking.models.transaction import TransactionQuerySet
    from financehub.users.models import User


@require_POST
@login_required
def change(request: HttpRequest) -> HttpResponse:
    """Do one thing to every chosen row; a new category or tags are asked for on a page of their own."""
    user, back = signed_in(request), way_back(request, default=reverse("banking:transactions"))
    form = BulkForm(request.POST, user=user)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect(back)
    rows = _chosen(form, user, back)
    if _needs_more(form) and rows.exists():
        return _ask(request, form, rows, back)
    try:
        edit = _changed(form, rows)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    if edit is None:
        messages.info(request, _("Менять нечего: операции не выбраны или уже такие."))
    else:
        messages.success(request, presenters.done(edit), extra_tags=undo_url(edit))
    return redirect(back)


def _chosen(form: BulkForm, user: "User", back: str) -> "TransactionQuerySet":
    """The ticked rows, or all that the list's own filter lets through; the list is the page to go back to."""
    if not form.cleaned_data["everything"]:
        return Transaction.objects.for_user(user).filter(pk__in=form.cleaned_data["row"])
    accounts = account_queries.accounts_of(user=user, closed=True)
    wanted = TransactionFilterForm(
        QueryDict(urlsplit(back).query), user=user, accounts=accounts, today=_today()
    )
    return matching(user=user, wanted=wanted.wanted) if wanted.is_valid() else Transaction.objects.none()


def _needs_more(form: BulkForm) -> bool:
    """Whether the deed is to give something that has not been said yet."""
    match form.cleaned_data["do"]:
        case "category":
            return form.cleaned_data["category"] is None
        case "tag" | "untag":
            return not form.cleaned_data["tags"]
    return False


def _today() -> date:
    return local_date(timezone.now())


def _changed(form: BulkForm, rows: "TransactionQuerySet") -> Edit | None:
    """Put the deed of a valid form to the rows."""
    user, now = form.user, timezone.now()
    category: Category | None = form.cleaned_data["category"]
    match form.cleaned_data["do"]:
        case "category" if category is not None:
            return edits.set_category(user=user, rows=rows, category=category, now=now)
        case "tag":
            tags = tagging.named(user=user, names=form.cleaned_data["tags"])
            return edits.add_tags(user=user, rows=rows, tags=tags, now=now)
        case "untag":
            keys = [tagging.key_of(name) for name in form.cleaned_data["tags"]]
            known = Tag.objects.for_user(user).filter(key__in=keys)
            return edits.remove_tags(user=user, rows=rows, tags=known, now=now)
        case "exclude" | "include" as deed:
            return edits.set_excluded(user=user, rows=rows, excluded=deed == "exclude", now=now)
        case "review":
            return edits.mark_reviewed(user=user, rows=rows, now=now)
    return None


def _ask(request: HttpRequest, form: BulkForm, rows: "TransactionQuerySet", back: str) -> HttpResponse:
    context = {
        "ids": form.cleaned_data["row"],
        "everything": form.cleaned_data["everything"],
        "totals": totals_of(rows),
        "next": back,
        "rail_health": rail_health(request),
    }
    if form.cleaned_data["do"] == "category":
        context["category_groups"] = category_queries.category_groups(user=form.user)
        return render_page(request, "banking/edit_category.html", context)
    context["tags"] = tag_queries.tags_of(user=form.user)
    return render_page(request, "banking/edit_tags.html", context)


@require_GET
@login_required
def history(request: HttpRequest) -> HttpResponse:
    """What the person changed lately, each with its way back."""
    found = queries.recent_edits(user=signed_in(request))
    context = {
        "lines": [presenters.line(edit, today=_today()) for edit in found],
        "rail_health": rail_health(request),
    }
    return render_page(request, "banking/edits.html", context)


@require_POST
@login_required
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an edit back, as far as its rows still stand as it left them."""
    try:
        edit = queries.edit_of(user=signed_in(request), pk=pk)
    except Edit.DoesNotExist as error:
        raise Http404 from error
    try:
        undone = edits.undo(edit=edit, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, presenters.undone(undone.restored, undone.left))
    return redirect(way_back(request, default=reverse("banking:edits")))
