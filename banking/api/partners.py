"""How a partner bank's program is known: by its bank token, and by nothing else; and how often it may ask."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from banking.models import PartnerBank
from banking.services import bank_tokens
from financehub.users.api.views import ComeBackLater
from financehub.users.throttle import Limit, TooManyAttempts, take

CALLS = Limit(name="partner", attempts=120, refill=timedelta(milliseconds=500))
REQUESTS = Limit(name="partner-request", attempts=30, refill=timedelta(seconds=2))
TOKENS = Limit(name="bank-token", attempts=20, refill=timedelta(seconds=3))


class BankTokenAuthentication(BaseAuthentication):
    """A bank token in the header. A person's token is none."""

    def authenticate(self, request: Request) -> tuple[PartnerBank, str]:
        scheme, _, raw = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer" or not raw.strip():
            raise exceptions.AuthenticationFailed("Bank token required")
        try:
            return bank_tokens.verify(raw.strip(), now=timezone.now()), raw
        except bank_tokens.InvalidBankToken as error:
            raise exceptions.AuthenticationFailed(str(error)) from error

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="multibank"'


class BankTokenScheme(OpenApiAuthenticationExtension):
    """How the schema names it."""

    target_class = BankTokenAuthentication
    name = "bankToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class IsPartner(BasePermission):
    """The caller is a partner bank."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.user, PartnerBank)


class PartnerView(APIView):
    """A call for partner banks, each with its measure."""

    authentication_classes = (BankTokenAuthentication,)
    permission_classes = (IsPartner,)
    limit = CALLS

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        slow_down(self.limit, partner_of(request).code)


def partner_of(request: Request) -> PartnerBank:
    """The partner bank behind a valid bank token."""
    if not isinstance(request.user, PartnerBank):
        raise exceptions.NotAuthenticated
    return request.user


def slow_down(limit: Limit, subject: str) -> None:
    """Take one call from a caller's measure; 429 when it is empty."""
    try:
        take(limit=limit, subject=subject, now=timezone.now())
    except TooManyAttempts as error:
        raise ComeBackLater(error) from error


@require_safe
@cache_control(public=True, max_age=300)
def key_set(request: HttpRequest) -> HttpResponse:
    """The public keys of bank tokens, for everybody."""
    return JsonResponse({"keys": bank_tokens.published(now=timezone.now())})
