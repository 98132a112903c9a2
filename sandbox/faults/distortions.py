"""Faults that spoil the bank's own answer, or change the bank after it has answered."""

import copy
import json
from collections.abc import Callable
from typing import Any

from flask import Response, request

from sandbox.answers import raw_answer
from sandbox.calls import Call
from sandbox.faults import connections
from sandbox.faults.plan import Fault
from sandbox.history.seeds import stable_hex
from sandbox.services import services
from sandbox.store.changes import NewRow
from sandbox.wire import compact

Rows = list[dict[str, Any]]
_ENDLESS_PAGES = 1_000_000
_DEEP = 100_000


def shape(fault: Fault, _call: Call, response: Response) -> Response:
    """Send JSON of a wrong shape: `as` names which."""
    kind = fault.params.get("as", "null")
    if kind in _WHOLE_BODIES:
        return raw_answer(_WHOLE_BODIES[kind])
    text = response.get_data(as_text=True)
    return raw_answer(_SPOILED[kind](text))


def shift_page(fault: Fault, call: Call, response: Response) -> Response:
    """Book a new row right after the page was answered, so that the next page repeats a row."""
    account = _account(call)
    if account is not None:
        text = str(fault.params.get("text", "PYATEROCHKA 14523 MOSKVA RUS"))
        services().changes.add(account, NewRow(amount=-12_345, text=text, merchant="Пятёрочка", mcc="5411"))
    return response


def vanish_pending(_fault: Fault, call: Call, response: Response) -> Response:
    """Cancel the account's pending rows after the page was answered."""
    account = _account(call)
    if account is not None:
        services().changes.cancel_all(account)
    return response


def revoke_consent(_fault: Fault, call: Call, response: Response) -> Response:
    """Revoke the consent in use after the answer."""
    consent_id = request.headers.get("X-Consent-Id", "")
    services().consents.revoke(bank=call.bank, consent_id=consent_id)
    return response


def expire_consent(_fault: Fault, call: Call, response: Response) -> Response:
    """Let the consent in use run out after the answer."""
    consent_id = request.headers.get("X-Consent-Id", "")
    services().consents.expire(bank=call.bank, consent_id=consent_id)
    return response


def execute_then_drop(fault: Fault, _call: Call, _response: Response) -> Response:
    """Do what was asked and lose the answer, after `seconds` of silence."""
    services().faults.wait(float(fault.params.get("seconds", 0)))
    return connections.ResetResponse()


def half_body(fault: Fault, _call: Call, response: Response) -> Response:
    """Close after a part of the promised body: `share`."""
    return connections.half_body(response, float(fault.params.get("share", 0.5)))


def drip(fault: Fault, _call: Call, response: Response) -> Response:
    """Send `size` bytes at a time with a `pause` in seconds."""
    size, pause = int(fault.params.get("size", 1)), float(fault.params.get("pause", 0.2))
    return connections.drip(response, services().faults.wait, size=size, pause=pause)


def giant_page(fault: Fault, _call: Call, response: Response) -> Response:
    """Send `rows` rows on one page."""
    wanted = int(fault.params.get("rows", 100_000))
    document = json.loads(response.get_data())
    pattern = compact(document["data"]["transaction"][0])
    old_id = document["data"]["transaction"][0]["transactionId"]
    rows = ",".join(pattern.replace(old_id, f"tx-giant-{number}") for number in range(wanted))
    document["data"]["transaction"] = []
    text = compact(document).replace('"transaction":[]', f'"transaction":[{rows}]', 1)
    return raw_answer(text)


def _on_document(
    change: Callable[[Fault, dict[str, Any]], None],
) -> Callable[[Fault, Call, Response], Response]:
    """Turn a change of the document into a change of the answer; refusals are left alone."""

    def distort(fault: Fault, _call: Call, response: Response) -> Response:
        if response.status_code != 200:
            return response
        document = json.loads(response.get_data())
        change(fault, document)
        return raw_answer(compact(document))

    return distort


def _rows(document: dict[str, Any]) -> Rows:
    rows: Rows = document["data"]["transaction"]
    return rows


def _endless_next(fault: Fault, document: dict[str, Any]) -> None:
    """Never end: past the last page the same rows come again under new ids."""
    page, size = document["meta"]["currentPage"], document["meta"]["pageSize"]
    rows = _rows(document)
    if rows:
        fault.memory["rows"] = copy.deepcopy(rows)
    else:
        rows.extend(copy.deepcopy(fault.memory.get("rows", [])))
        for row in rows:
            row["transactionId"] = "tx-" + stable_hex(row["transactionId"], page)
    path = document["links"]["self"].partition("?")[0]
    document["links"]["next"] = f"{path}?page={page + 1}&limit={size}"
    document["meta"]["totalPages"] = _ENDLESS_PAGES


def _cursor_cycle(_fault: Fault, document: dict[str, Any]) -> None:
    """Lead from page two back to page one, for ever."""
    page, size = document["meta"]["currentPage"], document["meta"]["pageSize"]
    path = document["links"]["self"].partition("?")[0]
    document["links"]["next"] = f"{path}?page={2 if page == 1 else 1}&limit={size}"
    document["meta"]["totalPages"] = _ENDLESS_PAGES


def _short_page(fault: Fault, document: dict[str, Any]) -> None:
    """Leave the rows after the first `keep` out, though more pages follow."""
    del _rows(document)[int(fault.params.get("keep", 3)) :]


def _empty_page(_fault: Fault, document: dict[str, Any]) -> None:
    """Send no rows, though more pages follow."""
    _rows(document).clear()


def _duplicate_rows(_fault: Fault, document: dict[str, Any]) -> None:
    """Send every row of the page twice."""
    rows = _rows(document)
    rows.extend(copy.deepcopy(rows))


def _reissue_ids(fault: Fault, document: dict[str, Any]) -> None:
    """Give all rows other ids, the same ones each time; `salt` makes yet others."""
    for row in _rows(document):
        row["transactionId"] = "tx-" + stable_hex(row["transactionId"], fault.params.get("salt", "again"))


def _mutate_text(_fault: Fault, document: dict[str, Any]) -> None:
    """Change the texts of rows already sent: a prefix appears."""
    for row in _rows(document):
        row["transactionInformation"] = f"Опл. {row['transactionInformation']}"


def _no_ids(fault: Fault, document: dict[str, Any]) -> None:
    """Send rows without ids: null, or with `missing` no field at all."""
    for row in _rows(document):
        row["transactionId"] = None
        if fault.params.get("missing"):
            del row["transactionId"]


def _mixed_currency(fault: Fault, document: dict[str, Any]) -> None:
    """Send every third row in another currency than the account's."""
    for row in _rows(document)[::3]:
        row["amount"]["currency"] = fault.params.get("currency", "EUR")


def _account(call: Call) -> Any:
    ordinal = (call.account or "").removeprefix("acc-")
    return services().accounts.find(bank=call.bank, ordinal=int(ordinal)) if ordinal.isdigit() else None


def _in_first_item(change: Callable[[dict[str, Any]], None]) -> Callable[[str], str]:
    """Spoil the first object of the list that the answer carries."""

    def spoil(text: str) -> str:
        document = json.loads(text)
        data = document.get("data", document)
        lists = [value for value in data.values() if isinstance(value, list) and value] if data else []
        change(lists[0][0] if lists else document)
        return json.dumps(document, ensure_ascii=True)

    return spoil


def _drop_amount(item: dict[str, Any]) -> None:
    for name in ("amount", "accountId", "cardId", "productId", "access_token", "status"):
        if name in item:
            del item[name]
            return


def _wrong_types(item: dict[str, Any]) -> None:
    for name, value in item.items():
        item[name] = {"unexpected": [1, None]} if isinstance(value, str) else "text"


def _text_of(mark: str) -> Callable[[dict[str, Any]], None]:
    def change(item: dict[str, Any]) -> None:
        names = [name for name in ("transactionInformation", "nickname", "status") if name in item]
        item[names[0] if names else "status"] = f"до{mark}после"

    return change


def _number_of(raw: str) -> Callable[[str], str]:
    """Put a bare number where the first amount stands."""
    marker = "@@number@@"

    def change(item: dict[str, Any]) -> None:
        if isinstance(item.get("amount"), dict):
            item["amount"]["amount"] = marker
        else:
            item["amount"] = marker

    spoil = _in_first_item(change)
    return lambda text: spoil(text).replace(f'"{marker}"', raw, 1)


_WHOLE_BODIES = {
    "null": "null",
    "list": "[]",
    "text": '"ok"',
    "empty": "",
    "not_json": "{'data': nope",
    "deep": "[" * _DEEP + "]" * _DEEP,
    "data_null": '{"data":null,"links":{},"meta":{}}',
}
_SPOILED: dict[str, Callable[[str], str]] = {
    "missing_field": _in_first_item(_drop_amount),
    "wrong_type": _in_first_item(_wrong_types),
    "nul": _in_first_item(_text_of("\x00")),
    "surrogate": _in_first_item(_text_of("\ud83d")),
    "nan": _number_of("NaN"),
    "infinity": _number_of("-Infinity"),
    "huge_number": _number_of("1e400"),
    "long_number": _number_of("100000000000000000.01"),
}
SHAPES = frozenset(_WHOLE_BODIES) | frozenset(_SPOILED)

DISTORTIONS: dict[str, Callable[[Fault, Call, Response], Response]] = {
    "shape": shape,
    "shift_page": shift_page,
    "vanish_pending": vanish_pending,
    "revoke_consent": revoke_consent,
    "expire_consent": expire_consent,
    "execute_then_drop": execute_then_drop,
    "half_body": half_body,
    "drip": drip,
    "giant_page": giant_page,
    "endless_next": _on_document(_endless_next),
    "cursor_cycle": _on_document(_cursor_cycle),
    "short_page": _on_document(_short_page),
    "empty_page": _on_document(_empty_page),
    "duplicate_rows": _on_document(_duplicate_rows),
    "reissue_ids": _on_document(_reissue_ids),
    "mutate_text": _on_document(_mutate_text),
    "no_ids": _on_document(_no_ids),
    "mixed_currency": _on_document(_mixed_currency),
}
