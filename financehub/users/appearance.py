"""Language and theme of an answer: where they are kept, and who decides."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from financehub.users.models import User

THEME_COOKIE_NAME = "theme"
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Appearance:
    """A language and a theme, both known to us."""

    language: str
    theme: str

    def changed(self, *, language: str, theme: str) -> "Appearance":
        """The same with another language or theme; an empty word changes nothing."""
        return Appearance(language=language or self.language, theme=theme or self.theme)


def appearance_of(request: HttpRequest) -> Appearance:
    """How the answer to this request looks.

    The language is the person's everywhere. The theme is this device's first: a phone in the dark
    and a desktop by day may differ.
    """
    language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    theme = request.COOKIES.get(THEME_COOKIE_NAME, "")
    if request.user.is_authenticated:
        language, theme = request.user.language, theme or request.user.theme
    return Appearance(
        language=language if language in User.Language.values else settings.LANGUAGE_CODE,
        theme=theme if theme in User.Theme.values else User.Theme.SYSTEM,
    )


def remember(response: HttpResponse, appearance: Appearance) -> None:
    """Keep the choice on this device, for the pages before the login."""
    chosen = {settings.LANGUAGE_COOKIE_NAME: appearance.language, THEME_COOKIE_NAME: appearance.theme}
    for name, value in chosen.items():
        response.set_cookie(
            name,
            value,
            max_age=YEAR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=name != THEME_COOKIE_NAME,  # the theme button writes its cookie itself
            samesite="Lax",
        )
