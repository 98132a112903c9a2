"""Kernel: the base of every expected failure that a person may be told about."""

from django.utils.functional import Promise


class DomainError(Exception):
    """An expected failure: `code` for programs, `message` for people (already translated or lazy)."""

    code = "error"
    message: str | Promise = ""

    def __init__(self, message: str | Promise | None = None) -> None:
        super().__init__(message or self.message)
        if message is not None:
            self.message = message

    def __str__(self) -> str:
        return str(self.message)
