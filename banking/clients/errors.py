"""Clients: the failures a bank call may end in, and nothing else leaves a client."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from banking.clients.gost.handshake import GostCheck


class BankError(Exception):
    """A bank call failed.

    `retryable` says whether the same call may succeed later without anybody's help. The text holds no
    token, secret or personal data, so that it may be logged; `request_id` is the interaction id sent.
    """

    code: str = "bank_error"
    retryable: bool = False

    def __init__(self, message: str = "", *, bank: str, request_id: str = "", code: str = "") -> None:
        super().__init__(message)
        self.bank = bank
        self.request_id = request_id
        self.code = code or self.code

    def __str__(self) -> str:
        text = super().__str__()
        return f"{self.bank}: {self.code}" + (f" ({text})" if text else "")


class BankUnavailable(BankError):
    """No usable answer: time-out, connection, certificate or a failure inside the bank."""

    code = "bank_unavailable"
    retryable = True

    def __init__(
        self,
        message: str = "",
        *,
        bank: str,
        reason: str,
        request_id: str = "",
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message or reason, bank=bank, request_id=request_id)
        self.reason = reason
        self.status = status
        self.retry_after = retry_after


class MaintenancePage(BankUnavailable):
    """The bank answered with a page for people where data belongs."""

    code = "bank_maintenance"

    def __init__(self, *, bank: str, request_id: str = "", status: int | None = None) -> None:
        super().__init__(bank=bank, request_id=request_id, reason="maintenance", status=status)


class GatewayUnavailable(BankUnavailable):
    """The GOST gateway was required, and the way to it is not open; nothing was sent another way.

    `check` is the evidence. Its outcome is the reason, and makes the code: gost_no_library, gost_expired, …
    """

    def __init__(self, check: "GostCheck", *, bank: str) -> None:
        super().__init__(check.detail, bank=bank, reason=check.outcome)
        self.check = check
        self.code = f"gost_{check.outcome}"
        self.retryable = check.may_pass


class RateLimited(BankError):
    """The bank asks to be left alone, for `retry_after` seconds when it says how long."""

    code = "rate_limited"
    retryable = True

    def __init__(self, *, bank: str, request_id: str = "", retry_after: float | None = None) -> None:
        super().__init__(
            "" if retry_after is None else f"{retry_after:.0f} s", bank=bank, request_id=request_id
        )
        self.retry_after = retry_after


class AuthenticationFailed(BankError):
    """The token was not accepted: renew it, once."""

    code = "authentication_failed"


class CredentialsRefused(AuthenticationFailed):
    """No token for our team id and secret: asking again is pointless until the settings change."""

    code = "credentials_refused"


class CannotPay(BankError):
    """The channel to this bank only reads: no order was sent."""

    code = "channel_only_reads"


class ConsentRequired(BankError):
    """The client's consent is missing, over, or does not reach this far."""

    code = "consent_required"


class Refused(BankError):
    """The bank understood and said no.

    `told` is the bank's own sentence, meant for the person whom the call was made for: it may name
    amounts and ids, and is therefore no part of the exception's text.
    """

    code = "refused"

    def __init__(
        self,
        message: str = "",
        *,
        bank: str,
        status: int,
        code: str,
        request_id: str = "",
        told: str = "",
    ) -> None:
        super().__init__(message or f"status {status}", bank=bank, request_id=request_id, code=code)
        self.status = status
        self.told = told


class InvalidResponse(BankError):
    """The answer does not have the agreed form; `path` says where in the document."""

    code = "invalid_response"

    def __init__(self, message: str = "", *, bank: str, path: str = "", request_id: str = "") -> None:
        super().__init__(": ".join(filter(None, (path, message))), bank=bank, request_id=request_id)
        self.path = path


class BrokenDocument(InvalidResponse):
    """The body is not the JSON it should be; a body cut short on the way looks the same."""

    code = "broken_document"
    retryable = True


class AnswerTooBig(InvalidResponse):
    """The body, unpacked, is over the cap."""

    code = "answer_too_big"


class UnexpectedRedirect(InvalidResponse):
    """The bank sent us elsewhere: tokens do not follow."""

    code = "unexpected_redirect"


class EndlessPaging(InvalidResponse):
    """The pages lead in a circle, or past every sensible count; what came before is good."""

    code = "endless_paging"
    retryable = True
