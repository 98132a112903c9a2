"""Clients: the Banking API, `clientInfo` in the standard's envelope, over ordinary TLS or through GOST.

The results are those of VtbClient, and so are the calls: who reads a bank need not know which one it is.
"""

import re
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, urlsplit

from banking.clients.answers import Answer
from banking.clients.closing import Closing
from banking.clients.errors import (
    AuthenticationFailed,
    BankError,
    ConsentRequired,
    CredentialsRefused,
    EndlessPaging,
    GatewayUnavailable,
    Refused,
)
from banking.clients.gost.config import GostConfig
from banking.clients.gost.handshake import GostCheck
from banking.clients.gost.route import GostPolicy, Route, choose_route
from banking.clients.paging import PagingGuard
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
    parse_consent,
    parse_token,
    parse_transaction_page,
)
from banking.clients.schemas.standard import consent_request, pages_in_all
from banking.clients.transport import USER_AGENT, Limits, Transport, nobody_counts, utc_now

CLIENT_INFO = "/extapi/aft/clientInfo/hackathon/v1"
UNSTATED_TOKEN_LIFE = 60
CONSENT_LIFE = timedelta(days=90)
HISTORY = timedelta(days=3 * 366)
MOST_ACCOUNT_PAGES = 50
# What came of an attempt to use GOST, and the way taken: gost, tunnel, ordinary, or none at all.
OnAttempt = Callable[[GostCheck, str], None]
HEADER_NAME = re.compile(r"[A-Za-z0-9-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class BankingApiConfig:
    """The Banking API as an application sees it.

    `token_url` is the whole address of the token endpoint, always reached by ordinary TLS; `base_url` is the
    API's ordinary address and `gost` the gateway to the same API. How a call names the client and the consent
    was never published: `client_header` and `consent_header` say it where a server wants to know.
    """

    code: str
    base_url: str
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    ca_file: str | None = None
    interface: str = CLIENT_INFO
    client_header: str = ""
    consent_header: str = ""
    gost: GostConfig | None = None
    policy: GostPolicy = GostPolicy.OFF
    limits: Limits = field(default_factory=Limits)
    on_call: Callable[[], None] = nobody_counts

    def __post_init__(self) -> None:
        for name in ("base_url", "token_url"):
            url = urlsplit(getattr(self, name))
            if url.scheme not in {"http", "https"} or not url.hostname or url.query or url.fragment:
                raise ValueError(f"{self.code}: {name} must be http(s)://host[:port][/path]")
        if self.ca_file and not Path(self.ca_file).is_file():
            raise ValueError(f"{self.code}: there is no CA file {self.ca_file}")
        if not HEADER_NAME.fullmatch(self.client_header + self.consent_header):
            raise ValueError(f"{self.code}: a header's name has letters, digits and dashes")


class BankingApiClient(Closing):
    """The Banking API for one bank. Safe to share between threads.

    The way to the API is chosen at the first call that needs it, and kept; before it is open, nothing is
    sent to anybody, not even our secret for a token.
    """

    # Tokens live minutes here: renewed this long before their end, or a tenth of their life if that is less.
    renew_early: ClassVar[timedelta] = timedelta(seconds=30)

    def __init__(
        self,
        config: BankingApiConfig,
        *,
        on_attempt: OnAttempt | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.bank = config.code
        self._config = config
        self._on_attempt = on_attempt
        self._now = now
        self._lock = threading.Lock()
        self._opened: tuple[Route, Transport] | None = None
        self._keycloak = Transport(
            bank=config.code,
            base_url=config.token_url,
            ca_file=config.ca_file,
            secrets=(config.client_secret,),
            limits=config.limits,
            on_call=config.on_call,
            now=now,
        )

    def close(self) -> None:
        self._keycloak.close()
        if self._opened is not None:
            self._opened[1].close()

    @property
    def route(self) -> Route:
        """The way to the API with its evidence; raises GatewayUnavailable where GOST is required and shut."""
        return self._open()[0]

    def fetch_token(self) -> BankToken:
        """A new token of our application; raises CredentialsRefused when Keycloak does not know us."""
        self._open()
        try:
            answer = self._keycloak.call(
                "POST",
                "",
                endpoint="oauth-token",
                form={
                    "grant_type": "client_credentials",
                    "client_id": self._config.client_id,
                    "client_secret": self._config.client_secret,
                },
                repeatable=True,
            )
        except (AuthenticationFailed, Refused) as refused:
            failure = self._refused_at_keycloak(refused)
        else:
            return parse_token(answer, now=self._now(), unstated_life=UNSTATED_TOKEN_LIFE)
        raise failure

    def request_account_consent(
        self, token: BankToken, *, client_id: str, permissions: Sequence[str], reason: str
    ) -> ConsentAnswer:
        """Ask for a consent. The standard has no place for a reason; never repeated by itself."""
        now = self._now()
        answer = self._transport.call(
            "POST",
            f"{self._config.interface}/account-consents",
            endpoint="consent-request",
            token=token.access_token,
            headers={
                **self._headers(client_id=client_id, consent_id=None),
                "x-idempotency-key": str(uuid.uuid4()),
            },
            json=consent_request(
                permissions=permissions, since=now - HISTORY, until=now, expires_at=now + CONSENT_LIFE
            ),
        )
        return parse_consent(answer, now=self._now())

    def get_account_consent(self, token: BankToken, *, consent_or_request_id: str) -> ConsentAnswer:
        """Where a consent stands."""
        answer = self._consent_call("GET", token, consent_or_request_id, endpoint="consent")
        return parse_consent(answer, now=self._now(), asked_for=consent_or_request_id)

    def opens_without_consent_id(self, token: BankToken, *, client_id: str) -> bool:
        """Whether the data opens with no consent named."""
        try:
            self.list_accounts(BankSession(token=token, client_id=client_id, consent_id=None))
        except ConsentRequired:
            return False
        return True

    def revoke_account_consent(self, token: BankToken, *, consent_id: str) -> None:
        """End a consent; ending it twice is the same."""
        self._consent_call("DELETE", token, consent_id, endpoint="consent-revoke")

    def list_accounts(self, session: BankSession) -> Listing[BankAccount]:
        """The client's accounts, of all pages."""
        first = self._get("/accounts", session, endpoint="accounts")
        pages = pages_in_all(first)
        if pages > MOST_ACCOUNT_PAGES:
            raise EndlessPaging(f"{pages} pages of accounts", bank=self.bank, path="meta.totalPages")
        rest = (
            self._get("/accounts", session, endpoint="accounts", params={"page": str(page)})
            for page in range(1, pages)
        )
        listings = [parse_accounts(answer) for answer in (first, *rest)]
        whole = Listing(account for listing in listings for account in listing)
        whole.rejected = tuple(row for listing in listings for row in listing.rejected)
        return whole

    def get_balances(self, session: BankSession, *, account_id: str) -> AccountBalances:
        """What the bank says now; one object or a list."""
        return parse_balances(
            self._get(f"/accounts/{_step(account_id)}/balance", session, endpoint="balances")
        )

    def iter_transaction_pages(
        self, session: BankSession, *, account_id: str, start_page: int = 1
    ) -> Iterator[TransactionPage]:
        """Every page from `start_page` to the bank's own end.

        Pages count from one here, as everywhere with us, and from zero on the wire. Raises EndlessPaging
        after the pages that were good.
        """
        path = f"/accounts/{_step(account_id)}/transactions"
        guard = PagingGuard(bank=self.bank)
        params, number = {"page": str(start_page - 1)}, start_page
        while True:
            guard.before(params)
            answer = self._get(path, session, endpoint="transactions", params=params)
            page = parse_transaction_page(answer, page=number)
            yield page
            if page.is_last:
                return
            guard.after(page)
            params = page.next_params or {**params, "page": str(number)}
            number = _number(params, otherwise=number + 1)

    def list_cards(self, session: BankSession) -> Listing[BankCard]:
        """None: this interface describes no cards."""
        return Listing()

    def list_products(self, token: BankToken) -> Listing[BankProduct]:
        """None: this interface offers nothing."""
        return Listing()

    @property
    def _transport(self) -> Transport:
        return self._open()[1]

    def _open(self) -> tuple[Route, Transport]:
        with self._lock:
            if self._opened is None:
                route = self._choose_route()
                self._opened = route, self._transport_on(route)
            return self._opened

    def _choose_route(self) -> Route:
        """Decide, and show the evidence to whoever keeps it, be the way open or shut."""
        config = self._config
        try:
            route = choose_route(
                bank=self.bank, policy=config.policy, base_url=config.base_url, gost=config.gost
            )
        except GatewayUnavailable as shut:
            self._show(shut.check, "")
            raise
        if route.check is not None:
            self._show(route.check, route.via)
        return route

    def _show(self, check: GostCheck, via: str) -> None:
        if self._on_attempt is not None:
            self._on_attempt(check, via)

    def _transport_on(self, route: Route) -> Transport:
        config = self._config
        return Transport(
            bank=self.bank,
            base_url=route.base_url,
            ca_file=config.ca_file,
            tls=route.tls,
            secrets=(config.client_secret,),
            limits=config.limits,
            on_call=config.on_call,
            now=self._now,
        )

    def _refused_at_keycloak(self, refused: BankError) -> BankError:
        """400 and 401 say that we are misconfigured; how they are told apart differs by version."""
        if isinstance(refused, Refused) and refused.code != "bad_request":
            return refused
        return CredentialsRefused(bank=self.bank, request_id=refused.request_id)

    def _consent_call(self, method: str, token: BankToken, consent_id: str, *, endpoint: str) -> Answer:
        return self._transport.call(
            method,
            f"{self._config.interface}/account-consents/{_step(consent_id)}",
            endpoint=endpoint,
            token=token.access_token,
            headers=self._headers(client_id="", consent_id=None),
            repeatable=True,
        )

    def _get(
        self, path: str, session: BankSession, *, endpoint: str, params: dict[str, str] | None = None
    ) -> Answer:
        return self._transport.call(
            "GET",
            self._config.interface + path,
            endpoint=endpoint,
            token=session.token.access_token,
            params=params,
            headers=self._headers(client_id=session.client_id, consent_id=session.consent_id),
            repeatable=True,
        )

    def _headers(self, *, client_id: str, consent_id: str | None) -> dict[str, str]:
        headers = {
            "Host": self.route.host_header,
            "x-fapi-auth-date": format_datetime(self._now(), usegmt=True),
            "x-customer-user-agent": USER_AGENT,
        }
        if self._config.client_header:
            headers[self._config.client_header] = client_id
        if self._config.consent_header:
            headers[self._config.consent_header] = consent_id or ""
        return {name: value for name, value in headers.items() if value}


def _number(params: dict[str, str], *, otherwise: int) -> int:
    """Which page of ours a query asks for."""
    named = params.get("page", "")
    return int(named) + 1 if named.isascii() and named.isdigit() else otherwise


def _step(identifier: str) -> str:
    """An id of the bank's as one step of a path."""
    return quote(identifier, safe="")
