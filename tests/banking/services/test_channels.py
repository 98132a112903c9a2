"""Which way a bank is read: the policy of the connection decides, and what happened is on record.

The gateway here is a tunnel, which needs no engine; real handshakes are in tests/gost.
"""

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from banking import actions
from banking.apps import BankingConfig
from banking.clients import errors
from banking.clients.schemas import BankToken
from banking.models import AuditEvent, BankConnection, GostHandshake
from banking.queries import connections as queries
from banking.queries import transfers
from banking.queries.gost import SHUT, outcome_words
from banking.queries.health import Cause, error_words
from banking.services import access, gateway
from banking.services.connecting import SyncFailed
from tests.bank_server import TODAY
from tests.contract.bankingapi import REALM_PATH
from tests.factories import ConnectionFactory
from tests.gost.stage import Answering, closed_port

Channel = BankConnection.Channel
Via = GostHandshake.Via


@pytest.fixture
def api(banks, settings):
    """The bundled banks' other door, and a tunnel before it."""
    settings.BANKINGAPI_BASE_URL = f"{banks.root}/{{bank}}"
    settings.BANKINGAPI_TOKEN_URL = banks.root + REALM_PATH
    settings.BANKINGAPI_CLIENT_HEADER, settings.BANKINGAPI_CONSENT_HEADER = "X-Mdm-Id", "X-Consent-Id"
    settings.GOST_ENABLED = True
    settings.GOST_BASE_URL = f"{banks.root}/{{bank}}"
    return banks


@pytest.fixture
def shut(api, settings):
    settings.GOST_BASE_URL = f"http://127.0.0.1:{closed_port()}/{{bank}}"


@pytest.fixture
def everywhere(settings):
    """Whatever is not the gateway, counted."""
    with Answering() as server:
        settings.BANKINGAPI_BASE_URL = settings.BANKINGAPI_TOKEN_URL = server.url
        settings.BANK_BASE_URLS = dict.fromkeys(settings.BANK_BASE_URLS, server.url)
        yield server


def connect(user, channel=None, bank="vbank"):
    return actions.connect_bank_now(
        user=user, bank_code=bank, channel=channel, client_number="1", now=timezone.now()
    )


def health(connection):
    return queries.connection_overview(user=connection.user, pk=connection.pk, now=timezone.now()).health


def test_both_doors_of_a_bank_read_the_same(api, anna, boris):
    by_channel = [connect(anna), connect(boris, Channel.BANKING_API)]
    assert [connection.status for connection in by_channel] == ["active", "active"]
    listed = [
        set(connection.accounts.values_list("external_id", "balance_available")) for connection in by_channel
    ]
    assert listed[0] == listed[1] != set()
    assert not GostHandshake.objects.exists()


@pytest.mark.parametrize("gost_mode", [True, False])
def test_those_in_the_gost_mode_get_gost_or_nothing(api, anna, gost_mode):
    anna.use_gost_mode = gost_mode
    connection = connect(anna)
    assert (connection.channel, connection.gost_policy) == (
        (Channel.GOST, "require") if gost_mode else (Channel.BANK, "off")
    )


def test_a_tunnel_is_told_from_a_handshake(api, anna):
    kept = connect(anna, Channel.GOST).gost_handshake
    assert (kept.outcome, kept.via) == ("tunnel", Via.TUNNEL)
    assert (kept.is_verified, kept.verified_at, kept.suite) == (False, None, "")


def test_required_gost_that_is_shut_sends_nothing_anywhere(shut, everywhere, anna):
    with pytest.raises(errors.GatewayUnavailable):
        connect(anna, Channel.GOST)
    connection = BankConnection.objects.select_related("gost_handshake").get()
    assert everywhere.connections == 0
    assert (connection.last_error_code, connection.gost_handshake.via) == ("gost_unreachable", Via.NOTHING)
    assert health(connection).cause == Cause.CHANNEL
    assert health(connection).text == "ГОСТ-шлюз недоступен. Соединение не установлено"
    assert health(connection).text_about("VBank").startswith("VBank: ГОСТ-шлюз недоступен")


def test_required_gost_that_is_lost_later_sends_nothing_anywhere(api, settings, everywhere, anna):
    settings.BANKINGAPI_TOKEN_URL = api.root + REALM_PATH
    connection = connect(anna, Channel.GOST)
    settings.BANKINGAPI_TOKEN_URL = everywhere.url
    settings.GOST_BASE_URL = f"http://127.0.0.1:{closed_port()}"
    with pytest.raises(SyncFailed):
        actions.sync_now(connection=connection, trigger="person", now=timezone.now())
    actions.disconnect(connection=connection, actor=anna, keep_data=True, now=timezone.now())
    assert everywhere.connections == 0
    assert AuditEvent.objects.get(kind=AuditEvent.Kind.DISCONNECTED).detail["revoked_at_bank"] is False


def test_preferred_gost_that_is_shut_falls_back_and_says_so(shut, anna):
    connection = connect(anna, Channel.GOST_PREFERRED)
    kept = connection.gost_handshake
    assert connection.accounts.exists()
    assert (kept.outcome, kept.via, kept.fell_back) == ("unreachable", Via.ORDINARY, True)


def test_a_gateway_that_only_somebody_can_open_is_not_tried_again_by_itself(api, settings, anna):
    settings.GOST_BASE_URL = "https://127.0.0.1:9"
    settings.GOST_CA_FILE = "there-is-no-such-file.pem"
    with pytest.raises(errors.GatewayUnavailable) as failure:
        connect(anna, Channel.GOST)
    connection = BankConnection.objects.get()
    assert failure.value.reason in {"no_library", "misconfigured"}  # by what this process can do
    assert (connection.status, connection.next_run_at) == (BankConnection.Status.FAILED, None)
    assert health(connection).cause == Cause.CHANNEL


@pytest.mark.parametrize(
    ("channel", "off"),
    [
        (Channel.GOST, {"GOST_ENABLED": False}),
        (Channel.GOST_PREFERRED, {"GOST_ENABLED": False}),
        (Channel.BANKING_API, {"BANKINGAPI_CLIENT_SECRET": ""}),
    ],
)
def test_a_channel_that_is_not_there_begins_nothing(api, settings, anna, channel, off):
    for name, value in off.items():
        setattr(settings, name, value)
    with pytest.raises(gateway.ChannelUnavailable):
        connect(anna, channel)
    assert not BankConnection.objects.exists()
    assert channel not in gateway.available_channels()


def test_an_open_connection_keeps_its_channel_until_it_is_given_up(api, anna):
    connection = connect(anna)
    with pytest.raises(actions.OtherChannel):
        connect(anna, Channel.GOST)
    actions.disconnect(connection=connection, actor=anna, keep_data=True, now=timezone.now())
    rows = connection.accounts.count()
    again = connect(anna, Channel.GOST)
    assert (again.pk, again.channel, again.status) == (connection.pk, Channel.GOST, "active")
    assert again.accounts.count() == rows


def test_what_one_system_was_not_told_the_other_does_not_hear(api, settings, everywhere, anna):
    settings.BANKINGAPI_TOKEN_URL = api.root + REALM_PATH
    connection = connect(anna, Channel.GOST)
    tunnel, settings.GOST_BASE_URL = settings.GOST_BASE_URL, f"http://127.0.0.1:{closed_port()}"
    assert not actions.disconnect(connection=connection, actor=anna, keep_data=True, now=timezone.now())
    api.control("vbank", "calls", method="DELETE")
    stale = BankConnection.objects.select_related("bank").get(pk=connection.pk)
    settings.BANK_BASE_URLS = dict.fromkeys(settings.BANK_BASE_URLS, api.url("vbank"))
    BankConnection.objects.update(retry_after=timezone.now() + timedelta(hours=1))

    again = connect(anna, Channel.BANK)

    settings.GOST_BASE_URL = tunnel
    with access.BankAccess(stale, now=timezone.now()) as way:
        way.renew_token()
    kept = BankConnection.objects.get()
    assert (again.status, kept.token_sealed, kept.retry_after) == ("active", again.token_sealed, None)
    assert not again.consents.exclude(revoke_due_at=None).exists()
    assert GostHandshake.objects.filter(connection=again).exists()
    assert queries.connection_overview(user=anna, pk=again.pk, now=timezone.now()).gost is None
    heard = [call["kind"] for call in api.control("vbank", "calls", method="GET")]
    assert "accounts" in heard
    assert "consent_revoke" not in heard


def test_a_token_of_minutes_is_not_renewed_at_every_call(api, anna):
    connection = connect(anna, Channel.BANKING_API)
    sealed = connection.token_sealed
    assert connection.token_expires_at - timezone.now() <= timedelta(minutes=5)
    with access.BankAccess(connection, now=timezone.now()) as way:
        way.with_session(way.client.list_accounts)
    assert connection.token_sealed == sealed
    late = connection.token_expires_at - timedelta(seconds=29)
    with access.BankAccess(connection, now=late) as way:
        way.token()
    assert connection.token_sealed != sealed


def test_a_token_of_seconds_lives_a_tenth_short(api, anna, monkeypatch):
    connection = connect(anna, Channel.BANKING_API)
    with access.BankAccess(connection, now=TODAY) as way:
        given = [BankToken("first", TODAY + timedelta(seconds=5)), BankToken("second", TODAY)]
        monkeypatch.setattr(way.client, "fetch_token", lambda: given.pop(0))
        way.renew_token()
        assert [way.token().access_token for _ in range(3)] == ["first"] * 3


@pytest.mark.parametrize("channel", [Channel.GOST, Channel.GOST_PREFERRED, Channel.BANKING_API])
def test_the_banking_api_only_reads(api, anna, channel):
    connection = connect(anna, channel)
    assert transfers.choices_of(user=anna).sources == ()
    with access.BankAccess(connection, now=TODAY) as way, pytest.raises(errors.CannotPay):
        _ = way.payments


def test_evidence_of_a_connection_that_was_removed_meanwhile_is_dropped(api, anna):
    connection = ConnectionFactory(user=anna)
    gone = connection.pk
    connection.delete()
    gateway.keep_evidence(gone, gateway.measure().check, Via.TUNNEL)
    assert not GostHandshake.objects.exists()


def test_each_outcome_has_words_of_its_own():
    assert len({outcome_words(outcome) for outcome in SHUT}) == len(SHUT)
    assert error_words("gost_expired") == "сертификат ГОСТ-шлюза просрочен"
    assert error_words("gost_refused") == "ГОСТ-шлюз отказал в рукопожатии"


def test_settings_that_trust_nobody_are_refused_at_the_start(settings):
    settings.GOST_ENABLED, settings.GOST_CA_FILE = True, ""
    with pytest.raises(ImproperlyConfigured, match="pin an authority"):
        BankingConfig.create("banking").ready()


def test_what_opens_without_a_consent_there_is_nobody_s_signature(api, anna):
    """The Banking API shows its demo client to whoever names no consent: that is not the person's data."""
    connection = connect(anna, Channel.BANKING_API, bank="sbank")
    checked = actions.check_consent(connection=connection, says_signed=True, now=timezone.now())
    assert checked.status == BankConnection.Status.AWAITING
    request = connection.consents.get().request_id
    api.control("sbank", f"requests/{request}/approve")
    later = timezone.now() + timedelta(seconds=5)
    assert actions.check_consent(connection=connection, now=later).status == BankConnection.Status.ACTIVE
