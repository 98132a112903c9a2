"""Clients: Open Banking Russia v2.1 as the sandbox banks speak it, one method per endpoint."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import quote

from banking.clients.answers import Answer
from banking.clients.closing import Closing
from banking.clients.config import BankConfig
from banking.clients.errors import (
    AuthenticationFailed,
    ConsentRequired,
    CredentialsRefused,
    Refused,
)
from banking.clients.paging import PagingGuard, next_step
from banking.clients.payments import PaymentCalls
from banking.clients.schemas import (
    AccountBalances,
    BankAccount,
    BankCard,
    BankProduct,
    BankSession,
    BankToken,
    ConsentAnswer,
    Listing,
    TransactionPage,
    parse_accounts,
    parse_balances,
    parse_cards,
    parse_consent,
    parse_products,
    parse_token,
    parse_transaction_page,
)
from banking.clients.transport import Transport, utc_now

PAGE_LIMIT = 100


class VtbClient(Closing, PaymentCalls):
    """One bank. Decides by answers, never by the bank's name; safe to share between threads."""

    renew_early: ClassVar[timedelta] = timedelta(minutes=5)

    def __init__(
        self,
        config: BankConfig,
        *,
        transport: Transport | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.bank = config.code
        self._config = config
        self._now = now
        self._transport = transport or Transport(
            bank=config.code,
            base_url=config.base_url,
            ca_file=config.ca_file,
            secrets=(config.team_secret,),
            limits=config.limits,
            on_call=config.on_call,
            now=now,
        )

    def close(self) -> None:
        self._transport.close()

    def fetch_token(self) -> BankToken:
        """A new token of our application; raises CredentialsRefused when the bank does not know us."""
        params = {"client_id": self._config.team_id, "client_secret": self._config.team_secret}
        try:
            answer = self._transport.call(
                "POST", "/auth/bank-token", endpoint="bank-token", params=params, repeatable=True
            )
        except AuthenticationFailed as refused:
            request_id = refused.request_id
        else:
            return parse_token(answer, now=self._now())
        raise CredentialsRefused(bank=self.bank, request_id=request_id)

    def request_account_consent(
        self, token: BankToken, *, client_id: str, permissions: Sequence[str], reason: str
    ) -> ConsentAnswer:
        """Ask for a consent. Never repeated by itself: each request may make one more consent."""
        answer = self._transport.call(
            "POST",
            "/account-consents/request",
            endpoint="consent-request",
            token=token.access_token,
            headers={"X-Requesting-Bank": self._config.team_id},
            json={
                "client_id": client_id,
                "permissions": list(permissions),
                "reason": reason,
                "requesting_bank": self._config.team_id,
                "requesting_bank_name": self._config.app_name,
            },
        )
        return parse_consent(answer, now=self._now())

    def get_account_consent(self, token: BankToken, *, consent_or_request_id: str) -> ConsentAnswer:
        """Where a consent stands. Asked by the request id, a signed one answers with its new consent id.

        A bank of the published version says "waiting" for ever: see `opens_without_consent_id`.
        """
        answer = self._transport.call(
            "GET",
            f"/account-consents/{_step(consent_or_request_id)}",
            endpoint="consent",
            token=token.access_token,
            headers={"X-Requesting-Bank": self._config.team_id},
            repeatable=True,
        )
        return parse_consent(answer, now=self._now(), asked_for=consent_or_request_id)

    def opens_without_consent_id(self, token: BankToken, *, client_id: str) -> bool:
        """Whether the data opens with no consent named: how a published-version bank shows a signature.

        True also for an older consent of the same client that is still alive. The session to use from
        then on is one with `consent_id=None`.
        """
        try:
            self._get_for_client("/accounts", BankSession(token=token, client_id=client_id, consent_id=None))
        except ConsentRequired:
            return False
        return True

    def revoke_account_consent(self, token: BankToken, *, consent_id: str) -> None:
        """End a consent; ending it twice is the same. A request not yet signed is Refused (404)."""
        self._transport.call(
            "DELETE",
            f"/account-consents/{_step(consent_id)}",
            endpoint="consent-revoke",
            token=token.access_token,
            headers={"X-Requesting-Bank": self._config.team_id},
            repeatable=True,
        )

    def list_accounts(self, session: BankSession) -> Listing[BankAccount]:
        """The client's open accounts, in no order; a closed one is simply not there."""
        return parse_accounts(self._get_for_client("/accounts", session))

    def get_balances(self, session: BankSession, *, account_id: str) -> AccountBalances:
        """What the bank says now; a loan's debt is positive."""
        return parse_balances(
            self._get(f"/accounts/{_step(account_id)}/balances", session, endpoint="balances")
        )

    def iter_transaction_pages(
        self, session: BankSession, *, account_id: str, start_page: int = 1, limit: int = PAGE_LIMIT
    ) -> Iterator[TransactionPage]:
        """Every page from `start_page` to the bank's own end, newest first.

        Rows may come twice and, when the bank books meanwhile, be missed: overlap and upsert. Raises
        EndlessPaging after the pages that were good, so that they are not lost.
        """
        path = f"/accounts/{_step(account_id)}/transactions"
        guard = PagingGuard(bank=self.bank)
        params = {"page": str(start_page), "limit": str(limit)}
        number = start_page
        while True:
            guard.before(params)
            answer, params = self._transactions(path, session, params)
            page = parse_transaction_page(answer, page=number)
            yield page
            if page.is_last:
                return
            guard.after(page)
            params, number = next_step(page, params)

    def list_cards(self, session: BankSession) -> Listing[BankCard]:
        """The client's cards; none where the bank has no cards or the consent does not reach them."""
        try:
            return parse_cards(self._get_for_client("/cards", session))
        except ConsentRequired:
            return Listing()
        except Refused as refused:
            if refused.status in {403, 404}:
                return Listing()
            raise

    def list_products(self, token: BankToken) -> Listing[BankProduct]:
        """What the bank offers to anybody."""
        return parse_products(
            self._transport.call(
                "GET", "/products", endpoint="products", token=token.access_token, repeatable=True
            )
        )

    def _transactions(
        self, path: str, session: BankSession, params: dict[str, str]
    ) -> tuple[Answer, dict[str, str]]:
        """One page; where the bank does not take our page size, by its own."""
        try:
            return self._get(path, session, endpoint="transactions", params=params), params
        except Refused as refused:
            if refused.code != "validation_failed" or "limit" not in params:
                raise
        own = {name: value for name, value in params.items() if name != "limit"}
        return self._get(path, session, endpoint="transactions", params=own), own

    def _get_for_client(self, path: str, session: BankSession) -> Answer:
        return self._get(path, session, endpoint=path.strip("/"), params={"client_id": session.client_id})

    def _get(
        self, path: str, session: BankSession, *, endpoint: str, params: dict[str, str] | None = None
    ) -> Answer:
        headers = {"X-Requesting-Bank": self._config.team_id}
        if session.consent_id:
            headers["X-Consent-Id"] = session.consent_id
        return self._transport.call(
            "GET",
            path,
            endpoint=endpoint,
            token=session.token.access_token,
            params=params,
            headers=headers,
            repeatable=True,
        )


def _step(identifier: str) -> str:
    """An id of the bank's as one step of a path."""
    return quote(identifier, safe="")
