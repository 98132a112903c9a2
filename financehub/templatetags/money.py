"""Template tags for figures; lists format their rows in Python with `financehub.formats` instead."""

from decimal import Decimal

from django import template
from django.utils.safestring import SafeString

from financehub import formats

register = template.Library()


@register.simple_tag
def amount(
    value: Decimal, currency: str = "RUB", *, signed: bool = False, whole: bool = False, tone: str = ""
) -> SafeString:
    """`{% amount row.value row.currency signed=True %}`: markup with a quieter currency sign."""
    return formats.current().amount(value, currency, signed=signed, whole=whole, tone=tone)


@register.simple_tag
def money(value: Decimal, currency: str = "RUB", *, signed: bool = False, whole: bool = False) -> str:
    """The same amount as plain text, for attributes and sentences."""
    return formats.current().money(value, currency, signed=signed, whole=whole)


@register.simple_tag
def compact(value: Decimal, currency: str = "RUB") -> str:
    """`12,3 тыс. ₽`."""
    return formats.current().compact(value, currency)


@register.simple_tag
def percent(share: Decimal, digits: int = 1, *, signed: bool = False) -> str:
    """A ratio as `12,3 %`."""
    return formats.current().percent(share, digits=digits, signed=signed)


@register.simple_tag
def count(number: int, noun: str) -> str:
    """`{% count 5 "transaction" %}` → `5 операций`; the nouns stand in `formats.NOUNS`."""
    return formats.current().count(number, noun)


@register.filter
def account_tail(number: str) -> str:
    """`40817810000000001002` → `•• 1002`."""
    return formats.account_tail(number)


@register.filter
def currency_sign(currency: str) -> str:
    """`RUB` → `₽`."""
    return formats.currency_sign(currency)
