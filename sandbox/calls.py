"""What kind of call a request is: the words in which faults and the journal speak."""

from dataclasses import dataclass

from flask import Request

_KINDS = {
    "service.root": "service",
    "service.health": "service",
    "service.keys": "service",
    "tokens.issue": "token",
    "tokens.login": "login",
    "tokens.me": "login",
    "consents.ask": "consent_request",
    "consents.show": "consent",
    "consents.revoke": "consent_revoke",
    "accounts.accounts": "accounts",
    "accounts.account": "account",
    "accounts.balances": "balances",
    "accounts.transactions": "transactions",
    "cards.cards": "cards",
    "cards.card": "cards",
    "products.products": "products",
    "products.product": "products",
    "payments.ask": "payment_consent_request",
    "payments.show_consent": "payment_consent",
    "payments.revoke": "payment_consent_revoke",
    "payments.pay": "payments",
    "payments.show": "payment",
    "oauth.issue": "oauth_token",
    "client_info.ask": "info_consent",
    "client_info.show": "info_consent",
    "client_info.revoke": "info_consent",
    "client_info.accounts": "info_accounts",
    "client_info.account": "info_accounts",
    "client_info.balance": "info_balances",
    "client_info.balances": "info_balances",
    "client_info.transactions": "info_transactions",
    "rewards.balance": "rewards",
    "rewards.redemption": "rewards",
}
# What a call for rows asks for when it names no page.
_FIRST_PAGE = {"transactions": "1", "info_transactions": "0"}
CALL_KINDS = frozenset(_KINDS.values())


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a bank, as seen before it is answered."""

    bank: str
    kind: str
    account: str | None
    client: str | None
    page: int | None

    @classmethod
    def of(cls, request: Request) -> "Call | None":
        """Describe the request; what is no bank call (the client's page, control) is None."""
        kind = _KINDS.get((request.endpoint or "").removeprefix("front_"))
        if kind is None:
            return None
        seen = request.view_args or {}
        page = request.args.get("page", _FIRST_PAGE.get(kind, ""))
        return cls(
            bank=seen["bank"],
            kind=kind,
            account=seen.get("account_id"),
            client=request.args.get("client_id"),
            page=int(page) if kind in _FIRST_PAGE and page.isascii() and page.isdigit() else None,
        )
