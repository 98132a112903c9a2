"""Walks every URL of the site as somebody who should get nothing, and reports what leaks."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

SHOWN = "shows what is not theirs"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REFUSALS = frozenset({401, 403, 404, 405})
READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK")
LOGIN_PAGES = ("/login", "/admin/login/")
PARAMETER = re.compile(r"\(\?P<(\w+)>[^()]*\)|<(?:\w+:)?(\w+)>")
REGEX_SIGNS = re.compile(r"^\^|\$$|\(\?:[^()]*\)\?")


class Audience(Enum):
    """For whom a URL is."""

    EVERYBODY = auto()
    SIGNED_IN = auto()  # any person, who sees their own things only
    OWNER = auto()  # the person whose row the address names
    PARTNER = auto()  # a partner bank's program, which sees what clients gave it only
    STAFF = auto()


@dataclass(frozen=True, slots=True)
class Route:
    """A URL pattern: its name within its namespaces, and its address with parameters in it."""

    name: str
    address: str

    def filled(self, values: Mapping[str, Any]) -> str:
        """The address of one thing."""
        return PARAMETER.sub(lambda found: str(values[found[1] or found[2]]), self.address)


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody, with the access token and the browser session that they have."""

    name: str
    client: APIClient
    session: str = ""
    is_partner: bool = False

    @property
    def is_signed_in(self) -> bool:
        return bool(self.session)

    def call(self, method: str, address: str) -> HttpResponse:
        """Try a door; whatever a door before did to the session is undone."""
        self.client.cookies.clear()
        if self.session:
            self.client.cookies[settings.SESSION_COOKIE_NAME] = self.session
        return self.client.generic(method, address, content_type=_content_type(address))


@dataclass(slots=True)
class Statements:
    """What a door asked of the database: only one that wrote can have done damage, and to look is slow."""

    wrote: bool = False

    def __call__(self, execute: Any, sql: str, *rest: Any) -> Any:
        self.wrote |= not sql.lstrip().upper().startswith(READS)
        return execute(sql, *rest)


class UnknownRoute(LookupError):
    """A URL that nobody has said the audience of."""


def routes(patterns: list[Any] | None = None, namespace: str = "", prefix: str = "/") -> Iterator[Route]:
    """Every URL pattern of the site."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        address = prefix + REGEX_SIGNS.sub("", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, inner, address)
        elif isinstance(pattern, URLPattern):
            yield Route(f"{namespace}{pattern.name}", address)


def audience_of(route: Route, registry: Mapping[str, Audience]) -> Audience:
    """The stated audience: by the route's name, or by that of its namespace."""
    for key in (route.name, f"{route.name.partition(':')[0]}:*"):
        if key in registry:
            return registry[key]
    raise UnknownRoute(route.name)


def cells(
    strangers: list[Stranger],
    *,
    registry: Mapping[str, Audience],
    parameters: Mapping[str, Mapping[str, Any]],
    secret: str,
    methods: tuple[str, ...] = METHODS,
) -> Iterator[tuple[str, str]]:
    """One cell for each URL, method and stranger: its name, and what leaked (an empty text: nothing).

    Each cell is rolled back, for a DELETE that gets through would hide the leaks after it.
    """
    before = _stored()
    audiences = {route: audience_of(route, registry) for route in routes()}
    for route, audience in audiences.items():
        address = route.filled(parameters.get(route.name, parameters["*"]))
        for stranger in strangers:
            for method in methods:
                with transaction.atomic(), connection.execute_wrapper(statements := Statements()):
                    answer = stranger.call(method, address)
                    leak = _leak(answer, audience, stranger, secret)
                    if not leak and statements.wrote:
                        leak = _damage(before)
                    transaction.set_rollback(True)
                yield f"{stranger.name}: {method} {address}", leak


def _content_type(address: str) -> str:
    return "application/json" if address.startswith("/api/") else "application/x-www-form-urlencoded"


def _leak(answer: HttpResponse, audience: Audience, stranger: Stranger, secret: str) -> str:
    if answer.status_code >= 500:
        return f"crashes with {answer.status_code}"
    if secret in _body(answer):
        return SHOWN
    may_enter = {
        Audience.EVERYBODY: True,
        Audience.SIGNED_IN: stranger.is_signed_in,
        Audience.PARTNER: stranger.is_partner,
    }
    return "" if may_enter.get(audience, False) or _refused(answer) else f"answers {answer.status_code}"


def _body(answer: HttpResponse) -> str:
    pieces = answer.streaming_content if answer.streaming else [answer.content]
    return b"".join(pieces).decode(errors="replace")


def _refused(answer: HttpResponse) -> bool:
    goes_to = answer.headers.get("Location", "")
    return answer.status_code in REFUSALS or (
        answer.status_code == 302 and goes_to.partition("?")[0] in LOGIN_PAGES
    )


def _stored() -> dict[type[models.Model], list[Any]]:
    """Every row there is of ours, in full."""
    return {
        model: list(model._default_manager.order_by("pk").values())
        for app in ("users", "banking")
        for model in apps.get_app_config(app).get_models()
    }


def _damage(before: dict[type[models.Model], list[Any]]) -> str:
    """What a stranger changed or removed of the rows that were there."""
    now = _stored()
    changed = [
        model.__name__
        for model, rows in before.items()
        if not {_frozen(row) for row in rows} <= {_frozen(row) for row in now[model]}
    ]
    return f"changes {', '.join(changed)}" if changed else ""


def _frozen(row: dict[str, Any]) -> str:
    return repr(sorted(row.items()))
