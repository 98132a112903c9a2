"""The rewards pair, with its own list of errors, and the retired interfaces that only ever say 404."""

import re
import threading
import uuid
from typing import Any

from flask import Blueprint, Response, current_app, request

from sandbox.answers import answer
from sandbox.bankingapi import guards
from sandbox.history.seeds import stable_hash

bp = Blueprint("rewards", __name__)

PREFIX = "/api/rb/rewardsPay/hackathon/v1/cards/accounts/external/<account>/rewards"
RETIRED = ("accounts", "cards", "transactions", "payments")
_CALLER = re.compile(r"[A-Za-z0-9_-]{3,20}")
_PROGRAM = {
    "programId": "B3KQ71Z",
    "description": "Программа баллов",
    "catalogs": [
        {
            "catalogId": "D4M8R20TQA",
            "catalogType": "STMTCR",
            "description": "Погашение покупки",
            "conversionRate": 0.01,
            "minRedeemPoints": 2500,
            "maxRedeemPoints": 50000,
        }
    ],
}
_lock = threading.Lock()


@bp.get(f"{PREFIX}/balance")
def balance(bank: str, account: str) -> Response:
    """Tell how many points an account has."""
    refusal = _refusal(account)
    if refusal is not None:
        return refusal
    eligible = {"redemptionEligibility": True, "rewardSummary": _summary(_points(account))}
    return answer({"data": {**eligible, "programDetail": _PROGRAM}})


@bp.post(f"{PREFIX}/redemption")
def redemption(bank: str, account: str) -> Response:
    """Spend points. What the programme refuses comes with status 500, as published."""
    refusal = _refusal(account)
    if refusal is not None:
        return refusal
    document = request.get_json(silent=True)
    data = document.get("data") if isinstance(document, dict) else None
    wanted = data.get("redemptionAmount") if isinstance(data, dict) else None
    if type(wanted) is not int or wanted <= 0:
        return _error(400, "BAD_REQUEST", "Некорректный запрос")
    with _lock:
        left = _points(account) - wanted
        if left < 0:
            return _error(500, "INSUFFICIENT_BALANCE", "Недостаточно баллов")
        _spent()[account] = _spent().get(account, 0) + wanted
    told = {"redemptionReferenceNumber": data.get("redemptionReferenceNumber")}
    return answer({"data": {**told, "redemptionId": str(uuid.uuid4()), "rewardSummary": _summary(left)}})


@bp.get(f"/api/rb/<any({', '.join(RETIRED)}):interface>/v1/<same>")
def retired(bank: str, interface: str, same: str) -> Response:
    """Say that there is nothing: proof enough that token and way are good."""
    guards.application()
    return answer(None, 404)


def _refusal(account: str) -> Response | None:
    guards.application()
    if not _is_uuid(request.headers.get("Correlation-ID", "")) or not _CALLER.fullmatch(
        request.headers.get("X-Caller-Id", "partner")
    ):
        return _error(400, "BAD_REQUEST", "Некорректные заголовки")
    if not _is_uuid(account) or uuid.UUID(account).int == 0:
        return _error(404, "RESOURCE_NOT_FOUND", "Счёт не найден")
    if stable_hash("eligible", account) % 7 == 0:
        return _error(500, "ACCOUNT_INELIGIBLE", "Счёт не участвует в программе")
    return None


def _points(account: str) -> int:
    return 2_500 + stable_hash("rewards", account) % 5_000 - _spent().get(account, 0)


def _spent() -> dict[str, int]:
    """Return the points spent since the start, by account."""
    spent: dict[str, int] = current_app.extensions.setdefault("sandbox.rewards", {})
    return spent


def _summary(points: int) -> dict[str, Any]:
    return {"availableBalance": points, "rewardType": "POINTS", "currencyCode": "RUB"}


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _error(status: int, code: str, title: str) -> Response:
    line = {"id": str(uuid.uuid4()), "code": code, "title": title, "detail": "Запрос не может быть выполнен"}
    return answer({"errors": [line]}, status)
