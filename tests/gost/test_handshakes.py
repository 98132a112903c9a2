"""Each way in which a GOST handshake can end, made for real and called by its name."""

import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import requests

from banking.clients.gost.certificates import facts_of
from banking.clients.gost.handshake import check_gateway
from banking.clients.gost.suites import SUITES
from sandbox.gost.authority import KEY_256, Authority
from tests.gost.stage import closed_port

DAY = timedelta(days=1)
LOCAL = {"common_name": "Bank", "alternative_names": "IP:127.0.0.1"}


def sha256_of(identity) -> str:
    return facts_of(ssl.PEM_cert_to_DER_cert(identity.certificate.read_text())).sha256


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.code)
def test_a_good_gateway_is_measured(stage, good, count_case, suite):
    check = check_gateway(stage.trusting(stage.gateway(suites=suite.openssl)))
    count_case(check.outcome)
    assert (check.outcome, check.is_working, check.is_measured) == ("handshake", True, True)
    made = check.handshake
    assert (made.protocol, made.suite) == ("TLSv1.2", suite)
    assert 0 < made.seconds < 10
    assert abs(check.measured_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_certificate_is_told_in_full(stage, good):
    facts = check_gateway(stage.trusting(stage.gateway())).handshake.certificate
    assert (facts.subject, facts.issuer) == ("O=FinanceHub,CN=Bank", "CN=FinanceHub Test GOST CA")
    assert (facts.signature_algorithm, facts.is_gost) == ("GOST R 34.10-2012 (256 bit)", True)
    assert facts.not_before < datetime.now(UTC) < facts.not_after
    assert facts.sha256 == sha256_of(good)
    assert int(facts.serial, 16) > 0


def test_the_first_choice_is_kuznyechik(stage):
    assert check_gateway(stage.trusting(stage.gateway())).handshake.suite.code == "C100"


def test_an_unknown_authority_is_not_trusted(stage, count_case, tmp_path):
    stranger = Authority(tmp_path, name="Somebody").issue("server", **LOCAL)
    check = check_gateway(stage.trusting(stage.gateway(stranger)))
    count_case(check.outcome)
    assert (check.outcome, check.is_working, check.handshake) == ("untrusted_root", False, None)


def test_a_self_signed_certificate_is_not_trusted(stage, tmp_path):
    lonely = Authority(tmp_path).identity
    assert check_gateway(stage.trusting(stage.gateway(lonely))).outcome == "untrusted_root"


def test_another_host_s_certificate_is_a_mismatch(stage, authority, count_case):
    other = authority.issue("other", common_name="Bank", alternative_names="DNS:other.example")
    check = check_gateway(stage.trusting(stage.gateway(other)))
    count_case(check.outcome)
    assert check.outcome == "name_mismatch"


def test_the_name_checked_is_the_gateway_s_not_the_address(stage, authority):
    other = authority.issue("named", common_name="Bank", alternative_names="DNS:gost.example")
    config = stage.trusting(stage.gateway(other), host_header="gost.example:8443")
    assert check_gateway(config).outcome == "handshake"


def test_a_certificate_without_host_name_passes_when_it_is_pinned(stage, authority):
    bank = authority.issue("nameless", common_name="Bank")
    config = stage.trusting(stage.gateway(bank), check_hostname=False, cert_sha256=sha256_of(bank))
    assert check_gateway(config).outcome == "handshake"


@pytest.mark.parametrize("by_authority", [True, False], ids=["with authority", "pin only"])
def test_a_certificate_that_is_not_the_pinned_one_is_refused(stage, good, count_case, by_authority):
    trust = {} if by_authority else {"ca_file": None, "check_hostname": False}
    check = check_gateway(stage.trusting(stage.gateway(), cert_sha256="ab" * 32, **trust))
    count_case(check.outcome)
    assert check.outcome == "wrong_certificate"


def test_a_pin_alone_is_enough(stage, good):
    pin = {"ca_file": None, "check_hostname": False, "cert_sha256": sha256_of(good).upper()}
    assert check_gateway(stage.trusting(stage.gateway(), **pin)).outcome == "handshake"


def test_an_ordinary_server_is_refused(stage, authority, count_case):
    rsa = authority.issue("rsa", **LOCAL, algorithm=("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"))
    ordinary = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ordinary.load_cert_chain(rsa.certificate, rsa.key)
    check = check_gateway(stage.trusting(stage.gateway(context=ordinary)))
    count_case(check.outcome)
    assert check.outcome == "refused"


def test_an_ordinary_client_is_refused(stage):
    with requests.Session() as session:
        session.trust_env = False
        with pytest.raises(requests.exceptions.ConnectionError):
            session.get(stage.gateway(), verify=str(stage.authority.certificate), timeout=5)


def test_a_gateway_that_wants_our_certificate_refuses_us_without(stage, authority, count_case):
    url = stage.gateway(clients_of=authority.certificate)
    check = check_gateway(stage.trusting(url))
    count_case(check.outcome)
    assert check.outcome == "refused"


def test_a_gateway_that_wants_our_certificate_takes_it(stage, authority, count_case):
    ours = authority.issue("ours", common_name="FinanceHub")
    keys = {"client_cert": str(ours.certificate), "client_key": str(ours.key)}
    check = check_gateway(stage.trusting(stage.gateway(clients_of=authority.certificate), **keys))
    count_case(check.outcome)
    assert check.outcome == "handshake"


@pytest.mark.parametrize("by_authority", [True, False], ids=["by authority", "pin only"])
@pytest.mark.parametrize(
    ("outcome", "starts_in"), [("expired", -40), ("not_yet_valid", 1)], ids=["expired", "not yet valid"]
)
def test_dates_are_obeyed(stage, count_case, outcome, starts_in, by_authority):
    first_day = datetime.now(UTC) + starts_in * DAY
    dates = {"starts_at": first_day, "ends_at": first_day + 30 * DAY}
    dated = stage.authority.issue(outcome, **LOCAL, **dates)
    pin = {"ca_file": None, "check_hostname": False, "cert_sha256": sha256_of(dated)}
    check = check_gateway(stage.trusting(stage.gateway(dated), **({} if by_authority else pin)))
    count_case(check.outcome)
    assert check.outcome == outcome


def test_a_revocation_list_beside_the_authority_is_obeyed(stage, count_case, tmp_path):
    authority = Authority(tmp_path)
    kept, revoked = authority.issue("kept", **LOCAL), authority.issue("revoked", **LOCAL)
    trust = authority.revoke(revoked, tmp_path / "trust.pem")
    good = check_gateway(stage.trusting(stage.gateway(kept), ca_file=str(trust)))
    bad = check_gateway(stage.trusting(stage.gateway(revoked), ca_file=str(trust)))
    count_case(bad.outcome)
    assert (good.outcome, bad.outcome) == ("handshake", "revoked")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1 is deprecated")
def test_tls_1_0_is_refused(stage, good, count_case):
    suite = "IANA-GOST2012-GOST8912-GOST8912"
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1
    old.set_ciphers(f"{suite}:@SECLEVEL=0")
    old.load_cert_chain(good.certificate, good.key)
    url = stage.gateway(context=old)
    assert agreed_by_anyone(url, suite) == (suite, "TLSv1")
    check = check_gateway(stage.trusting(url))
    count_case(check.outcome)
    assert check.outcome == "refused"


KEY_2001 = ("-algorithm", "gost2001", "-pkeyopt", "paramset:A")


@pytest.mark.parametrize(
    ("suite", "key"),
    [("GOST2012-NULL-GOST12", KEY_256), ("GOST2001-GOST89-GOST89", KEY_2001)],
    ids=["no encryption", "keys of 2001"],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1 is deprecated")
def test_a_weak_suite_is_refused(stage, count_case, suite, key):
    weak = stage.authority.issue("weak", **LOCAL, algorithm=key)
    url = stage.gateway(weak, suites=f"{suite}:@SECLEVEL=0")
    assert agreed_by_anyone(url, suite) == (suite, "TLSv1.2")
    check = check_gateway(stage.trusting(url))
    count_case(check.outcome)
    assert check.outcome == "refused"


def agreed_by_anyone(url: str, suite: str) -> tuple[str, str | None]:
    """What a client without scruples agrees on: the server is refused for its weakness, not for a fault."""
    careless = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
    careless.minimum_version = ssl.TLSVersion.TLSv1
    careless.set_ciphers(f"{suite}:@SECLEVEL=0")
    address = urlsplit(url)
    with (
        socket.create_connection((address.hostname, address.port), timeout=5) as sock,
        careless.wrap_socket(sock) as secured,
    ):
        return secured.cipher()[0], secured.version()


def test_a_plain_server_is_refused(stage, behind):
    check = check_gateway(stage.trusting(f"https://127.0.0.1:{behind.address[1]}"))
    assert (check.outcome, check.detail) == ("refused", "WRONG_VERSION_NUMBER")


def test_a_closed_port_is_unreachable(stage, count_case):
    check = check_gateway(stage.trusting(f"https://127.0.0.1:{closed_port()}"))
    count_case(check.outcome)
    assert (check.outcome, check.may_pass) == ("unreachable", True)


def test_a_silent_server_is_given_up_in_time(stage, count_case):
    begun = time.monotonic()
    check = check_gateway(stage.trusting(stage.silent(), handshake_timeout=0.3))
    count_case(check.outcome)
    assert check.outcome == "timeout"
    assert time.monotonic() - begun < 3


def test_http_behind_the_gateway_is_a_finding_of_its_own(stage, behind, count_case):
    config = stage.trusting(stage.gateway(), host_header="localhost")
    check = check_gateway(config, http_path="/api/rb/accounts/v1/accounts")
    count_case(check.outcome)
    assert (check.outcome, check.http_status) == ("http_reached", 404)
    assert behind.hosts[-1] == "localhost"


def test_a_gateway_with_nothing_behind_is_still_a_handshake(stage):
    config = stage.trusting(stage.gateway(upstream=("127.0.0.1", closed_port())))
    check = check_gateway(config, http_path="/")
    assert (check.outcome, check.http_status) == ("handshake", None)


def test_a_file_that_holds_no_certificate_is_named(stage, tmp_path):
    broken = tmp_path / "ca.pem"
    missing = check_gateway(stage.trusting(stage.gateway(), ca_file=str(broken)))
    assert (missing.outcome, missing.detail) == ("misconfigured", f"there is no file {broken}")
    broken.write_text("nothing")
    check = check_gateway(stage.trusting(stage.gateway(), ca_file=str(broken)))
    assert check.outcome == "misconfigured"
