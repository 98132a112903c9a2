"""The API about itself: its schema, its documentation page, and addresses that it does not have."""

from typing import NoReturn

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe
from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class SchemaView(SpectacularAPIView):
    """The OpenAPI document as JSON, for everybody."""

    renderer_classes = [OpenApiJsonRenderer2]  # noqa: RUF012  typed as a list by the library

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """In English, like the names of its fields."""
        with translation.override("en"):
            return super().get(request, *args, **kwargs)


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The schema to read and to try. Its scripts are files of ours: the site's CSP holds here too."""
    return render(request, "api/docs.html")


@extend_schema(exclude=True)
class UnknownView(APIView):
    """Whatever is not an address of the API: told in JSON, to anybody, without a redirect."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def initial(self, request: Request, *args: object, **kwargs: object) -> NoReturn:
        raise NotFound("Not Found")
