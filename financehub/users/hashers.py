"""Argon2 in OWASP's small setting: 19 MiB, two passes, one lane."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class SmallArgon2PasswordHasher(Argon2PasswordHasher):
    """Django's default setting (100 MiB, 8 lanes) makes twenty logins at once wait for seconds."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
