"""Commands for operators: what they do, print and exit with."""

import io
import itertools
import re
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connections

from banking.models import Bank, BankConnection, Consent
from banking.services import access, keys
from financehub import crypto
from financehub.users.models import User
from tests.bank_server import TODAY, BankServer
from tests.banking.sync.bank import Bank as BankInMemory
from tests.factories import BankFactory, ConnectionFactory, ConsentFactory, UserFactory

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
MANY = 10_000


def run(command: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(command, *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def with_tokens(count: int, settings) -> list[BankConnection]:
    """Connections, each with its token sealed by the old key."""
    settings.BANK_TOKEN_KEYS = [OLD]
    user, bank = UserFactory(), BankFactory()
    made = BankConnection.objects.bulk_create(
        ConnectionFactory.build(user=user, bank=bank, client_id=f"client-{number}") for number in range(count)
    )
    for connection in made:
        connection.keep_token(f"token-of-{connection.pk}", expires_at=TODAY)
    BankConnection.objects.bulk_update(made, ["token_sealed", "token_expires_at"], batch_size=100)
    return made


@pytest.mark.parametrize(
    "command",
    [
        "connect_demo",
        "sync_banks",
        "rotate_keys",
        "rotate_bank_keys",
        "expire_consents",
        "check_banks",
        "rebuild_totals",
        "register_partner",
    ],
)
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as ended:
        call_command(command, "--help")

    assert ended.value.code == 0
    assert "usage" in capsys.readouterr().out


@contextmanager
def synchronising(pks: list[int]) -> Iterator[Counter[int]]:
    """Workers that go on reading banks, each time with a token renewed; how often for whom."""
    over = threading.Event()
    renewed: Counter[int] = Counter()

    def work(mine: list[int]) -> None:
        try:
            for pk in itertools.takewhile(lambda _pk: not over.wait(0.003), itertools.cycle(mine)):
                connection = BankConnection.objects.select_related("bank").get(pk=pk)
                with access.BankAccess(connection, now=TODAY) as way:
                    way.with_token(lambda _token, pk=pk: renewed.update([pk]))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        workers = [threads.submit(work, pks[start::2]) for start in range(2)]
        try:
            yield renewed
        finally:
            over.set()
    for worker in workers:
        worker.result()


@pytest.mark.django_db(transaction=True)
def test_ten_thousand_tokens_are_rotated_during_synchronisations(settings, monkeypatch):
    pks = [connection.pk for connection in with_tokens(MANY, settings)]
    monkeypatch.setattr(access, "client_for", lambda _config: BankInMemory(token_life=timedelta()))
    settings.BANK_TOKEN_KEYS = [NEW, OLD]

    with synchronising(pks[::97]) as renewed:
        told = run("rotate_keys")
    rotated, overtaken, unreadable = map(int, re.findall(r": (\d+)", told))
    assert (rotated + overtaken, unreadable) == (MANY, 0)

    settings.BANK_TOKEN_KEYS = [NEW]
    opened = {found.pk: found.open_token() for found in BankConnection.objects.iterator()}
    assert opened.keys() == set(pks)
    assert renewed
    assert all(
        token == "token-1" if pk in renewed else token == f"token-of-{pk}" for pk, token in opened.items()
    )


def test_a_token_swapped_into_another_row_is_refused_and_named(db, settings):
    first, second = with_tokens(2, settings)
    BankConnection.objects.filter(pk=second.pk).update(token_sealed=first.token_sealed)
    settings.BANK_TOKEN_KEYS = [NEW, OLD]

    with pytest.raises(CommandError, match="1 tokens cannot be read"):
        run("rotate_keys")

    second.refresh_from_db()
    with pytest.raises(crypto.UnreadableSecret):
        second.open_token()


def test_a_token_renewed_meanwhile_is_not_overwritten(db, settings):
    (connection,) = with_tokens(1, settings)
    settings.BANK_TOKEN_KEYS = [NEW, OLD]
    read_before = connection.token_sealed
    connection.keep_token("fresh", expires_at=TODAY)
    connection.save()

    rotation = keys.Rotation()
    keys._rotate(keys.STORES[0], connection.pk, connection.pk, read_before, rotation)

    connection.refresh_from_db()
    assert (connection.open_token(), rotation.overtaken) == ("fresh", 1)


def test_consents_past_their_date_are_marked_once(banks: BankServer, anna: User):
    past = ConsentFactory(connection=ConnectionFactory(user=anna), expires_at=TODAY - timedelta(days=1))

    assert "expired: 1." in run("expire_consents")
    assert "expired: 0." in run("expire_consents")
    past.refresh_from_db()
    assert past.status == Consent.Status.EXPIRED


def test_connecting_and_reading_every_bank(banks: BankServer, anna: User):
    told = run("connect_demo", "--user", "anna", "--wait")

    assert "vbank: active" in told
    assert "sbank: awaiting, 0 accounts" in told
    assert "vbank: active" in run("connect_demo", "--user", "anna", "--bank", "VBank", "--wait")


@pytest.mark.parametrize("arguments", [["--user", "nobody"], ["--user", "anna", "--bank", "nobank"]])
def test_connecting_nobody_or_nowhere_fails(banks: BankServer, anna: User, arguments):
    with pytest.raises(CommandError, match="There is no"):
        run("connect_demo", *arguments)


def test_a_bank_that_fails_is_counted(banks: BankServer, anna: User, settings):
    settings.BANK_BASE_URLS = settings.BANK_BASE_URLS | {"abank": "http://127.0.0.1:9/abank"}

    with pytest.raises(CommandError, match="1 of 3 banks failed: abank"):
        run("connect_demo", "--user", "anna", "--wait")
    with pytest.raises(CommandError, match="1 of 3 banks do not work: abank"):
        run("check_banks")


def test_banks_that_work_are_said_to(banks: BankServer, anna: User):
    run("connect_demo", "--user", "anna", "--bank", "vbank", "--wait")

    told = run("check_banks")

    assert "vbank: reachable ok, token ok, consent ok" in told
    assert "abank: reachable ok, token ok, consent -" in told


def test_a_consent_that_the_bank_ended_is_told(banks: BankServer, anna: User):
    run("connect_demo", "--user", "anna", "--bank", "vbank", "--wait")
    with access.BankAccess(BankConnection.objects.get(), now=TODAY) as way:
        way.client.revoke_account_consent(way.token(), consent_id=Consent.objects.get().consent_id)

    with pytest.raises(CommandError, match="vbank"):
        run("check_banks", "--bank", "vbank")


def test_a_bank_that_does_not_know_us_is_told(banks: BankServer, db, settings):
    settings.BANK_TEAM_SECRET = "wrong"

    with pytest.raises(CommandError, match=f"{Bank.objects.filter(is_active=True).count()} of 3"):
        run("check_banks")
