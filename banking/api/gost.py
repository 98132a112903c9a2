"""`/gost`: whether GOST works from here. Every answer is measured for it, none is read from a setting."""

import shutil
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from banking import actions
from banking.api.gost_serializers import (
    ConnectionTestOutput,
    GostHealthOutput,
    GostStatusOutput,
    connection_test,
    handshake_state,
)
from banking.queries.gost import outcome_words
from banking.services import checking
from banking.services.gateway import Measurement
from financehub.users.identity import signed_in
from financehub.users.throttle import TooManyAttempts

TOO_MANY = {429: OpenApiResponse(description="Too many measurements; Retry-After says when to come back.")}
NOT_MEASURED = frozenset({"not_configured", "misconfigured"})


class TooManyMeasurements(exceptions.APIException):
    """One person cannot make us hammer the gateway."""

    status_code = status.HTTP_429_TOO_MANY_REQUESTS

    def __init__(self, error: TooManyAttempts) -> None:
        super().__init__(str(error))
        self.wait = error.retry_after


class GostView(APIView):
    """A call that measures. Its refusals too say how the handshake stands: pages read nothing else."""

    def handle_exception(self, exc: Exception) -> Response:
        response = super().handle_exception(exc)
        response.data["handshake_status"] = "failed"
        return response

    def measured(self, request: Request) -> Measurement:
        try:
            return actions.check_gateway(user=signed_in(request), now=timezone.now())
        except TooManyAttempts as error:
            raise TooManyMeasurements(error) from error


class StatusView(GostView):
    """How GOST stands for this person and this installation."""

    @extend_schema(tags=["gost"], responses={200: GostStatusOutput} | TOO_MANY)
    def get(self, request: Request) -> Response:
        measured = self.measured(request)
        return Response(GostStatusOutput(_status(request, measured)).data)


class ConnectionTestView(GostView):
    """Make a handshake with the gateway and tell everything about it; 200 also when it fails."""

    @extend_schema(tags=["gost"], responses={200: ConnectionTestOutput} | TOO_MANY)
    def get(self, request: Request) -> Response:
        """Make a handshake with the gateway and tell everything about it; 200 also when it fails."""
        return self._answer(request)

    @extend_schema(tags=["gost"], request=None, responses={200: ConnectionTestOutput} | TOO_MANY)
    def post(self, request: Request) -> Response:
        """Make a handshake with the gateway and tell everything about it; 200 also when it fails."""
        return self._answer(request)

    def _answer(self, request: Request) -> Response:
        document = connection_test(self.measured(request), request_id=_request_id(request))
        return Response(ConnectionTestOutput(document).data)


class TestView(ConnectionTestView):
    """The same under its older name, by POST only."""

    http_method_names = ("post", "options")


class HealthView(GostView):
    """Try the three hosts behind a GOST connection: tokens, the ordinary API, the gateway."""

    @extend_schema(tags=["gost"], request=None, responses={200: GostHealthOutput} | TOO_MANY)
    def post(self, request: Request) -> Response:
        measured = self.measured(request)
        auth, standard_api = checking.check_banking_api()
        gost_tls = measured.check.is_measured
        works = (auth, standard_api, gost_tls)
        overall = "healthy" if all(works) else "partial" if any(works) else "unhealthy"
        document = {
            "auth": auth,
            "standard_api": standard_api,
            "gost_tls": gost_tls,
            "overall": overall,
            "message": outcome_words(measured.check.outcome),
        }
        return Response(GostHealthOutput(document).data)


def _status(request: Request, measured: Measurement) -> dict[str, Any]:
    evidence, csptest = measured.evidence, shutil.which("csptest")
    return {
        "enabled": signed_in(request).use_gost_mode,
        "configured": evidence.outcome not in NOT_MEASURED,
        "endpoint": evidence.address,
        "client_id": settings.BANKINGAPI_CLIENT_ID,
        "cert_configured": bool(settings.GOST_CLIENT_CERT),
        "csptest_available": csptest is not None,
        "csptest_path": csptest,
        "handshake_status": handshake_state(evidence),
        "outcome": evidence.outcome,
        "measured_at": evidence.measured_at,
        "engine_available": measured.engine.usable,
        "openssl": measured.engine.openssl,
        "mode": evidence.via or "standard",
        "api_endpoint": evidence.address,
        "description": outcome_words(evidence.outcome),
        "requirements": ["TLS 1.2", "GOST R 34.10-2012", "libengine-gost-openssl"],
        "recommendation": _recommendation(measured),
    }


def _recommendation(measured: Measurement) -> str:
    if measured.check.is_working:
        return ""
    if measured.engine.advice:
        return measured.engine.advice
    return measured.check.detail or _("Проверьте настройки GOST_* и доступность шлюза.")


def _request_id(request: Request) -> str | None:
    return getattr(request, "request_id", None)
