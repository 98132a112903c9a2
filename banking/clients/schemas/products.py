"""Clients: a bank's catalogue of deposits, loans, cards and accounts."""

from dataclasses import dataclass
from decimal import Decimal

from banking.clients.answers import Answer
from banking.clients.schemas.fields import (
    Listing,
    Row,
    body_of,
    count,
    items_of,
    number,
    read_rows,
    required_id,
    text,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankProduct:
    """An offer; None where the bank states no figure. `rate` is per cent a year."""

    external_id: str
    kind: str
    name: str
    description: str
    rate: Decimal | None
    min_amount: Decimal | None
    max_amount: Decimal | None
    term_months: int | None


def parse_products(answer: Answer) -> Listing[BankProduct]:
    items, path = items_of(answer, body_of(answer), "product", "products", sign="productId")
    return read_rows(items, _product, path=path)


def _product(row: Row) -> BankProduct:
    return BankProduct(
        external_id=required_id(row, "productId"),
        kind=text(row.get("productType"), 32).lower(),
        name=text(row.get("productName"), 200),
        description=text(row.get("description"), 1000),
        rate=number(row.get("interestRate"), "interestRate"),
        min_amount=number(row.get("minAmount"), "minAmount"),
        max_amount=number(row.get("maxAmount"), "maxAmount"),
        term_months=count(row.get("termMonths")),
    )
