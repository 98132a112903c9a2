"""The other door to the same accounts: OAuth tokens and `clientInfo`, as api.bankingapi.ru has them.

Served without prefix for the first bank, and under each bank's prefix for that bank.
"""

from flask import Flask

from sandbox.bankingapi import client_info, rewards, tokens
from sandbox.bankingapi.refusals import StandardError, TokenError, refuse_call, refuse_token
from sandbox.banks import BANK_NAMES
from sandbox.views import BANK_PREFIX

BLUEPRINTS = (tokens.bp, client_info.bp, rewards.bp)
FRONT_BANK = next(iter(BANK_NAMES))


def register(app: Flask) -> None:
    """Add the door to the application of the banks."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix=BANK_PREFIX)
        app.register_blueprint(blueprint, name=f"front_{blueprint.name}", url_defaults={"bank": FRONT_BANK})
    app.register_error_handler(StandardError, refuse_call)
    app.register_error_handler(TokenError, refuse_token)
