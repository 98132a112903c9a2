"""A bank's configuration is checked once, when it is made."""

import pytest

from banking.clients.bankingapi import BankingApiClient
from banking.clients.registry import BankConfig, BankingApiConfig, client_for
from banking.clients.vtb import VtbClient

USUAL = {"code": "vbank", "base_url": "http://127.0.0.1:8001/vbank", "team_id": "team075", "team_secret": "s"}


def test_a_config_makes_its_client():
    with client_for(BankConfig(**USUAL)) as client:
        assert isinstance(client, VtbClient)
        assert client.bank == "vbank"


def test_another_kind_of_config_makes_another_client():
    keycloak = {"token_url": "http://127.0.0.1:8001/token", "client_id": "team075", "client_secret": "s"}
    config = BankingApiConfig(code="vbank", base_url="http://127.0.0.1:8001", **keycloak)
    with client_for(config) as client:
        assert isinstance(client, BankingApiClient)
        assert client.bank == "vbank"


def test_an_unknown_kind_is_named():
    with pytest.raises(ValueError, match="vbank: no client speaks 'pigeon'"):
        client_for(BankConfig(**USUAL, kind="pigeon"))


@pytest.mark.parametrize(
    "base_url", ["", "vbank.example", "ftp://bank", "file:///etc", "http://", "http://b/?x=1"]
)
def test_an_address_that_is_none_is_refused(base_url):
    with pytest.raises(ValueError, match="base URL"):
        BankConfig(**USUAL | {"base_url": base_url})


def test_a_person_is_no_team():
    with pytest.raises(ValueError, match="names a client"):
        BankConfig(**USUAL | {"team_id": "team075-1"})


def test_a_missing_authority_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no CA file"):
        BankConfig(**USUAL, ca_file=str(tmp_path / "none.pem"))
