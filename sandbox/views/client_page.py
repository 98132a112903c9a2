"""The bank's own page where a client decides about consents: plain HTML, works without scripts."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for

from sandbox.answers import ApiError
from sandbox.banks import BANK_NAMES
from sandbox.history.days import MOSCOW
from sandbox.services import services
from sandbox.store.consents import RequestGoneError
from sandbox.store.payment_consents import PaymentConsent
from sandbox.tokens import InvalidTokenError
from sandbox.views import bank_blueprint
from sandbox.views.tokens import client_token

bp = bank_blueprint("client_page")

_COOKIE = "client_session"
_SESSION_LIFE = 1800
_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
_PERMISSIONS = {
    "ReadAccountsDetail": "Видеть ваши счета: номер, валюту, название и владельца",
    "ReadBalances": "Видеть остатки на счетах",
    "ReadTransactionsDetail": "Видеть операции за всё время",
    "ReadCards": "Видеть ваши карты, но не их полный номер",
    "ManageAccounts": "Открывать и закрывать счета от вашего имени",
    "ManageCards": "Выпускать и блокировать карты от вашего имени",
}
_MANAGING = ("ManageAccounts", "ManageCards")
_DONE = {
    "approved": "Доступ разрешён. Вернитесь в приложение: оно само увидит ваше решение.",
    "rejected": "Запрос отклонён. Приложение не увидит ваших данных.",
    "revoked": "Доступ отозван. Приложение больше не увидит ваших данных.",
    "paid": "Перевод разрешён. Вернитесь в приложение: оно само его отправит.",
    "unpaid": "Перевод отклонён. Деньги остались на счёте.",
    "gone": "Этот запрос уже решён или не найден.",
}
_MONTHS = (
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
)
_STYLE = (Path(__file__).parent.parent / "static" / "consents.css").read_text()


@dataclass(frozen=True, slots=True)
class Visitor:
    """A client who has logged in on the page."""

    client_id: str
    mark: str


@bp.get("/client/consents.html")
def consents(bank: str) -> Response:
    """Show the login form, or what waits and what is allowed."""
    visitor = _visitor(bank)
    if visitor is None:
        return _page(bank, "login.html", client_id=_expected_client(bank), status=200)
    shown = request.args.get("request_id")
    payments = services().payment_consents.waiting(bank=bank, client_id=visitor.client_id)
    waiting = services().consents.waiting(bank=bank, client_id=visitor.client_id)
    waiting.sort(key=lambda asked: asked.request_id != shown)
    done = request.args.get("done", "")
    if not done and shown and shown not in {asked.request_id for asked in (*waiting, *payments)}:
        done = "gone"
    return _page(
        bank,
        "consents.html",
        status=200,
        visitor=visitor,
        waiting=waiting,
        payments=payments,
        active=services().consents.active(bank=bank, client_id=visitor.client_id),
        managing=_MANAGING,
        done=_DONE.get(done),
    )


@bp.post("/client/login")
def login(bank: str) -> Response:
    """Log in with client id and password."""
    client_id = request.form.get("client_id", "").strip()
    token = client_token(bank, client_id, request.form.get("password", ""), life=_SESSION_LIFE)
    if token is None:
        return _page(bank, "login.html", client_id=client_id, wrong=True, status=401)
    response = _back(bank, request_id=request.form.get("request_id") or None)
    response.set_cookie(
        _COOKIE,
        token,
        max_age=_SESSION_LIFE,
        path=f"/{bank}/client",
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )
    return response


@bp.post("/client/logout")
def logout(bank: str) -> Response:
    """Log out."""
    _checked_visitor(bank)
    response = _back(bank)
    response.delete_cookie(_COOKIE, path=f"/{bank}/client")
    return response


@bp.post("/client/requests/<request_id>/<any(approve, reject):action>")
def decide(bank: str, request_id: str, action: str) -> Response:
    """Allow or refuse what an application asks for."""
    visitor = _checked_visitor(bank)
    try:
        services().consents.decide(
            bank=bank, request_id=request_id, client_id=visitor.client_id, approve=action == "approve"
        )
    except RequestGoneError:
        return _back(bank, done="gone")
    return _back(bank, done="approved" if action == "approve" else "rejected")


@bp.post("/client/payments/<request_id>/<any(approve, reject):action>")
def decide_payment(bank: str, request_id: str, action: str) -> Response:
    """Allow or refuse one transfer."""
    visitor = _checked_visitor(bank)
    try:
        services().payment_consents.decide(
            bank=bank, request_id=request_id, client_id=visitor.client_id, approve=action == "approve"
        )
    except RequestGoneError:
        return _back(bank, done="gone")
    return _back(bank, done="paid" if action == "approve" else "unpaid")


@bp.post("/client/consents/<consent_id>/revoke")
def revoke(bank: str, consent_id: str) -> Response:
    """Take back what was allowed."""
    visitor = _checked_visitor(bank)
    consent = services().consents.find(bank=bank, consent_id=consent_id)
    if consent is None or consent.client_id != visitor.client_id:
        return _back(bank, done="gone")
    services().consents.revoke(bank=bank, consent_id=consent_id)
    return _back(bank, done="revoked")


@bp.get("/client/consents.css")
def style(bank: str) -> Response:
    """Serve the page's style."""
    response = Response(_STYLE, content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@bp.app_template_filter("permission")
def permission_words(code: str) -> str:
    """Say in plain words what a permission opens."""
    return _PERMISSIONS.get(code, f"Право «{code}»: банку оно не знакомо и ничего не открывает")


@bp.app_template_filter("day")
def day_words(moment: datetime) -> str:
    """Write a day in Russian."""
    local = moment.astimezone(MOSCOW)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


@bp.app_template_filter("sum")
def sum_words(consent: PaymentConsent) -> str:
    """Write the amount of a transfer in Russian."""
    figure = f"{consent.amount / 100:,.2f}".replace(",", "\u00a0").replace(".", ",")
    return f"{figure}\u00a0{'₽' if consent.currency == 'RUB' else consent.currency}"


@bp.app_template_filter("minute")
def minute_words(moment: datetime) -> str:
    """Write a day and a time in Russian."""
    return f"{day_words(moment)}, {moment.astimezone(MOSCOW):%H:%M}"


def _expected_client(bank: str) -> str:
    """Return whose request the link names, to spare the client the typing."""
    request_id = request.args.get("request_id", "")
    asked = services().consents.find_request(bank=bank, request_id=request_id)
    payment = services().payment_consents.find(bank=bank, any_id=request_id) if asked is None else None
    return asked.client_id if asked else payment.client_id if payment else ""


def _visitor(bank: str) -> Visitor | None:
    token = request.cookies.get(_COOKIE)
    if not token:
        return None
    try:
        claims = services().tokens.check(bank=bank, token=token)
    except InvalidTokenError:
        return None
    return Visitor(claims.subject, services().tokens.form_mark(bank=bank, token=token))


def _checked_visitor(bank: str) -> Visitor:
    """Return the visitor of a form that was sent from our own page."""
    visitor = _visitor(bank)
    sent = request.form.get("mark", "")
    if visitor is None or not hmac.compare_digest(visitor.mark.encode(), sent.encode()):
        raise ApiError(403, "Форма устарела. Откройте страницу согласий и войдите ещё раз.")
    return visitor


def _back(bank: str, *, request_id: str | None = None, done: str | None = None) -> Response:
    address = url_for("client_page.consents", bank=bank, request_id=request_id, done=done)
    return make_response(redirect(address, code=303))


def _page(bank: str, template: str, *, status: int, **context: Any) -> Response:
    names: Mapping[str, Any] = {
        "bank": bank,
        "bank_name": BANK_NAMES[bank],
        "request_id": request.values.get("request_id", ""),
    }
    response = make_response(render_template(template, **names, **context), status)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
