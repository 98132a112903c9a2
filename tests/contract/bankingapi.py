"""A Banking API client, for the recorded cases and for the bundled server."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from banking.clients.bankingapi import BankingApiClient, BankingApiConfig
from tests.bank_server import TODAY, BankServer
from tests.contract.conftest import PATIENT

REALM_PATH = "/auth/realms/kubernetes/protocol/openid-connect/token"


def config_for(banks: BankServer, **changes: Any) -> BankingApiConfig:
    """How the bundled server is reached by ordinary means, with the headers that it wants to know."""
    usual = {
        "code": "vbank",
        "base_url": banks.root,
        "token_url": banks.root + REALM_PATH,
        "client_id": banks.settings.oauth_client_id,
        "client_secret": banks.settings.oauth_client_secret,
        "client_header": "X-Mdm-Id",
        "consent_header": "X-Consent-Id",
        "limits": PATIENT,
    }
    return BankingApiConfig(**(usual | changes))


@contextmanager
def api_client(banks: BankServer, *, today: datetime = TODAY, **changes: Any) -> Iterator[BankingApiClient]:
    with BankingApiClient(config_for(banks, **changes), now=lambda: today) as client:
        yield client
