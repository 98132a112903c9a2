"""Kernel: secrets at rest, encrypted and bound to the row they belong to."""

import json
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from financehub.errors import DomainError


class UnreadableSecret(DomainError):
    """The ciphertext was made with a key that is gone, was altered, or belongs to another row."""

    code = "unreadable_secret"


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _cipher() -> MultiFernet:
    return _fernet(tuple(settings.BANK_TOKEN_KEYS))


def seal(secret: str, *, owner: str) -> str:
    """Encrypt a secret together with its owner: Fernet itself has no associated data.

    The first of BANK_TOKEN_KEYS encrypts; all of them decrypt.
    """
    plaintext = json.dumps({"owner": owner, "secret": secret}).encode()
    return _cipher().encrypt(plaintext).decode()


def unseal(ciphertext: str, *, owner: str) -> str:
    """Decrypt what `seal` made for the same owner; anything else raises UnreadableSecret."""
    try:
        opened = json.loads(_cipher().decrypt(ciphertext.encode()))
    except InvalidToken as error:
        raise UnreadableSecret("the secret cannot be decrypted with the configured keys") from error
    if opened["owner"] != owner:
        raise UnreadableSecret("the secret belongs to another row")
    return str(opened["secret"])


def rotate(ciphertext: str) -> str:
    """Encrypt a ciphertext anew with the first key, keeping its time stamp."""
    try:
        return _cipher().rotate(ciphertext.encode()).decode()
    except InvalidToken as error:
        raise UnreadableSecret("the secret cannot be decrypted with the configured keys") from error
