"""The endpoints, one module a subject; every path begins with the bank's code."""

from flask import Blueprint

from sandbox.banks import BANK_NAMES

BANK_PREFIX = f"/<any({', '.join(BANK_NAMES)}):bank>"


def bank_blueprint(name: str) -> Blueprint:
    """Make a blueprint whose views get the bank's code as `bank`."""
    return Blueprint(name, __name__, url_prefix=BANK_PREFIX)
