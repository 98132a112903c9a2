"""Puts the planned faults before and after the views, which know nothing of them."""

from collections.abc import Iterable
from typing import Any

from flask import Flask, Response, g, request

from sandbox.banks import BANK_NAMES
from sandbox.calls import Call
from sandbox.faults.distortions import DISTORTIONS, SHAPES
from sandbox.faults.plan import Fault, FaultBook, FaultError
from sandbox.faults.refusals import REFUSALS
from sandbox.services import services

KINDS = frozenset(REFUSALS) | frozenset(DISTORTIONS)


def read_faults(documents: object, bank: str) -> list[Fault]:
    """Read one fault or a list of them, and refuse kinds that do not exist."""
    faults = [Fault.read(item, bank) for item in (documents if isinstance(documents, list) else [documents])]
    for fault in faults:
        if fault.what not in KINDS:
            raise FaultError(f"`what` must be one of {sorted(KINDS)}")
        if fault.what == "shape" and fault.params.get("as", "null") not in SHAPES:
            raise FaultError(f"`as` must be one of {sorted(SHAPES)}")
    return faults


def install(app: Flask, book: FaultBook, planned: Iterable[dict[str, Any]]) -> None:
    """Hook the faults and the journal into the application; what names no bank strikes all three."""
    for document in planned:
        for bank in [document["bank"]] if "bank" in document else BANK_NAMES:
            book.plan(read_faults(document, bank))
    app.before_request(_before)
    app.after_request(_after)


def _before() -> Response | None:
    call = Call.of(request)
    if call is None:
        return None
    g.call = call
    g.faults = services().faults.take(call)
    for fault in g.faults:
        refusal = REFUSALS.get(fault.what)
        response = refusal and refusal(fault, call)
        if response is not None:
            g.faults = ()
            return response
    return None


def _after(response: Response) -> Response:
    call: Call | None = g.get("call")
    if call is None:
        return response
    for fault in g.faults:
        if fault.what in DISTORTIONS:
            response = DISTORTIONS[fault.what](fault, call, response)
    if services().settings.control:
        services().journal.note(call, response.status_code)
    return response
