"""The language of an answer."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from financehub.users.appearance import appearance_of


class LanguageMiddleware:
    """Russian first: the browser's wish is not asked, the person's choice is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = appearance_of(request).language
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response
