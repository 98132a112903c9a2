"""The catalogue of products."""

from typing import Any

from flask import Response, request

from sandbox import guards
from sandbox.answers import ApiError, answer
from sandbox.catalogue import CATALOGUE, Product
from sandbox.views import bank_blueprint
from sandbox.wire import money

bp = bank_blueprint("products")


@bp.get("/products")
def products(bank: str) -> Response:
    """List the active products, all or of one type."""
    guards.caller(bank)
    kind = request.args.get("product_type")
    found = [item for item in CATALOGUE[bank] if item.active and kind in {None, item.kind}]
    return answer({"data": {"product": [_listed(item) for item in found]}})


@bp.get("/products/<product_id>")
def product(bank: str, product_id: str) -> Response:
    """Show one product, also one that is no longer offered."""
    guards.caller(bank)
    for item in CATALOGUE[bank]:
        if item.product_id == product_id:
            return answer({"data": _detailed(item)})
    raise ApiError(404, "Product not found")


def _listed(item: Product) -> dict[str, Any]:
    """Describe the product in the list, where a zero reads null."""
    return _head(item) | {
        "interestRate": money(item.rate) if item.rate else None,
        "minAmount": money(item.least) if item.least else None,
        "maxAmount": money(item.most) if item.most else None,
        "termMonths": item.months,
    }


def _detailed(item: Product) -> dict[str, Any]:
    """Describe the product on its own page, where a missing number is the word None."""
    return _head(item) | {
        "interestRate": "None" if item.rate is None else money(item.rate),
        "minAmount": "None" if item.least is None else money(item.least),
        "termMonths": item.months,
    }


def _head(item: Product) -> dict[str, Any]:
    return {
        "productId": item.product_id,
        "productType": item.kind,
        "productName": item.name,
        "description": item.description,
    }
