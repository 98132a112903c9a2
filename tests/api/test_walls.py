"""No URL opens to somebody it is not for, by any method; a URL that nobody thought of fails here."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path
from django.utils import timezone
from rest_framework.test import APIClient

from analytics.recurring import actions as series_actions
from banking import categorising, edits, importing, saving_views, tagging
from banking.models import Account, Consent, TransferMatch
from banking.services import bank_tokens
from financehub.users import tokens
from financehub.users.models import User
from tests.api import walls
from tests.api.conftest import World, world_of
from tests.api.walls import Audience, Stranger, UnknownRoute
from tests.factories import (
    NOW,
    CategoryRuleFactory,
    ConsentFactory,
    ManualAccountFactory,
    PartnerConsentFactory,
    PartnerFactory,
    SeriesFactory,
    SyncRunFactory,
    TransferFactory,
    UserFactory,
    only,
)

SECRET = "тайна-анны"

REGISTRY = {
    "landing": Audience.EVERYBODY,
    "healthz": Audience.EVERYBODY,
    "users:login": Audience.EVERYBODY,
    "users:register": Audience.EVERYBODY,
    "users:logout": Audience.EVERYBODY,
    "users:appearance": Audience.EVERYBODY,
    "users:admin-login": Audience.EVERYBODY,
    "users:settings": Audience.SIGNED_IN,
    "users:password": Audience.SIGNED_IN,
    "users:gost-mode": Audience.SIGNED_IN,
    "gallery": Audience.EVERYBODY,
    "banking:dashboard": Audience.SIGNED_IN,
    "banking:accounts": Audience.SIGNED_IN,
    "banking:account_new": Audience.SIGNED_IN,
    "banking:account_edit": Audience.OWNER,
    "banking:account_close": Audience.OWNER,
    "banking:account_delete": Audience.OWNER,
    "banking:account_restore": Audience.OWNER,
    "banking:transaction_new": Audience.SIGNED_IN,
    "banking:imports": Audience.SIGNED_IN,
    "banking:import": Audience.OWNER,
    "banking:import_undo": Audience.OWNER,
    "banking:transactions_deleted": Audience.SIGNED_IN,
    "banking:transaction_edit": Audience.OWNER,
    "banking:transaction_delete": Audience.OWNER,
    "banking:transaction_restore": Audience.OWNER,
    "banking:account": Audience.OWNER,
    "banking:connect": Audience.SIGNED_IN,
    "banking:connect_all": Audience.SIGNED_IN,
    "banking:connect_bank": Audience.SIGNED_IN,
    "banking:connection": Audience.OWNER,
    "banking:connection_sync": Audience.OWNER,
    "banking:connection_check": Audience.OWNER,
    "banking:connection_cancel": Audience.OWNER,
    "banking:connection_disconnect": Audience.OWNER,
    "banking:connection_renew": Audience.OWNER,
    "banking:connection_cancel_renewal": Audience.OWNER,
    "banking:gost": Audience.SIGNED_IN,
    "banking:gost_check": Audience.SIGNED_IN,
    "banking:consents": Audience.SIGNED_IN,
    "banking:journal": Audience.SIGNED_IN,
    "banking:transactions": Audience.SIGNED_IN,
    "banking:transaction": Audience.OWNER,
    "banking:transactions_export": Audience.SIGNED_IN,
    "banking:categories": Audience.SIGNED_IN,
    "banking:category": Audience.OWNER,
    "banking:category_merge": Audience.OWNER,
    "banking:category_hide": Audience.OWNER,
    "banking:rules": Audience.SIGNED_IN,
    "banking:rule_new": Audience.SIGNED_IN,
    "banking:rule": Audience.OWNER,
    "banking:rule_apply": Audience.OWNER,
    "banking:rule_delete": Audience.OWNER,
    "banking:edit_rows": Audience.SIGNED_IN,
    "banking:edits": Audience.SIGNED_IN,
    "banking:edit_undo": Audience.OWNER,
    "banking:transaction_category": Audience.OWNER,
    "banking:transaction_note": Audience.OWNER,
    "banking:transaction_unpair": Audience.OWNER,
    "banking:transaction_refund": Audience.OWNER,
    "banking:transfer_review": Audience.SIGNED_IN,
    "banking:match_accept_reliable": Audience.SIGNED_IN,
    "banking:match_switch": Audience.SIGNED_IN,
    "banking:match_accept": Audience.OWNER,
    "banking:match_reject": Audience.OWNER,
    "banking:match_undo": Audience.OWNER,
    "banking:transaction_tags": Audience.OWNER,
    "banking:transaction_split": Audience.OWNER,
    "banking:transaction_unsplit": Audience.OWNER,
    "banking:view_save": Audience.SIGNED_IN,
    "banking:view": Audience.OWNER,
    "banking:view_delete": Audience.OWNER,
    "banking:tags": Audience.SIGNED_IN,
    "banking:tag": Audience.OWNER,
    "banking:tag_delete": Audience.OWNER,
    "banking:transfers": Audience.SIGNED_IN,
    "banking:transfer_new": Audience.SIGNED_IN,
    "banking:transfer_send": Audience.SIGNED_IN,
    "banking:transfer": Audience.OWNER,
    "banking:transfer_check": Audience.OWNER,
    "banking:transfer_receipt": Audience.OWNER,
    "analytics:overview": Audience.SIGNED_IN,
    "analytics:categories": Audience.SIGNED_IN,
    "analytics:trends": Audience.SIGNED_IN,
    "analytics:forecast": Audience.SIGNED_IN,
    "analytics:capital": Audience.SIGNED_IN,
    "analytics:recurring": Audience.SIGNED_IN,
    "analytics:series": Audience.OWNER,
    "analytics:series_decide": Audience.OWNER,
    "analytics:series_rename": Audience.OWNER,
    "analytics:series_undo": Audience.OWNER,
    "auth-login": Audience.EVERYBODY,
    "auth-register": Audience.EVERYBODY,
    "auth-refresh": Audience.EVERYBODY,
    "auth-logout": Audience.EVERYBODY,
    "auth-me": Audience.SIGNED_IN,
    "api-schema": Audience.EVERYBODY,
    "api-docs": Audience.EVERYBODY,
    "api-unknown": Audience.EVERYBODY,
    "api-available-banks": Audience.EVERYBODY,
    "api-connect": Audience.SIGNED_IN,
    "api-connections": Audience.SIGNED_IN,
    "api-connection": Audience.OWNER,
    "api-connection-sync": Audience.OWNER,
    "api-connection-check": Audience.OWNER,
    "api-consents": Audience.SIGNED_IN,
    "api-consent": Audience.OWNER,
    "api-consent-events": Audience.OWNER,
    "banking:consent_approve": Audience.OWNER,
    "banking:consent_reject": Audience.OWNER,
    "banking:consent_revoke": Audience.OWNER,
    "api-consent-offer": Audience.SIGNED_IN,
    "api-consent-requests": Audience.SIGNED_IN,
    "api-consent-approve": Audience.OWNER,
    "api-consent-reject": Audience.OWNER,
    "jwks": Audience.EVERYBODY,
    "api-bank-token": Audience.SIGNED_IN,
    "api-auth-bank-token": Audience.SIGNED_IN,
    "api-partner-ask": Audience.PARTNER,
    "api-partner-give-up": Audience.PARTNER,
    "api-partner-accounts": Audience.PARTNER,
    "api-partner-balances": Audience.PARTNER,
    "api-partner-transactions": Audience.PARTNER,
    "api-partner-transfer": Audience.PARTNER,
    "api-partner-figures": Audience.PARTNER,
    "api-accounts": Audience.SIGNED_IN,
    "api-account": Audience.OWNER,
    "api-account-transactions": Audience.OWNER,
    "api-transfer": Audience.SIGNED_IN,
    "api-internal-transfers": Audience.SIGNED_IN,
    "api-interbank-transfers": Audience.SIGNED_IN,
    "api-transactions": Audience.SIGNED_IN,
    "api-export": Audience.SIGNED_IN,
    "api-transaction-totals": Audience.SIGNED_IN,
    "api-transaction": Audience.OWNER,
    "api-transfer-review": Audience.SIGNED_IN,
    "api-transfer-review-accept-all": Audience.SIGNED_IN,
    "api-transfer-review-switch": Audience.SIGNED_IN,
    "api-transfer-match-accept": Audience.OWNER,
    "api-transfer-match-reject": Audience.OWNER,
    "api-transfer-match-undo": Audience.OWNER,
    "api-split": Audience.OWNER,
    "api-gost-status": Audience.SIGNED_IN,
    "api-gost-test-connection": Audience.SIGNED_IN,
    "api-gost-test": Audience.SIGNED_IN,
    "api-gost-health": Audience.SIGNED_IN,
    "api-categories": Audience.SIGNED_IN,
    "api-category": Audience.OWNER,
    "api-rules": Audience.SIGNED_IN,
    "api-rule-draft": Audience.SIGNED_IN,
    "api-rule": Audience.OWNER,
    "api-rule-preview": Audience.OWNER,
    "api-rule-apply": Audience.OWNER,
    "api-rule-runs": Audience.OWNER,
    "api-edits": Audience.SIGNED_IN,
    "api-edit-undo": Audience.OWNER,
    "api-account-restore": Audience.OWNER,
    "api-account-imports": Audience.OWNER,
    "api-import": Audience.OWNER,
    "api-transaction-restore": Audience.OWNER,
    "api-summary": Audience.SIGNED_IN,
    "api-by-category": Audience.SIGNED_IN,
    "api-trends": Audience.SIGNED_IN,
    "api-months": Audience.SIGNED_IN,
    "api-weekdays": Audience.SIGNED_IN,
    "api-merchants": Audience.SIGNED_IN,
    "api-changes": Audience.SIGNED_IN,
    "api-net-worth": Audience.SIGNED_IN,
    "api-forecast": Audience.SIGNED_IN,
    "api-forecast-record": Audience.SIGNED_IN,
    "api-financial-health": Audience.SIGNED_IN,
    "api-insights": Audience.SIGNED_IN,
    "api-recurring": Audience.SIGNED_IN,
    "api-upcoming": Audience.SIGNED_IN,
    "api-series": Audience.OWNER,
    "api-series-confirm": Audience.OWNER,
    "api-series-dismiss": Audience.OWNER,
    "api-series-end": Audience.OWNER,
    "api-export-analytics": Audience.SIGNED_IN,
    "admin:logout": Audience.EVERYBODY,
    "admin:*": Audience.STAFF,
}


@pytest.fixture
def parameters(anna: User, world: World) -> dict[str, dict[str, Any]]:
    """Anna's things by the names under which addresses ask for them, her secret in all of them."""
    world.account.name = SECRET
    world.account.save()
    world.purchase.description = world.purchase.note = SECRET
    world.purchase.save()
    anna.full_name = SECRET
    anna.save()
    consent = ConsentFactory(connection=world.connection, purpose=SECRET)
    SyncRunFactory(connection=world.connection)
    request = PartnerConsentFactory(person=anna, purpose=SECRET, status=Consent.Status.AWAITING)
    own = categorising.create_category(user=anna, name=SECRET, kind="expense", parent=None, icon="")
    match = TransferMatch.objects.create(
        user=anna, out=world.purchase, into=world.refund, state=TransferMatch.State.SUGGESTED, score=60
    )
    book = ManualAccountFactory(user=anna, name=SECRET)
    statement = importing.upload(
        user=anna, account=book, file_name=SECRET, data=b"date;sum\n2025-11-01;-1", now=NOW
    )
    by_name = {
        "import": {"pk": statement.pk},
        "match": {"pk": match.pk},
        "consent": {"pk": request.pk},
        "account": {"pk": world.account.pk},
        "connection": {"pk": world.connection.pk},
        "transaction": {"pk": world.purchase.pk},
        "category": {"pk": own.pk},
        "tag": {"pk": tagging.named(user=anna, names=[SECRET])[0].pk},
        "view": {"pk": saving_views.save_view(user=anna, name=SECRET, query="q=a").pk},
        "rule": {"pk": CategoryRuleFactory(user=anna, text=SECRET).pk},
        "transfer": {"pk": TransferFactory(from_account=world.account, purpose=SECRET).pk},
    }
    of_banking = {
        name: by_name[name.removeprefix("banking:").partition("_")[0]]
        for name, audience in REGISTRY.items()
        if name.startswith("banking:") and audience is Audience.OWNER and name != "banking:edit_undo"
    }
    edit = edits.set_excluded(user=anna, rows=only(world.purchase), excluded=True, now=NOW)
    assert edit is not None
    series = SeriesFactory(user=anna, account=world.account, name=SECRET)
    change = series_actions.confirm(series=series, now=NOW)
    assert change is not None
    of_series = {
        f"analytics:{name}": {"pk": series.pk} for name in ("series", "series_decide", "series_rename")
    }
    return (
        of_banking
        | of_series
        | {
            "analytics:series_undo": {"pk": change.pk},
            "banking:edit_undo": {"pk": edit.pk},
            "*": {
                "account_id": world.account.pk,
                "connection_id": world.connection.pk,
                "consent_id": consent.pk,
                "transaction_id": world.purchase.pk,
                "match_id": match.pk,
                "import_id": statement.pk,
                "category_id": own.pk,
                "rule_id": by_name["rule"]["pk"],
                "edit_id": edit.pk,
                "series_id": series.pk,
                "bank_code": "vbank",
                "file_format": "csv",
                "object_id": anna.pk,
                "app_label": "banking",
                "content_type_id": 1,
                "url": "anything",
            },
        }
    )


@pytest.fixture
def strangers(boris: User) -> list[Stranger]:
    """Nobody, another customer with things of his own, and a partner bank that nobody gave anything."""
    world_of(boris)
    return [Stranger("nobody", APIClient()), _signed_in(boris), _partner()]


def _partner() -> Stranger:
    admin = UserFactory(email="root@financehub.ru", role=User.Role.ADMIN)
    token = bank_tokens.issue(user=admin, bank_code=PartnerFactory().code, now=timezone.now())
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return Stranger("a partner bank", client, is_partner=True)


def _signed_in(user: User) -> Stranger:
    client = APIClient()
    client.force_login(user)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.AccessToken.for_user(user)}")
    return Stranger(user.email, client, session=client.cookies[settings.SESSION_COOKIE_NAME].value)


def _walk(strangers: list[Stranger], parameters: dict[str, dict[str, Any]], **more: Audience) -> list[str]:
    """Walk everything, print the count, and return the leaks."""
    walked = list(walls.cells(strangers, registry=REGISTRY | more, parameters=parameters, secret=SECRET))
    leaks = [f"{cell} {leak}" for cell, leak in walked if leak]
    print(f"{len(walked)} cells, {len(leaks)} leaks")
    return leaks


def test_no_url_opens_to_a_stranger(strangers: list[Stranger], parameters: dict[str, dict[str, Any]]) -> None:
    assert _walk(strangers, parameters) == []


def test_the_owner_does_get_in(anna: User, parameters: dict[str, dict[str, Any]]) -> None:
    """The walls are not closed to everybody, and the walk does find the secret where it is shown."""
    door = walls.cells(
        [_signed_in(anna)], registry=REGISTRY, parameters=parameters, secret=SECRET, methods=("GET",)
    )
    seen = {cell for cell, leak in door if leak == walls.SHOWN}
    for shown in (
        "/accounts/",
        "/transactions/",
        "/consents/",
        "/analytics/recurring/",
        "/api/v1/consents/my-consents",
        "/api/v1/accounts",
        "/api/v1/auth/me",
    ):
        assert f"{anna.email}: GET {shown}" in seen


def leaky_account(request: HttpRequest, pk: int) -> HttpResponse:
    """A view as it should not be: any signed-in person sees any account."""
    if isinstance(request.user, AnonymousUser):
        return HttpResponse(status=403)
    return HttpResponse(Account.objects.get(pk=pk).name)


def leaky_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """A view that tells nothing and removes everything."""
    if request.method == "DELETE":
        Account.objects.get(pk=pk).delete()
    return HttpResponse(status=404)


urlpatterns = [
    path("leaky/<int:pk>/", leaky_account, name="leaky-account"),
    path("quiet/<int:pk>/", leaky_delete, name="leaky-delete"),
]


@override_settings(ROOT_URLCONF=__name__)
def test_a_seeded_leak_is_found(
    strangers: list[Stranger], world: World, parameters: dict[str, dict[str, Any]]
) -> None:
    pk = world.account.pk
    parameters |= {"leaky-account": {"pk": pk}, "leaky-delete": {"pk": pk}}
    seeded = {"leaky-account": Audience.OWNER, "leaky-delete": Audience.OWNER}
    found = _walk(strangers, parameters, **seeded)
    assert f"{strangers[1].name}: GET /leaky/{pk}/ {walls.SHOWN}" in found
    assert any(leak.startswith(f"nobody: DELETE /quiet/{pk}/ changes Account") for leak in found)
    assert Account.objects.filter(pk=pk).exists()


@override_settings(ROOT_URLCONF=__name__)
def test_a_url_without_a_stated_audience_is_found(
    strangers: list[Stranger], parameters: dict[str, dict[str, Any]]
) -> None:
    with pytest.raises(UnknownRoute, match="leaky-account"):
        _walk(strangers, parameters)
