"""Clients: the calls that move money. None of those that ask or order is ever repeated by itself."""

from typing import Any
from urllib.parse import quote

from banking.clients.config import BankConfig
from banking.clients.schemas import (
    BankToken,
    PaymentAnswer,
    PaymentConsentAnswer,
    PaymentOrder,
    parse_payment,
    parse_payment_consent,
)
from banking.clients.transport import Transport

ACCOUNT_SCHEME = "RU.CBR.PAN"


class PaymentCalls:
    """A bank's payment endpoints, as a part of its client.

    The banks know no idempotency key: an order whose answer was lost must never be sent again. Whether
    it was carried out, its consent says ("used"), and the debit on the account.
    """

    _config: BankConfig
    _transport: Transport

    def request_payment_consent(
        self, token: BankToken, *, client_id: str, order: PaymentOrder
    ) -> PaymentConsentAnswer:
        """Ask for a consent to one transfer. Each request makes one more consent."""
        answer = self._transport.call(
            "POST",
            "/payment-consents/request",
            endpoint="payment-consent-request",
            token=token.access_token,
            headers=self._requesting,
            json={
                "requesting_bank": self._config.team_id,
                "client_id": client_id,
                "consent_type": "single_use",
                "amount": _written(order),
                "currency": order.currency,
                "debtor_account": order.debtor_number,
                "creditor_account": order.creditor_number,
                "creditor_name": order.creditor_name,
                "reference": order.comment,
                "reason": order.comment,
            },
        )
        return parse_payment_consent(answer)

    def get_payment_consent(self, token: BankToken, *, consent_or_request_id: str) -> PaymentConsentAnswer:
        """Where a payment consent stands; asked by the request id, a signed one tells its new id."""
        answer = self._transport.call(
            "GET",
            f"/payment-consents/{quote(consent_or_request_id, safe='')}",
            endpoint="payment-consent",
            token=token.access_token,
            headers=self._requesting,
            repeatable=True,
        )
        return parse_payment_consent(answer, asked_for=consent_or_request_id)

    def revoke_payment_consent(self, token: BankToken, *, consent_id: str) -> None:
        """End a payment consent. One that was used reads "revoked" afterwards: ask where it stands first."""
        self._transport.call(
            "DELETE",
            f"/payment-consents/{quote(consent_id, safe='')}",
            endpoint="payment-consent-revoke",
            token=token.access_token,
            headers=self._requesting,
            repeatable=True,
        )

    def create_payment(
        self, token: BankToken, *, client_id: str, consent_id: str, order: PaymentOrder
    ) -> PaymentAnswer:
        """Order the transfer. A BankUnavailable or InvalidResponse leaves open whether it was carried out."""
        answer = self._transport.call(
            "POST",
            "/payments",
            endpoint="payment-order",
            token=token.access_token,
            params={"client_id": client_id},
            headers={**self._requesting, "X-Payment-Consent-Id": consent_id},
            json={"data": {"initiation": _initiation(order)}, "risk": {}},
        )
        return parse_payment(answer)

    def get_payment(self, token: BankToken, *, client_id: str, payment_id: str) -> PaymentAnswer:
        """What became of an order whose id is known."""
        answer = self._transport.call(
            "GET",
            f"/payments/{quote(payment_id, safe='')}",
            endpoint="payment",
            token=token.access_token,
            params={"client_id": client_id},
            headers=self._requesting,
            repeatable=True,
        )
        return parse_payment(answer)

    @property
    def _requesting(self) -> dict[str, str]:
        return {"X-Requesting-Bank": self._config.team_id}


def _initiation(order: PaymentOrder) -> dict[str, Any]:
    creditor = {"schemeName": ACCOUNT_SCHEME, "identification": order.creditor_number}
    if order.creditor_bank is not None:
        creditor["bank_code"] = order.creditor_bank
    return {
        "instructedAmount": {"amount": _written(order), "currency": order.currency},
        "debtorAccount": {"schemeName": ACCOUNT_SCHEME, "identification": order.debtor_number},
        "creditorAccount": creditor,
        "comment": order.comment,
    }


def _written(order: PaymentOrder) -> str:
    """The amount as the banks write it: two decimals, no exponent."""
    return f"{order.amount:.2f}"
