"""Every variable that anything reads is explained, and bad values are refused at the start."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.repo.sources import ROOT, python_files, text_of

SETTINGS = Path("financehub/settings.py")
SANDBOX_SETTINGS = Path("sandbox/settings.py")
# What only the shell that calls `make` chooses; no process reads it.
MAKE_ONLY = {"PORT", "PYTHON", "VENV"}
# OpenSSL reads this one by itself, before any settings: these look whether it did, or pass it on.
READ_OPENSSL_CONF = {
    "banking/clients/gost/conf.py",
    "banking/clients/gost/engine.py",
    "sandbox/gost/__main__.py",
    "sandbox/gost/authority.py",
}
PRODUCTION = {
    "SECRET_KEY": "0123456789abcdef" * 4,
    "JWT_SIGNING_KEY": "fedcba9876543210" * 4,
    "BANK_TOKEN_KEYS": Fernet.generate_key().decode(),
    "BANK_TEAM_SECRET": "not-the-demo's",
    "BANKINGAPI_CLIENT_SECRET": "not-the-demo's either",
}
WITH_GOST = {"GOST_ENABLED": "1", "GOST_CA_FILE": "ca.pem"}  # only then the last secret must be there


def _read_by(path: Path) -> set[str]:
    """Names that a settings file reads: the first text given to env.…(), _secret() or env.get()."""
    tree = ast.parse(text_of(path))
    return {
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and call.args and _reads_environment(call.func)
        if isinstance(call.args[0], ast.Constant) and str(call.args[0].value).isupper()
    }


def _reads_environment(function: ast.expr) -> bool:
    match function:
        case ast.Name(id="_secret") | ast.Attribute(value=ast.Name(id="env")):
            return True
    return False


def _read_by_shell(name: str) -> set[str]:
    return set(re.findall(r"\$\{?([A-Z][A-Z0-9_]+)", text_of(Path(name))))


def _read_anywhere() -> set[str]:
    return _read_by(SETTINGS) | _read_by(SANDBOX_SETTINGS) | _read_by_shell("Procfile")


def _in_example() -> set[str]:
    return set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", text_of(Path(".env.example")), re.MULTILINE))


def test_the_reader_of_settings_finds_what_is_read() -> None:
    assert {"SECRET_KEY", "DEBUG", "DATABASE_URL", "LOG_LEVEL"} <= _read_by(SETTINGS)
    assert {"SANDBOX_DB", "SANDBOX_FAULTS"} <= _read_by(SANDBOX_SETTINGS)


def test_every_variable_read_stands_in_the_example_and_no_other() -> None:
    assert _in_example() == _read_anywhere()


def test_every_variable_stands_in_the_documentation() -> None:
    documented = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", text_of(Path("docs/configuration.md"))))
    assert _read_anywhere() | MAKE_ONLY <= documented


def test_readme_leads_to_the_configuration() -> None:
    assert "docs/configuration.md" in text_of(Path("README.md"))


def test_nobody_else_reads_the_environment() -> None:
    readers = {
        path.as_posix()
        for path, tree in python_files("financehub", "banking", "analytics", "sandbox")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
        if isinstance(node.value, ast.Name) and node.value.id == "os"
    }
    assert readers - READ_OPENSSL_CONF == {"financehub/wsgi.py", "sandbox/settings.py"}


def _start(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *(arguments or ("check",))],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path)} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("name", sorted(PRODUCTION))
def test_start_refuses_a_missing_secret_and_says_what_to_do(tmp_path: Path, name: str) -> None:
    started = _start(tmp_path, **(WITH_GOST | PRODUCTION | {name: ""}))
    assert started.returncode != 0
    assert f"Set {name} in the environment (see .env.example" in started.stderr


def _published_secrets() -> Iterator[tuple[str, str]]:
    for call in ast.walk(ast.parse(text_of(SETTINGS))):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "_secret":
            name, demo_value = (ast.literal_eval(argument) for argument in call.args)
            yield name, demo_value


@pytest.mark.parametrize(("name", "published"), sorted(_published_secrets()))
def test_start_refuses_a_published_secret(tmp_path: Path, name: str, published: str) -> None:
    started = _start(tmp_path, **(PRODUCTION | {name: published}))
    assert started.returncode != 0
    assert f"{name} is not set, or is the published demo value" in started.stderr


def test_all_secrets_are_covered() -> None:
    assert set(PRODUCTION) == {name for name, _ in _published_secrets()}


@pytest.mark.parametrize(
    "environment",
    [
        WITH_GOST | PRODUCTION,
        PRODUCTION | {"BANKINGAPI_CLIENT_SECRET": ""},
        {"DEMO": "1"},
        {"DEBUG": "1"},
    ],
    ids=["production", "without gost", "demo", "debug"],
)
def test_checks_pass_without_a_warning(tmp_path: Path, environment: dict[str, str]) -> None:
    started = _start(tmp_path, **environment)
    assert started.returncode == 0, started.stderr


def test_production_passes_the_deployment_check(tmp_path: Path) -> None:
    hosts = {"ALLOWED_HOSTS": "finance.example"}
    started = _start(tmp_path, "check", "--deploy", "--fail-level", "WARNING", **(PRODUCTION | hosts))
    assert started.returncode == 0, started.stderr
