"""Services: whether a bank can be reached, knows us, and still honours a consent."""

from dataclasses import dataclass
from datetime import datetime

from banking.clients import errors
from banking.clients.registry import client_for
from banking.clients.schemas import BankToken
from banking.clients.vtb import VtbClient
from banking.models import Bank, Consent
from banking.services.access import bank_config

OK = "ok"
SKIPPED = "-"


@dataclass(frozen=True, slots=True)
class BankCheck:
    """What each step came to: "ok", the code of its failure, or "-" when it was not tried."""

    bank_code: str
    reachable: str
    token: str
    consent: str

    @property
    def is_fine(self) -> bool:
        return {self.reachable, self.token} == {OK} and self.consent in {OK, SKIPPED}


def check_bank(*, bank: Bank, now: datetime) -> BankCheck:
    """Ask a bank for a token and about one consent of ours; nothing is stored."""
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
    named = Consent.objects.alive(now).filter(connection__bank=bank).exclude(consent_id="")
    consent = named.order_by("-last_used_at", "-pk").first()
    if consent is None:
        return SKIPPED
    try:
        answer = client.get_account_consent(token, consent_or_request_id=consent.consent_id)
    except errors.BankError as error:
        return error.code
    return OK if answer.status == "granted" else answer.status
