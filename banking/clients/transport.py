"""Clients: one HTTP call to a bank, its limits, its retries and its failures by name.

The only module that knows `requests`. A transport may be shared between threads: its session never
changes after construction (cookies are refused, nothing comes from the environment) and the
connection pool below has its own lock.
"""

import logging
import random
import re
import ssl
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

from banking.clients.answers import Answer
from banking.clients.deadline import Deadline, OwnTlsPool, TimedHTTPPool, TimedHTTPSPool, current_deadline
from banking.clients.errors import (
    AnswerTooBig,
    AuthenticationFailed,
    BankError,
    BankUnavailable,
    BrokenDocument,
    InvalidResponse,
    MaintenancePage,
    RateLimited,
)
from banking.clients.faults import Rejection, failure_of, http_date
from banking.clients.strict_json import NotStrictJson, decode

logger = logging.getLogger(__name__)

CHUNK = 64 * 1024
TOLERATED_SKEW = 60.0
HTML = {"text/html", "application/xhtml+xml"}
USER_AGENT = "FinanceHub/1.0"
VISIBLE_ASCII = re.compile(r"[!-~]+")


class _HideSecretsInUrls(logging.Filter):
    """The library below logs whole URLs, and a bank takes our secret in the query."""

    SECRET = re.compile(r"(client_secret=)[^&\s\"')]+", re.IGNORECASE)

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if self.SECRET.search(message):
            record.msg, record.args, record.exc_info = self.SECRET.sub(r"\1***", message), (), None
        return True


for _name in ("urllib3.connectionpool", "urllib3.connection", "urllib3.response"):
    logging.getLogger(_name).addFilter(_HideSecretsInUrls())


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long, how much and how often. `total` bounds a call with all its retries and pauses."""

    connect: float = 5.0
    read: float = 20.0
    total: float = 30.0
    max_bytes: int = 5 * 1024 * 1024
    retries: int = 2
    first_pause: float = 0.3
    longest_pause: float = 2.0
    longest_wait_asked: float = 5.0


def utc_now() -> datetime:
    return datetime.now(UTC)


def nobody_counts() -> None:
    """Calls that no budget is kept of."""


@dataclass(frozen=True, slots=True)
class OwnTls:
    """A TLS context that replaces the usual one, and the name that the server's certificate must bear."""

    context: ssl.SSLContext
    server_name: str


class _TimedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": TimedHTTPPool, "https": TimedHTTPSPool}


class _OwnTlsAdapter(HTTPAdapter):
    def __init__(self, tls: OwnTls) -> None:
        self._tls = tls
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"ssl_context": self._tls.context, "server_hostname": self._tls.server_name}
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": OwnTlsPool}


class _Session(requests.Session):
    """A session that follows nothing and remembers nothing."""

    def __init__(self, *, ca_file: str | None, tls: OwnTls | None) -> None:
        super().__init__()
        self.trust_env = False
        self.verify = ca_file or True
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json"})
        self.mount("http://", _TimedAdapter())
        self.mount("https://", _OwnTlsAdapter(tls) if tls else _TimedAdapter())

    def get_redirect_target(self, resp: requests.Response) -> None:
        # Even with redirects off, requests would read the whole body of a 3xx to prepare the next hop.
        return None


class _TooBig(Exception):
    """The body went over the cap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """A call on its way: every try sends the same request under the same interaction id."""

    endpoint: str
    request_id: str
    request: requests.PreparedRequest
    secrets: tuple[str, ...]


class Transport:
    """Calls of one bank. With `raw` the document of an answer is its body as it came, for another parser."""

    def __init__(
        self,
        *,
        bank: str,
        base_url: str,
        ca_file: str | None = None,
        tls: OwnTls | None = None,
        secrets: tuple[str, ...] = (),
        limits: Limits | None = None,
        raw: bool = False,
        on_call: Callable[[], None] = nobody_counts,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.bank = bank
        self._base_url = base_url.rstrip("/")
        self._secrets = secrets
        self._limits = limits or Limits()
        self._raw = raw
        self._on_call = on_call
        self._sleep = sleep
        self._clock = clock
        self._now = now
        self._jitter = jitter
        self._skew_reported = False
        self._session = _Session(ca_file=ca_file, tls=tls)

    def close(self) -> None:
        self._session.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        endpoint: str,
        token: str | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        repeatable: bool = False,
    ) -> Answer:
        """Send one request and return its decoded answer; raises BankError.

        `endpoint` names the call in logs (the path holds ids). Only a `repeatable` call is tried again.
        """
        sent = self._prepared(
            endpoint,
            token,
            requests.Request(method, self._base_url + path, headers, params=params, json=json, data=form),
        )
        deadline = Deadline(seconds=self._limits.total, clock=self._clock)
        attempt = 1
        while True:
            outcome = self._attempt(sent, attempt, deadline)
            if isinstance(outcome, Answer):
                return outcome
            pause = self._pause_before(outcome, attempt, deadline) if repeatable else None
            if pause is None:
                raise outcome
            self._sleep(pause)
            attempt += 1

    def _prepared(self, endpoint: str, token: str | None, request: requests.Request) -> _Sent:
        request_id = str(uuid.uuid4())
        headers = {**request.headers, "x-fapi-interaction-id": request_id}
        if token is not None:
            if not VISIBLE_ASCII.fullmatch(token):
                raise AuthenticationFailed("unusable token", bank=self.bank, request_id=request_id)
            headers["Authorization"] = f"Bearer {token}"
        request.headers = headers
        return _Sent(
            endpoint=endpoint,
            request_id=request_id,
            request=self._session.prepare_request(request),
            secrets=tuple(filter(None, (*self._secrets, token))),
        )

    def _attempt(self, sent: _Sent, attempt: int, deadline: Deadline) -> Answer | BankError:
        self._on_call()
        started = self._clock()
        outcome = self._try(sent, deadline)
        failed = isinstance(outcome, BankError)
        logger.log(
            logging.WARNING if failed else logging.DEBUG,
            "bank call: bank=%s endpoint=%s attempt=%d outcome=%s ms=%d interaction_id=%s",
            self.bank,
            sent.endpoint,
            attempt,
            outcome.code if isinstance(outcome, BankError) else outcome.status,
            (self._clock() - started) * 1000,
            sent.request_id,
        )
        return outcome

    def _try(self, sent: _Sent, deadline: Deadline) -> Answer | BankError:
        """One try. A failure is returned, not raised: raised inside `except` it would drag the
        library's exception along, and that one's text holds the URL with the secret."""
        limits = self._limits
        scope = current_deadline.set((deadline, limits.read))
        try:
            timeout = (deadline.cap(limits.connect), deadline.cap(limits.read))
            with self._session.send(
                sent.request, stream=True, timeout=timeout, allow_redirects=False
            ) as response:
                return self._outcome(sent, response)
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as why:
            return BankUnavailable(bank=self.bank, request_id=sent.request_id, reason=_reason(why))
        finally:
            current_deadline.reset(scope)

    def _outcome(self, sent: _Sent, response: requests.Response) -> Answer | BankError:
        self._report_skew(response.headers.get("Date", ""))
        status = response.status_code
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return self._answer(response, sent.request_id)
        body = b""
        if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            body = self._error_body(response, sent.secrets)
        else:
            # A bank that failed drops the connection a moment later: the next call needs another.
            connection = response.raw.connection
            if connection is not None:
                connection.close()
        rejection = Rejection(
            bank=self.bank, request_id=sent.request_id, status=status, headers=response.headers, body=body
        )
        return failure_of(rejection, now=self._now())

    def _answer(self, response: requests.Response, request_id: str) -> Answer | BankError:
        bank, status = self.bank, response.status_code
        try:
            body = self._read(response)
        except _TooBig:
            return AnswerTooBig(f"over {self._limits.max_bytes} bytes", bank=bank, request_id=request_id)
        if status == HTTPStatus.NO_CONTENT:
            return Answer(bank=bank, request_id=request_id, status=status, document=None)
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind in HTML or (not self._raw and body.lstrip()[:1] == b"<"):
            return MaintenancePage(bank=bank, request_id=request_id, status=status)
        if not self._raw and kind and kind != "application/json" and not kind.endswith("+json"):
            return InvalidResponse("the content type is not JSON", bank=bank, request_id=request_id)
        try:
            document = body if self._raw else decode(body)
        except NotStrictJson as why:
            reason = str(why)
        else:
            return Answer(bank=bank, request_id=request_id, status=status, document=document)
        return BrokenDocument(reason, bank=bank, request_id=request_id)

    def _read(self, response: requests.Response) -> bytes:
        """The unpacked body, given up as soon as it is over the cap."""
        body = bytearray()
        for chunk in response.iter_content(CHUNK):
            body += chunk
            if len(body) > self._limits.max_bytes:
                raise _TooBig
        return bytes(body)

    def _error_body(self, response: requests.Response, secrets: tuple[str, ...]) -> bytes:
        try:
            body = self._read(response)
        except _TooBig:
            return b""
        for secret in secrets:
            body = body.replace(secret.encode(), b"***")
        return body

    def _pause_before(self, failure: BankError, attempt: int, deadline: Deadline) -> float | None:
        """Seconds until the next try, or None when there should be none."""
        if attempt > self._limits.retries or not _may_pass_soon(failure):
            return None
        asked = failure.retry_after if isinstance(failure, BankUnavailable | RateLimited) else None
        if asked is None:
            longest = min(self._limits.first_pause * 2 ** (attempt - 1), self._limits.longest_pause)
            pause = longest * (0.5 + self._jitter() / 2)
        elif asked <= self._limits.longest_wait_asked:
            pause = asked
        else:
            return None
        return pause if pause < deadline.remaining else None

    def _report_skew(self, date: str) -> None:
        """Say once that a clock is wrong: dates of tokens and rows will look odd."""
        moment = None if self._skew_reported else http_date(date)
        if moment is None:
            return
        skew = (moment - self._now()).total_seconds()
        if abs(skew) > TOLERATED_SKEW:
            self._skew_reported = True
            logger.warning("bank clock differs: bank=%s seconds=%d", self.bank, skew)


def _reason(why: Exception) -> str:
    # A time-out in the middle of a body comes wrapped as a connection error.
    kinds = (why, *why.args)
    if any(isinstance(kind, requests.exceptions.SSLError) for kind in kinds):
        return "tls"
    timeouts = (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)
    return "timeout" if any(isinstance(kind, timeouts) for kind in kinds) else "connection"


def _may_pass_soon(failure: BankError) -> bool:
    """Whether a second try within this call makes sense.

    A wrong certificate stays wrong, and a bank that counts our calls without saying when to come
    back is not asked again before the caller's own budget says so.
    """
    if isinstance(failure, RateLimited):
        return failure.retry_after is not None
    if isinstance(failure, BankUnavailable):
        return failure.reason != "tls"
    return failure.retryable
