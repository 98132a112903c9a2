"""Why a process cannot speak GOST, and the configuration for the next one; needs no engine."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from banking.clients.errors import GatewayUnavailable
from banking.clients.gost import conf, engine
from banking.clients.gost.config import GostConfig
from banking.clients.gost.handshake import check_gateway
from banking.clients.gost.route import GostPolicy, choose_route
from tests.gost.stage import Answering, closed_port, without_engine

ROOT = Path(__file__).resolve().parents[2]
PIN = "AB" * 32
CRYPTO, GOST = Path("libcrypto.so.3"), Path("gost.so")


@pytest.fixture
def unable(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process has no GOST, whatever the machine has."""
    monkeypatch.setattr(engine, "CIPHER_STRING", "GOST-OF-NO-ENGINE")


def test_an_able_process_has_no_obstacle(monkeypatch):
    monkeypatch.setattr(engine, "CIPHER_STRING", "ECDHE-RSA-AES256-GCM-SHA384")
    assert engine.engine_status() == engine.EngineStatus(usable=True, openssl=engine.ssl.OPENSSL_VERSION)


@pytest.mark.parametrize(
    ("library", "file", "environment", "told"),
    [
        (None, None, {}, ("builtin_openssl", "built in")),
        (CRYPTO, None, {}, ("engine_missing", "apt-get install libengine-gost-openssl")),
        (CRYPTO, GOST, {}, ("conf_not_set", "set OPENSSL_CONF before")),
        (CRYPTO, GOST, {"OPENSSL_CONF": ""}, ("conf_not_set", "set OPENSSL_CONF before")),
        (CRYPTO, GOST, {"OPENSSL_CONF": "x"}, ("engine_not_loaded", "does not load")),
    ],
)
@pytest.mark.usefixtures("unable")
def test_the_obstacle_is_named(monkeypatch, library, file, environment, told):
    obstacle, advice = told
    monkeypatch.setattr(engine, "shared_libcrypto", lambda: library)
    monkeypatch.setattr(engine, "engine_file", lambda: file)
    status = engine.engine_status(environment)
    assert (status.usable, status.obstacle) == (False, obstacle)
    assert advice in status.advice


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("7f-80 r-xp 0 fe:01 1  /usr/lib/x86_64-linux-gnu/libcrypto.so.3", "libcrypto.so.3"),
        ("7f-80 r-xp 0 fe:01 1  /x/psycopg_binary.libs/libcrypto-81d66ed9.so.3", None),
        ("7f-80 r-xp 0 fe:01 1  /x/lib/libpython3.11.so.1.0", None),
    ],
)
def test_a_wheel_s_own_library_is_not_python_s(monkeypatch, tmp_path, lines, found):
    (tmp_path / "maps").write_text(f"{lines}\n7f-80 rw-p 0 00:00 0  [heap]\n")
    monkeypatch.setattr(engine, "MEMORY_MAP", tmp_path / "maps")
    library = engine.shared_libcrypto()
    assert (library and library.name) == found


def test_a_system_without_a_memory_map_counts_as_built_in(monkeypatch, tmp_path):
    monkeypatch.setattr(engine, "MEMORY_MAP", tmp_path / "none")
    assert engine.shared_libcrypto() is None


def test_the_configuration_names_the_engine(monkeypatch, tmp_path):
    monkeypatch.setattr(conf, "engine_file", lambda: Path("/lib/engines/gost.so"))
    written = conf.write_conf(tmp_path / "deep" / "openssl.cnf")
    assert written == (tmp_path / "deep" / "openssl.cnf").resolve()
    assert "dynamic_path = /lib/engines/gost.so\n" in written.read_text()
    assert [file.name for file in written.parent.iterdir()] == ["openssl.cnf"]


def test_without_the_engine_nothing_is_printed_or_written(monkeypatch, capsys, tmp_path):
    monkeypatch.delenv("OPENSSL_CONF", raising=False)
    monkeypatch.setattr(conf, "engine_file", lambda: None)
    assert conf.main([str(tmp_path / "openssl.cnf")]) == 0
    assert capsys.readouterr().out == ""
    assert list(tmp_path.iterdir()) == []


def test_what_is_printed_makes_the_next_process_able(tmp_path):
    clean = {name: value for name, value in os.environ.items() if name != "OPENSSL_CONF"}
    told = _python(clean, "-m", "banking.clients.gost.conf", str(tmp_path / "openssl.cnf"))
    if not told:
        without_engine("the engine is not installed: apt-get install libengine-gost-openssl")
    able = "from banking.clients.gost.engine import engine_status; print(engine_status().usable)"
    assert _python(clean | {"OPENSSL_CONF": told}, "-c", able) == "True"
    kept = _python(clean | {"OPENSSL_CONF": told}, "-m", "banking.clients.gost.conf", str(tmp_path / "other"))
    assert kept == told


def _python(environment: dict[str, str], *words: str) -> str:
    run = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return run.stdout.strip()


def test_a_process_without_gost_says_so_and_connects_to_nobody(monkeypatch):
    monkeypatch.setattr("banking.clients.gost.context.CIPHER_STRING", "GOST-OF-NO-ENGINE")
    with Answering() as server:
        url = f"https://127.0.0.1:{server.address[1]}"
        check = check_gateway(GostConfig(base_url=url, cert_sha256=PIN, check_hostname=False))
        assert (check.outcome, check.is_working, check.may_pass) == ("no_library", False, False)
        assert server.connections == 0


def test_gost_that_is_required_and_has_no_library_is_an_error_of_the_bank(monkeypatch):
    monkeypatch.setattr("banking.clients.gost.context.CIPHER_STRING", "GOST-OF-NO-ENGINE")
    with Answering() as server:
        gost = GostConfig(base_url="https://127.0.0.1:1", cert_sha256=PIN, check_hostname=False)
        with pytest.raises(GatewayUnavailable) as failure:
            choose_route(bank="vbank", policy=GostPolicy.REQUIRE, base_url=server.url, gost=gost)
        assert (failure.value.reason, failure.value.retryable) == ("no_library", False)
        assert failure.value.code == "gost_no_library"
        assert server.connections == 0


def test_a_tunnel_is_reached_but_not_measured():
    with Answering() as server:
        config = GostConfig(base_url=server.url, host_header="api.gost.example:8443")
        check = check_gateway(config, http_path="/any")
        assert server.hosts == ["api.gost.example:8443"]
    assert (check.outcome, check.http_status) == ("tunnel", 404)
    assert (check.is_working, check.is_measured) == (True, False)


def test_a_tunnel_that_is_down_is_unreachable():
    check = check_gateway(GostConfig(base_url=f"http://127.0.0.1:{closed_port()}"))
    assert (check.outcome, check.is_working) == ("unreachable", False)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"base_url": "https://gost.example"}, "pin an authority"),
        ({"base_url": "https://gost.example", "cert_sha256": "12"}, "64 hexadecimal"),
        ({"base_url": "https://gost.example", "cert_sha256": PIN}, "needs no name"),
        (
            {"base_url": "https://gost.example", "ca_file": __file__, "check_hostname": False},
            "must be pinned",
        ),
        ({"base_url": "https://g.example", "ca_file": __file__, "client_key": __file__}, "its certificate"),
        ({"base_url": "http://gost.example"}, "on this machine"),
        ({"base_url": "http://10.0.0.1:80"}, "on this machine"),
        ({"base_url": "ftp://gost.example", "cert_sha256": PIN}, "address must be"),
        ({"base_url": "https://user@gost.example", "cert_sha256": PIN}, "address must be"),
    ],
)
def test_a_configuration_that_trusts_too_much_is_refused(fields, complaint):
    with pytest.raises(ValueError, match=complaint):
        GostConfig(**fields)


def test_a_fingerprint_may_be_written_as_openssl_prints_it():
    printed = ":".join([PIN[:2]] * 32)
    config = GostConfig(base_url="https://gost.example:8443", cert_sha256=printed, check_hostname=False)
    assert config.cert_sha256 == PIN.lower()
    assert (config.server_name, config.host_sent, config.port) == ("gost.example", "gost.example:8443", 8443)
