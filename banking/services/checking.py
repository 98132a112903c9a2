"""Services: whether a bank can be reached, knows us, honours a consent, and speaks GOST where it should."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings

from banking.clients import errors
from banking.clients.gost.route import GostPolicy
from banking.clients.registry import client_for
from banking.clients.schemas import BankSession, BankToken
from banking.clients.vtb import VtbClient
from banking.models import Bank, BankConnection, Consent
from banking.services import gateway
from banking.services.access import bank_config

OK = "ok"
SKIPPED = "-"


@dataclass(frozen=True, slots=True)
class BankCheck:
    """What each step came to: "ok", the code of its failure, or "-" when it was not tried.

    `gost` is the outcome of a handshake, by its name.
    """

    bank_code: str
    reachable: str
    token: str
    consent: str
    gost: str = SKIPPED
    gost_works: bool = True

    @property
    def is_fine(self) -> bool:
        works = {self.reachable, self.token} == {OK} and self.consent in {OK, SKIPPED}
        return works and self.gost_works


def check_bank(*, bank: Bank, now: datetime) -> BankCheck:
    """Ask a bank for a token and about a consent of ours, its gateway for a handshake; stores nothing."""
    check = _check_bank(bank, now=now)
    if not settings.GOST_ENABLED:
        return check
    made = gateway.measure(bank.code).check
    return replace(check, gost=made.outcome, gost_works=made.is_working)


def check_banking_api() -> tuple[bool, bool]:
    """Whether we are given a token for the Banking API, and whether it answers by ordinary TLS.

    Without a secret nobody is asked.
    """
    if not settings.BANKINGAPI_CLIENT_SECRET:
        return False, False
    code = next(iter(settings.BANK_BASE_URLS))
    with client_for(gateway.api_config(code, policy=GostPolicy.OFF)) as client:
        try:
            token = client.fetch_token()
        except errors.BankError:
            return False, False
        try:
            client.list_accounts(BankSession(token=token, client_id="", consent_id=None))
        except errors.BankUnavailable:
            return True, False
        except errors.BankError:
            return True, True  # it answers, if only to say no
        return True, True


def _check_bank(bank: Bank, *, now: datetime) -> BankCheck:
    client = client_for(bank_config(bank.code))
    try:
        token = client.fetch_token()
    except errors.BankUnavailable as error:
        return BankCheck(bank.code, error.code, SKIPPED, SKIPPED)
    except errors.BankError as error:
        return BankCheck(bank.code, OK, error.code, SKIPPED)
    else:
        return BankCheck(bank.code, OK, OK, _consent(client, token, bank=bank, now=now))
    finally:
        client.close()


def _consent(client: VtbClient, token: BankToken, *, bank: Bank, now: datetime) -> str:
    """The state of the consent that was used last, in the bank's words brought to ours."""
    own = BankConnection.objects.filter(bank=bank, channel=BankConnection.Channel.BANK)
    named = Consent.objects.alive(now).filter(connection__in=own).exclude(consent_id="")
    consent = named.order_by("-last_used_at", "-pk").first()
    if consent is None:
        return SKIPPED
    try:
        answer = client.get_account_consent(token, consent_or_request_id=consent.consent_id)
    except errors.BankError as error:
        return error.code
    return OK if answer.status == "granted" else answer.status
