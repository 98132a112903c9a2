"""The API's auth calls: tokens for a password, for a refresh token, and who one is."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from financehub.users import actions, tokens
from financehub.users.addresses import client_address
from financehub.users.api.serializers import (
    LoginInput,
    RefreshInput,
    RegisterInput,
    TokenPairOutput,
    UserOutput,
)
from financehub.users.identity import signed_in
from financehub.users.throttle import TooManyAttempts

TOO_MANY = OpenApiResponse(description="Too many attempts; Retry-After says when to come back.")
REFRESH_IN_QUERY = OpenApiParameter("refresh_token", str, description="When it is not in the body.")


class PublicView(APIView):
    """A call without a token. A stale one that the client sends along is not looked at."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get_authenticate_header(self, request: Request) -> str:
        """Without it the framework would turn every 401 into a 403."""
        return 'Bearer realm="api"'


class LoginView(PublicView):
    """Tokens for a login and password."""

    @extend_schema(
        tags=["auth"],
        request=LoginInput,
        responses={
            200: TokenPairOutput,
            401: OpenApiResponse(description="Incorrect email or password"),
            403: OpenApiResponse(description="User account is inactive"),
            429: TOO_MANY,
        },
    )
    def post(self, request: Request) -> Response:
        data = _validated(LoginInput, request.data)
        try:
            user = actions.sign_in(
                login=data["email"],
                password=data["password"],
                address=client_address(request),
                now=timezone.now(),
            )
        except actions.InvalidCredentials as error:
            raise exceptions.AuthenticationFailed("Incorrect email or password") from error
        except actions.InactiveUser as error:
            raise exceptions.PermissionDenied("User account is inactive") from error
        except TooManyAttempts as error:
            raise ComeBackLater(error) from error
        return Response(TokenPairOutput(tokens.issue(user=user)).data)


class RegisterView(PublicView):
    """A new account; the client signs in afterwards."""

    @extend_schema(
        tags=["auth"],
        request=RegisterInput,
        responses={
            201: UserOutput,
            400: OpenApiResponse(description="Email already registered"),
            429: TOO_MANY,
        },
    )
    def post(self, request: Request) -> Response:
        data = _validated(RegisterInput, request.data)
        profile = actions.Profile(full_name=data.get("full_name") or "", phone=data.get("phone") or "")
        try:
            user = actions.register(
                login=data["email"],
                password=data["password"],
                profile=profile,
                address=client_address(request),
                now=timezone.now(),
            )
        except actions.LoginTaken as error:
            raise EmailTaken from error
        except TooManyAttempts as error:
            raise ComeBackLater(error) from error
        return Response(UserOutput(user).data, status=status.HTTP_201_CREATED)


class RefreshView(PublicView):
    """A new pair for a refresh token that was not used before."""

    @extend_schema(
        tags=["auth"],
        request=RefreshInput,
        parameters=[REFRESH_IN_QUERY],
        responses={200: TokenPairOutput, 401: OpenApiResponse(description="Invalid refresh token")},
    )
    def post(self, request: Request) -> Response:
        try:
            pair = tokens.refresh(raw=_refresh_token(request))
        except tokens.InvalidRefreshToken as error:
            raise exceptions.AuthenticationFailed("Invalid refresh token") from error
        return Response(TokenPairOutput(pair).data)


class LogoutView(PublicView):
    """The end of a refresh token. The access token beside it runs out by itself within 30 minutes."""

    @extend_schema(tags=["auth"], request=RefreshInput, parameters=[REFRESH_IN_QUERY], responses={204: None})
    def post(self, request: Request) -> Response:
        tokens.revoke(raw=_refresh_token(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class MeView(APIView):
    """Who the access token belongs to."""

    @extend_schema(tags=["auth"], responses={200: UserOutput})
    def get(self, request: Request) -> Response:
        return Response(UserOutput(signed_in(request)).data)


class ComeBackLater(exceptions.APIException):
    """429 in our own words; the error shape turns `wait` into Retry-After."""

    status_code = status.HTTP_429_TOO_MANY_REQUESTS

    def __init__(self, error: TooManyAttempts) -> None:
        super().__init__(detail=str(error), code=error.code)
        self.wait = error.retry_after


class EmailTaken(exceptions.APIException):
    """The wire's answer to a login that exists."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_detail = "Email already registered"
    default_code = "login_taken"


def _validated(serializer_class: type[Any], data: Any) -> dict[str, Any]:
    serializer = serializer_class(data=data)
    serializer.is_valid(raise_exception=True)
    validated: dict[str, Any] = serializer.validated_data
    return validated


def _refresh_token(request: Request) -> str:
    """Old clients send it in the query, newer ones in the body."""
    source = request.query_params if "refresh_token" in request.query_params else request.data
    return str(_validated(RefreshInput, source)["refresh_token"])
