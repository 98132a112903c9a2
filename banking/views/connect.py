"""Connecting a bank, step by step, and giving the access up."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from banking import actions
from banking.clients import errors
from banking.forms import ConnectForm, DisconnectForm
from banking.models import BankConnection, Consent, SyncRun
from banking.presenters import connections as presenters
from banking.presenters import gost
from banking.queries import connections as queries
from banking.queries.connections import ConnectionOverview
from banking.services import gateway
from banking.views.common import rail_health, way_back
from financehub.http import render_page
from financehub.periods import local_date
from financehub.users.identity import signed_in
from financehub.users.redirects import safe_next

STEPS = (gettext_lazy("Банк"), gettext_lazy("Что и зачем"), gettext_lazy("Подтверждение"))
NOT_CONNECTED_YET = {
    BankConnection.Status.REQUESTED,
    BankConnection.Status.AWAITING,
    BankConnection.Status.FAILED,
    BankConnection.Status.REJECTED,
}


@require_GET
@login_required
def banks(request: HttpRequest) -> HttpResponse:
    """Step one: which bank."""
    now = timezone.now()
    overviews = queries.connection_overviews(user=signed_in(request), now=now)
    context = {
        "banks": presenters.bank_choices(queries.connectable_banks(), overviews),
        "unconnected": queries.unconnected_banks(signed_in(request)).count(),
        "steps": STEPS,
        "today": local_date(now),
        "rail_health": rail_health(request),
    }
    return render_page(request, "banking/connect.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def bank(request: HttpRequest, bank_code: str) -> HttpResponse:
    """Step two: what is read and why; the answer starts the connection."""
    chosen = get_object_or_404(queries.connectable_banks(), code=bank_code)
    user, form = signed_in(request), ConnectForm(request.POST if request.method == "POST" else None)
    refusal = "" if form.is_valid() or not form.is_bound else _("Выберите, как связаться с банком.")
    if request.method == "POST" and form.is_valid():
        try:
            connection = actions.connect_bank(
                user=user, bank_code=chosen.code, channel=form.chosen_channel, now=timezone.now()
            )
        except (gateway.ChannelUnavailable, actions.OtherChannel) as error:
            refusal = str(error)
        else:
            return redirect("banking:connection", pk=connection.pk)
    context = {
        "steps": STEPS,
        "bank": chosen,
        "uses_gost": user.use_gost_mode,
        "has_gost": settings.GOST_ENABLED,
        "channels": gost.channel_choices(gateway.available_channels()),
        "refusal": refusal,
        "rail_health": rail_health(request),
    }
    return render_page(request, "banking/connect_bank.html", context)


@require_GET
@login_required
def connection(request: HttpRequest, pk: int) -> HttpResponse:
    """Step three: how far the connection has come; it survives reload and says what to do."""
    return _connection_page(request, _overview(request, pk))


@require_POST
@login_required
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the bank whether the access was approved; the page asks by itself, a person says it was."""
    overview = _overview(request, pk)
    trouble = ""
    try:
        actions.check_consent(
            connection=overview.connection, says_signed="poll" not in request.POST, now=timezone.now()
        )
    except errors.BankError as error:
        trouble = presenters.bank_trouble(error.code)
    if request.htmx:  # type: ignore[attr-defined]
        return _connection_page(request, _overview(request, pk), trouble=trouble)
    if trouble:
        messages.error(request, trouble)
    return redirect("banking:connection", pk=pk)


@require_POST
@login_required
def sync(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the bank again, or what of it failed, in the background; not while it asks to wait."""
    overview = _overview(request, pk)
    back = way_back(request, default=reverse("banking:accounts"))
    if overview.health.must_wait:
        messages.info(request, overview.health.text)
        return redirect(back)
    trigger = SyncRun.Trigger.RETRY if overview.is_partly_read else SyncRun.Trigger.PERSON
    try:
        actions.request_sync(connection=overview.connection, trigger=trigger, now=timezone.now())
    except actions.NotConnected as error:
        messages.error(request, str(error))
    return redirect(back)


@require_POST
@login_required
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a reading, or forget a connection that never got access."""
    overview = _overview(request, pk)
    if overview.connection.status in NOT_CONNECTED_YET:
        actions.cancel_connecting(connection=overview.connection, now=timezone.now())
        messages.info(request, _("Подключение отменено."))
        return redirect("banking:accounts")
    actions.cancel_sync(connection=overview.connection)
    messages.info(request, _("Останавливаем обновление. Что уже прочитано, сохранено."))
    return redirect(way_back(request, default=reverse("banking:accounts")))


@require_POST
@login_required
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the bank for a new consent; the one in use serves until the new one is granted."""
    connection, now = _overview(request, pk).connection, timezone.now()
    back = way_back(request, default=reverse("banking:consents"))
    try:
        consent = actions.renew_consent(connection=connection, now=now)
    except actions.NotConnected as error:
        messages.error(request, str(error))
        return redirect(back)
    except errors.BankError as error:
        messages.error(request, presenters.renewal_trouble(error.code))
        return redirect(back)
    if consent.state(now) != Consent.State.GRANTED:
        return redirect("banking:connection", pk=pk)
    messages.success(request, presenters.renewed(connection.bank, consent, now=now))
    return redirect(back)


@require_POST
@login_required
def cancel_renewal(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a renewal that waits; the access in use is not touched."""
    connection = _overview(request, pk).connection
    if actions.cancel_renewal(connection=connection, now=timezone.now()):
        messages.info(request, _("Продление отменено. Прежний доступ не изменился."))
    return redirect("banking:consents")


@require_http_methods(["GET", "POST"])
@login_required
def disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask first, then revoke the access and keep or remove what came from it."""
    overview = _overview(request, pk)
    back = way_back(request, default=reverse("banking:accounts"))
    form = DisconnectForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        told = actions.disconnect(
            connection=overview.connection,
            actor=signed_in(request),
            keep_data=form.keep_data,
            now=timezone.now(),
        )
        name = overview.connection.bank.short_name
        if told:
            messages.success(request, _("{bank} отключён, доступ отозван.").format(bank=name))
        else:
            messages.warning(
                request,
                _("{bank} отключён. Банк не ответил на отзыв: доступ закончится по сроку.").format(bank=name),
            )
        return redirect(safe_next(request) or "banking:accounts")
    context = {
        "overview": overview,
        "bank": overview.connection.bank,
        "found": queries.found_at(overview.connection),
        "back": back,
        "rail_health": rail_health(request),
    }
    return render_page(request, "banking/disconnect.html", context)


def _overview(request: HttpRequest, pk: int) -> ConnectionOverview:
    try:
        return queries.connection_overview(user=signed_in(request), pk=pk, now=timezone.now())
    except BankConnection.DoesNotExist as error:
        raise Http404 from error


def _stage_shown(request: HttpRequest) -> str:
    """The stage on the polling page; another one changes its heading and the rail too."""
    shown = request.POST if request.method == "POST" else request.GET
    return shown.get("stage", "")


def _connection_page(
    request: HttpRequest, overview: ConnectionOverview, *, trouble: str = ""
) -> HttpResponse:
    stage = presenters.stage_of(overview)
    if request.htmx and stage != _stage_shown(request):  # type: ignore[attr-defined]
        return HttpResponseClientRefresh()
    now = timezone.now()
    bank = overview.connection.bank
    context: dict[str, Any] = {
        "overview": overview,
        "bank": bank,
        "stage": stage,
        "state": presenters.state_line(overview.connection, overview.health, now=now),
        "progress": presenters.progress(overview),
        "facts": presenters.facts(overview, now=now),
        "trouble": trouble,
        "days_left": presenters.days_left(overview.granted, now=now),
        "gost": gost.badge(overview.connection, overview.gost),
        "can_be_forgotten": overview.connection.status in NOT_CONNECTED_YET,
        "steps": STEPS,
        "today": local_date(now),
    }
    if stage == presenters.Stage.DONE:
        context["found"] = queries.found_at(overview.connection)
    if stage in {presenters.Stage.AWAITING, presenters.Stage.RENEWING} and overview.waiting is not None:
        context["bank_url"] = queries.approval_page(bank, overview.waiting)
    if not request.htmx:  # type: ignore[attr-defined]
        context["rail_health"] = rail_health(request)
    return render_page(request, "banking/connection.html", context, fragment="state")
