"""What a person has allowed, and the journal of who read what."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from banking import actions
from banking.models import Bank, Consent
from banking.presenters import consents as presenters
from banking.queries import consents as queries
from banking.queries import journal as journal_queries
from banking.queries.transactions import Cursor, InvalidCursor
from banking.services import multibank
from banking.views.common import rail_health
from financehub.http import render_page
from financehub.periods import local_date
from financehub.users.identity import signed_in


@require_GET
@login_required
def consents(request: HttpRequest) -> HttpResponse:
    """Every consent: what it opens, until when, what has happened to it, and the ways to change it."""
    now = timezone.now()
    found = queries.consents_of(user=signed_in(request), now=now)
    renewing = frozenset(pk for facts in found.waiting if (pk := facts.consent.connection_id))
    context = {
        "waiting": presenters.cards(found.waiting, now=now),
        "in_use": presenters.cards(found.in_use, renewing=renewing, now=now),
        "ended": presenters.cards(found.ended, now=now),
        "has_more_ended": found.has_more_ended,
        "today": local_date(now),
        "rail_health": rail_health(request),
    }
    return render_page(request, "banking/consents.html", context)


@require_GET
@login_required
def journal(request: HttpRequest) -> HttpResponse:
    """Who looked at the person's data, newest first."""
    after = _cursor(request)
    page = journal_queries.journal_page(user=signed_in(request), after=after)
    today = local_date(timezone.now())
    before: date | None = local_date(after.booked_at) if after else None
    banks = dict(Bank.objects.values_list("code", "short_name"))
    context: dict[str, Any] = {
        "days": presenters.journal_days(page.events, banks=banks, before=before, today=today),
        "next_url": f"{reverse('banking:journal')}?after={page.next}" if page.next else "",
        "is_first": after is None,
        "today": today,
    }
    if not request.htmx:  # type: ignore[attr-defined]
        context["rail_health"] = rail_health(request)
    return render_page(request, "banking/journal.html", context, fragment="lines")


@require_POST
@login_required
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a partner bank in, on the terms of the card that the person looked at."""
    try:
        consent = multibank.approve(consent=_of_partner(request, pk), now=timezone.now())
    except multibank.NothingToDecide as error:
        messages.error(request, str(error))
    else:
        messages.success(request, presenters.allowed(consent))
    return redirect("banking:consents")


@require_POST
@login_required
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse a partner bank."""
    try:
        multibank.reject(consent=_of_partner(request, pk), now=timezone.now())
    except multibank.NothingToDecide as error:
        messages.error(request, str(error))
    else:
        messages.info(request, _("Запрос отклонён. Партнёр ничего не увидит."))
    return redirect("banking:consents")


@require_POST
@login_required
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a partner bank out; from the next call on it reads nothing."""
    consent = _of_partner(request, pk)
    try:
        actions.revoke_consent(consent=consent, actor=signed_in(request), now=timezone.now())
    except actions.NoActiveConsent as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Доступ отозван. Партнёр больше ничего не прочитает."))
    return redirect("banking:consents")


def _of_partner(request: HttpRequest, pk: int) -> Consent:
    try:
        return queries.partner_consent_of(user=signed_in(request), pk=pk)
    except Consent.DoesNotExist as error:
        raise Http404 from error


def _cursor(request: HttpRequest) -> Cursor | None:
    if not (text := request.GET.get("after", "")):
        return None
    try:
        return Cursor.parse(text)
    except InvalidCursor as error:
        raise Http404 from error
