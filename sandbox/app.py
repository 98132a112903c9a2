"""Puts the banks together as one Flask application."""

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, NotFound

from sandbox import bankingapi
from sandbox.answers import ApiError, answer, crash
from sandbox.faults import hooks
from sandbox.services import build
from sandbox.settings import SandboxSettings
from sandbox.views import (
    accounts,
    cards,
    client_page,
    consents,
    control,
    payments,
    products,
    rates,
    service,
    tokens,
)

_VIEWS = (
    service.bp,
    tokens.bp,
    consents.bp,
    accounts.bp,
    cards.bp,
    products.bp,
    payments.bp,
    client_page.bp,
    rates.bp,
)
_LARGEST_BODY = 1 << 20


def create_app(settings: SandboxSettings) -> Flask:
    """Make the application for these settings."""
    app = Flask(__name__, static_folder=None)
    app.url_map.strict_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_BODY
    parts = app.extensions["sandbox"] = build(settings)
    for blueprint in _VIEWS:
        app.register_blueprint(blueprint)
    bankingapi.register(app)
    if settings.control:
        app.register_blueprint(control.bp)
    app.register_error_handler(ApiError, _refused)
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(MethodNotAllowed, _method_not_allowed)
    app.register_error_handler(InternalServerError, _failed)
    app.register_error_handler(HTTPException, _other)
    app.before_request(_normalise)
    hooks.install(app, parts.faults, settings.faults)
    return app


def _normalise() -> Response | None:
    """Answer what these banks answer before any view: HEAD is unknown, a trailing slash redirects."""
    if request.method == "HEAD":
        refused = answer({"detail": "Method Not Allowed"}, 405)
        refused.headers["Allow"] = "GET"
        return refused
    path = request.path
    if path.endswith("/") and path.count("/") > 2 and request.url_rule is not None:
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        return Response(
            status=307, headers={"Location": request.host_url.rstrip("/") + path.rstrip("/") + query}
        )
    return None


def _refused(error: ApiError) -> Response:
    return answer({"detail": error.detail}, error.status)


def _not_found(_error: NotFound) -> Response:
    return answer({"detail": "Not Found"}, 404)


def _method_not_allowed(error: MethodNotAllowed) -> Response:
    response = answer({"detail": "Method Not Allowed"}, 405)
    response.headers["Allow"] = ", ".join(sorted(set(error.valid_methods or ()) - {"HEAD", "OPTIONS"}))
    return response


def _failed(_error: InternalServerError) -> Response:
    return crash()


def _other(error: HTTPException) -> Response:
    return answer({"detail": error.name}, error.code or 500)
