"""Failures of banks and of our own rules, as the API answers them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone
from rest_framework import exceptions, status

from banking import actions
from banking.clients import errors
from banking.queries.health import CHANNEL_CODES, error_words
from banking.services import gateway
from banking.services.connecting import SyncFailed

PASSING = frozenset(
    {"bank_unavailable", "bank_maintenance", "rate_limited", "broken_document", "bank_silent", "budget_spent"}
)


class BrokenRule(exceptions.APIException):
    """The request is well formed and cannot be done."""

    status_code = status.HTTP_400_BAD_REQUEST


class Conflict(exceptions.APIException):
    """The state of things does not allow it now."""

    status_code = status.HTTP_409_CONFLICT


class BankFailed(exceptions.APIException):
    """The bank did not do its part: 503 when that should pass by itself, 502 otherwise."""

    def __init__(self, code: str, *, bank_name: str, wait: float | None = None) -> None:
        super().__init__(f"{bank_name}: {error_words(code)}")
        passes = code in PASSING or code in CHANNEL_CODES
        self.status_code = status.HTTP_503_SERVICE_UNAVAILABLE if passes else status.HTTP_502_BAD_GATEWAY
        self.wait = wait


class ChannelMissing(exceptions.APIException):
    """A channel was asked for that this installation does not have."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE


@contextmanager
def translated(*, bank_name: str) -> Iterator[None]:
    """What may go wrong while a bank is asked, each with its status."""
    try:
        yield
    except errors.BankError as error:
        code = errors.Refused.code if isinstance(error, errors.Refused) else error.code
        wait = getattr(error, "retry_after", None)
        raise BankFailed(code, bank_name=bank_name, wait=wait) from error
    except SyncFailed as error:
        wait = max((error.again_at - timezone.now()).total_seconds(), 1) if error.again_at else None
        raise BankFailed(error.code, bank_name=bank_name, wait=wait) from error
    except (actions.NotConnected, actions.OtherChannel) as error:
        raise Conflict(str(error)) from error
    except gateway.ChannelUnavailable as error:
        raise ChannelMissing(str(error)) from error
