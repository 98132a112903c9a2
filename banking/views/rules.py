"""The person's rules: the list, one of them with its preview, and applying it to past rows."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from banking import categorising
from banking.category_forms import RuleForm, rule_values
from banking.models import CategoryRule, Edit
from banking.presenters import category_rules as presenters
from banking.presenters import edits as edit_presenters
from banking.queries import accounts as account_queries
from banking.queries import categories as category_queries
from banking.queries import category_rules as queries
from banking.views.common import rail_health, undo_url
from financehub.http import render_page
from financehub.users.identity import signed_in


@require_GET
@login_required
def rules(request: HttpRequest) -> HttpResponse:
    """The person's rules, in the order in which they are tried."""
    found = queries.rules_of(user=signed_in(request))
    context = {"lines": list(map(presenters.line, found)), "rail_health": rail_health(request)}
    return render_page(request, "banking/rules.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """A new rule, perhaps with conditions that the address suggests."""
    return _edit(request, CategoryRule(user=signed_in(request)), request.GET.dict())


@require_http_methods(["GET", "POST"])
@login_required
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """A rule of before: see what it would change, and change it."""
    stored = _own(request, pk)
    return _edit(request, stored, rule_values(stored))


@require_POST
@login_required
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Give past rows the category of a rule."""
    _tell(request, categorising.apply_rule(rule=_own(request, pk), now=timezone.now()))
    return redirect("banking:rules")


@require_POST
@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a rule."""
    categorising.delete_rule(rule=_own(request, pk))
    messages.success(request, _("Правило удалено. Категории прошлых операций остались."))
    return redirect("banking:rules")


def _edit(request: HttpRequest, draft: CategoryRule, shown: dict[str, Any]) -> HttpResponse:
    """The form of a rule. «Посмотреть» shows what it would change, «Сохранить» keeps it."""
    user = signed_in(request)
    accounts = account_queries.accounts_of(user=user, closed=True)
    sent = request.POST if request.method == "POST" else None
    form = RuleForm(sent, user=user, accounts=accounts, initial=shown)
    if form.is_valid() and request.POST.get("do") != "preview":
        wants_history = bool(request.POST.get("history"))
        edit = categorising.save_rule(rule=form.filled(draft), apply=wants_history, now=timezone.now())
        messages.success(request, _("Правило сохранено: оно действует на новые операции."))
        if wants_history:
            _tell(request, edit)
        return redirect("banking:rules")
    context: dict[str, Any] = {
        "form": form,
        "rule": draft,
        "category_groups": category_queries.category_groups(
            user=user, with_ids=(draft.category_id,) if draft.category_id else ()
        ),
        "rail_health": rail_health(request),
    }
    if previewed := _previewed(form, draft, accounts, shown):
        context["preview"] = presenters.preview(queries.preview(user=user, rule=previewed))
    return render_page(request, "banking/rule.html", context, status=422 if form.errors else 200)


def _previewed(
    form: RuleForm, draft: CategoryRule, accounts: Any, shown: dict[str, Any]
) -> CategoryRule | None:
    """The rule whose effect can be shown: as it was sent, stored or suggested by the address."""
    if form.is_bound:
        return form.filled(draft) if form.is_valid() else None
    suggested = RuleForm({"match": "contains", **shown}, user=form.user, accounts=accounts)
    return suggested.filled(draft) if suggested.is_valid() else None


def _tell(request: HttpRequest, edit: Edit | None) -> None:
    if edit is None:
        messages.info(request, _("Прошлых операций, которые изменило бы правило, нет."))
    else:
        messages.success(request, edit_presenters.done(edit), extra_tags=undo_url(edit))


def _own(request: HttpRequest, pk: int) -> CategoryRule:
    try:
        return queries.rule_of(user=signed_in(request), pk=pk)
    except CategoryRule.DoesNotExist as error:
        raise Http404 from error
