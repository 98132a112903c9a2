"""Stable randomness: the same words give the same numbers in every process and on every machine."""

import hashlib
import random


def stable_hash(*parts: object) -> int:
    """Hash the parts to 64 bits; Python's own `hash` differs between processes."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def stable_hex(*parts: object, length: int = 12) -> str:
    """Return a stable lower-case hexadecimal id of the wanted length."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=(length + 1) // 2).hexdigest()[:length]


def stream(*parts: object) -> random.Random:
    """Return a generator of its own for one subject, so that subjects do not disturb each other."""
    return random.Random(stable_hash(*parts))  # noqa: S311 - invented shopping, not a secret
