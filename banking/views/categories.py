"""The person's categories: their own ones, and which of all are offered."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from banking import categorising
from banking.category_forms import OwnCategoryForm
from banking.forms import CategoryForm
from banking.models import Category
from banking.presenters import edits as edit_presenters
from banking.queries import categories as queries
from banking.views.common import rail_health, undo_url
from financehub.errors import DomainError
from financehub.http import render_page
from financehub.users.identity import signed_in


@require_http_methods(["GET", "POST"])
@login_required
def categories(request: HttpRequest) -> HttpResponse:
    """All categories, and a form for a new one."""
    user = signed_in(request)
    form = OwnCategoryForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        try:
            categorising.create_category(user=user, **form.cleaned_data)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Категория добавлена."))
        return redirect("banking:categories")
    context = {
        "form": form,
        "known": queries.known_categories(user=user),
        "category_groups": queries.category_groups(user=user),
        "rail_health": rail_health(request),
    }
    return render_page(request, "banking/categories.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@login_required
def category(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a category of one's own, or let another take it in."""
    own = _own(request, pk)
    form = OwnCategoryForm(
        request.POST if request.method == "POST" else None,
        user=signed_in(request),
        initial={"name": own.name, "icon": own.icon},
    )
    if form.is_valid():
        data = form.cleaned_data
        categorising.rename_category(category=own, name=data["name"], icon=data["icon"])
        messages.success(request, _("Категория переименована."))
        return redirect("banking:categories")
    context: dict[str, Any] = {
        "form": form,
        "category": own,
        "category_groups": queries.category_groups(user=signed_in(request)),
        "rail_health": rail_health(request),
    }
    return render_page(request, "banking/category.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Move everything of an own category to another one."""
    own, form = _own(request, pk), CategoryForm(request.POST, user=signed_in(request))
    if not form.is_valid():
        messages.error(request, _("Такой категории нет."))
        return redirect("banking:category", pk=pk)
    target = form.cleaned_data["category"]
    try:
        edit = categorising.merge_categories(user=form.user, source=own, target=target, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("banking:category", pk=pk)
    if edit is None:
        messages.success(request, _("Категории объединены."))
    else:
        messages.success(request, edit_presenters.done(edit), extra_tags=undo_url(edit))
    return redirect("banking:categories")


@require_POST
@login_required
def hide(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer a category no more, or again."""
    user = signed_in(request)
    try:
        known = queries.category_of(user=user, pk=pk)
    except Category.DoesNotExist as error:
        raise Http404 from error
    categorising.set_hidden(user=user, category=known, hidden="hidden" in request.POST)
    return redirect("banking:categories")


def _own(request: HttpRequest, pk: int) -> Category:
    user = signed_in(request)
    try:
        found = queries.category_of(user=user, pk=pk)
    except Category.DoesNotExist as error:
        raise Http404 from error
    if found.user_id != user.pk:
        raise Http404
    return found
