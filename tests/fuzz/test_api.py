"""A minute of schemathesis against the running API, with the token of somebody who has data."""

import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.site_server import ROOT, Site, running_site

pytestmark = pytest.mark.journey

SECONDS = 60
# Both ask for more strictness than the wire promises: numbers sent as texts are taken, and a rule of
# business may refuse what the schema allows.
LEFT_OUT = "negative_data_rejection,positive_data_acceptance"
# Logging out would end the token that the run lives on.
SPARED = ("/api/v1/auth/logout", "/api/v1/auth/refresh")


def test_nothing_that_the_schema_allows_breaks_the_api(tmp_path: Path) -> None:
    with running_site(tmp_path) as site:
        token = _token_of_somebody_with_data(site)
        spared = [option for path in SPARED for option in ("--exclude-path", path)]
        run = subprocess.run(
            [
                str(Path(sys.executable).with_name("schemathesis")),
                *("run", f"{site.url}/api/v1/schema"),
                *("--header", f"Authorization: Bearer {token}"),
                *("--checks", "all", "--exclude-checks", LEFT_OUT),
                *("--max-time", str(SECONDS), "--generation-database", "none", "--seed", "1"),
                *(
                    "--request-timeout",
                    "30",
                    "--no-shrink",
                    "--suppress-health-check",
                    "all",
                    "--warnings",
                    "off",
                ),
                *spared,
            ],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "NO_PROXY": "*", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=SECONDS + 120,
            check=False,
        )
    told = [line[:300] for line in (run.stdout + run.stderr).splitlines()]
    assert run.returncode == 0, "\n".join(told[-150:])


def _token_of_somebody_with_data(site: Site) -> str:
    with requests.Session() as session:
        session.trust_env = False
        login = {"email": "demo", "password": "demo123"}
        answer = session.post(f"{site.url}/api/v1/auth/login", json=login, timeout=30)
        token = str(answer.json()["access_token"])
        connected = session.post(
            f"{site.url}/api/v1/banks/connect-demo",
            json={"bank_code": "vbank"},
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )
    assert connected.status_code == 201
    return token
