"""Secrets at rest open only with a key of ours and for the row they were sealed for."""

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from financehub import crypto


@given(secret=st.text(), owner=st.text())
def test_a_sealed_secret_opens_for_its_owner(secret: str, owner: str) -> None:
    assert crypto.unseal(crypto.seal(secret, owner=owner), owner=owner) == secret


def test_a_sealed_secret_does_not_show_the_secret() -> None:
    sealed = crypto.seal("token-of-the-bank", owner="connection:1")
    assert "token-of-the-bank" not in sealed
    assert sealed != crypto.seal("token-of-the-bank", owner="connection:1")


def test_a_secret_copied_to_another_row_does_not_open() -> None:
    sealed = crypto.seal("token", owner="connection:1")
    with pytest.raises(crypto.UnreadableSecret, match="another row"):
        crypto.unseal(sealed, owner="connection:2")


@pytest.mark.parametrize("position", [0, 20, -1])
def test_an_altered_secret_does_not_open(position: int) -> None:
    sealed = list(crypto.seal("token", owner="connection:1"))
    sealed[position] = "A" if sealed[position] != "A" else "B"
    with pytest.raises(crypto.UnreadableSecret, match="cannot be decrypted"):
        crypto.unseal("".join(sealed), owner="connection:1")


@pytest.mark.parametrize("rubbish", ["", "gAAAAA", "не шифр", "\x00"])
def test_rubbish_does_not_open(rubbish: str) -> None:
    with pytest.raises(crypto.UnreadableSecret):
        crypto.unseal(rubbish, owner="connection:1")
    with pytest.raises(crypto.UnreadableSecret):
        crypto.rotate(rubbish)


def test_keys_are_changed_without_losing_a_secret(settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.BANK_TOKEN_KEYS = [old]
    sealed = crypto.seal("token", owner="connection:1")
    settings.BANK_TOKEN_KEYS = [new, old]
    assert crypto.unseal(sealed, owner="connection:1") == "token"
    sealed = crypto.rotate(sealed)
    settings.BANK_TOKEN_KEYS = [new]
    assert crypto.unseal(sealed, owner="connection:1") == "token"


def test_a_secret_of_a_forgotten_key_does_not_open(settings: Settings) -> None:
    settings.BANK_TOKEN_KEYS = [Fernet.generate_key().decode()]
    sealed = crypto.seal("token", owner="connection:1")
    settings.BANK_TOKEN_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(crypto.UnreadableSecret):
        crypto.unseal(sealed, owner="connection:1")
