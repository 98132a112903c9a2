"""The person's tags: the list of them, one with its name, and those of a row."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from banking import edits, tagging
from banking.forms import TagNameForm, TagsForm
from banking.models import Edit, Tag, Transaction
from banking.presenters import edits as edit_presenters
from banking.queries import tags as queries
from banking.views.common import rail_health, undo_url, way_back
from financehub.errors import DomainError
from financehub.http import render_page
from financehub.users.identity import signed_in

if TYPE_CHECKING:
    from banking.models.transaction import TransactionQuerySet
    from financehub.users.models import User


@require_GET
@login_required
def tags(request: HttpRequest) -> HttpResponse:
    """All tags, each with the rows under it."""
    context = {"used": queries.used_tags(user=signed_in(request)), "rail_health": rail_health(request)}
    return render_page(request, "banking/tags.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def tag(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name for a tag."""
    own = _own(request, pk)
    form = TagNameForm(request.POST if request.method == "POST" else None, initial={"name": own.name})
    if form.is_valid():
        try:
            tagging.rename_tag(tag=own, name=form.cleaned_data["name"])
        except DomainError as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("Тег переименован."))
            return redirect("banking:tags")
    context = {"form": form, "tag": own, "rail_health": rail_health(request)}
    return render_page(request, "banking/tag.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a tag off all rows, and forget it."""
    tagging.delete_tag(tag=_own(request, pk))
    messages.success(request, _("Тег удалён. Сами операции остались."))
    return redirect("banking:tags")


@require_POST
@login_required
def on_row(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a row the tags that its form names, and no others."""
    user, form = signed_in(request), TagsForm(request.POST)
    row = Transaction.objects.for_user(user).filter(pk=pk)
    if not row.exists():
        raise Http404
    back = way_back(request, default=reverse("banking:transaction", args=[pk]))
    try:
        edit = _set(user, form, row)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    if form.errors:
        messages.error(request, " ".join(map(str, form.errors["tags"])))
    elif edit is not None:
        messages.success(request, edit_presenters.done(edit), extra_tags=undo_url(edit))
    return redirect(back)


def _set(user: "User", form: TagsForm, row: "TransactionQuerySet") -> Edit | None:
    if not form.is_valid():
        return None
    wanted = tagging.named(user=user, names=form.cleaned_data["tags"])
    return edits.set_tags(user=user, rows=row, tags=wanted, now=timezone.now())


def _own(request: HttpRequest, pk: int) -> Tag:
    try:
        return queries.tag_of(user=signed_in(request), pk=pk)
    except Tag.DoesNotExist as error:
        raise Http404 from error
