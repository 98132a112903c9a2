"""A certification authority of the day: makes GOST certificates with the `openssl` command and its engine."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

PACKAGE = "libengine-gost-openssl"
KEY_256 = ("-algorithm", "gost2012_256", "-pkeyopt", "paramset:A")
_DAY = timedelta(days=1)
_LIFE = timedelta(days=45)  # what the observed gateway's certificate had
_CONF = """\
openssl_conf = openssl_init

[openssl_init]
engines = engines

[engines]
gost = gost

[gost]
engine_id = gost
default_algorithms = ALL

[req]
distinguished_name = nobody
[nobody]

[ca]
default_ca = authority
[authority]
database = {directory}/issued.txt
new_certs_dir = {directory}/issued
rand_serial = yes
unique_subject = no
default_md = md_gost12_256
default_crl_days = 30
policy = any_subject
[any_subject]
commonName = supplied
organizationName = optional
"""


class NoEngineError(Exception):
    """There is no `openssl` command, or it has no GOST engine."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate and its key, both as PEM files."""

    certificate: Path
    key: Path


class Authority:
    """Issues certificates into a folder; its own is `ca.pem`."""

    def __init__(self, directory: Path, name: str = "FinanceHub Test GOST CA") -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory.resolve()
        self._conf = write_conf(self._directory)
        (self._directory / "issued.txt").write_text("")
        copies = self._directory / "issued"
        shutil.rmtree(copies, ignore_errors=True)
        copies.mkdir()
        self.identity = Identity(self._directory / "ca.pem", self._directory / "ca.key")
        self._key(self.identity.key, KEY_256)
        extensions = ("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign")
        # fmt: off
        self.run(
            "req", "-x509", "-new", "-key", self.identity.key, "-out", self.identity.certificate,
            "-md_gost12_256", "-days", "365", "-subj", f"/CN={name}", "-config", self._conf,
            *(part for extension in extensions for part in ("-addext", extension)),
        )
        # fmt: on

    @property
    def certificate(self) -> Path:
        """Return the file that a client must trust."""
        return self.identity.certificate

    def issue(
        self,
        name: str,
        *,
        common_name: str,
        alternative_names: str = "",
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        algorithm: tuple[str, ...] = KEY_256,
    ) -> Identity:
        """Make a key and sign its certificate; files are called after `name`."""
        now = datetime.now(UTC)
        identity = Identity(self._directory / f"{name}.pem", self._directory / f"{name}.key")
        request, extensions = self._directory / f"{name}.csr", self._directory / f"{name}.ext"
        self._key(identity.key, algorithm)
        subject = ("-subj", f"/O=FinanceHub/CN={common_name}", "-config", self._conf)
        self.run("req", "-new", "-key", identity.key, "-out", request, *subject)
        extensions.write_text(f"subjectAltName={alternative_names}\n" if alternative_names else "\n")
        # fmt: off
        self.run(
            "ca", "-batch", "-notext", "-config", self._conf, "-in", request, "-out", identity.certificate,
            "-cert", self.identity.certificate, "-keyfile", self.identity.key, "-extfile", extensions,
            "-startdate", _asn1(starts_at or now - _DAY), "-enddate", _asn1(ends_at or now + _LIFE),
        )
        # fmt: on
        return identity

    def revoke(self, identity: Identity, trust: Path) -> Path:
        """Revoke a certificate; writes into `trust` the authority's certificate and its revocation list."""
        signed_by = ("-config", self._conf, "-cert", self.identity.certificate, "-keyfile", self.identity.key)
        self.run("ca", "-revoke", identity.certificate, *signed_by)
        revoked = self.run("ca", "-gencrl", *signed_by)
        trust.write_bytes(self.identity.certificate.read_bytes() + revoked)
        return trust

    def run(self, command: str, *arguments: str | Path) -> bytes:
        """Run an `openssl` command with the engine loaded."""
        return run_openssl(self._conf, command, *arguments)

    def _key(self, file: Path, algorithm: tuple[str, ...]) -> None:
        self.run("genpkey", *algorithm, "-out", file)
        file.chmod(0o600)


def write_conf(directory: Path) -> Path:
    """Write the configuration that loads the engine and lets `openssl ca` work in this folder."""
    directory.mkdir(parents=True, exist_ok=True)
    conf = directory / "authority.cnf"
    conf.write_text(_CONF.format(directory=directory))
    return conf


def check_engine(directory: Path) -> None:
    """Raise NoEngineError, saying what is missing, unless GOST keys can be made."""
    if shutil.which("openssl") is None:
        raise NoEngineError("the command openssl is missing: apt-get install openssl")
    try:
        run_openssl(write_conf(directory), "genpkey", *KEY_256)
    except subprocess.CalledProcessError:
        raise NoEngineError(f"OpenSSL has no GOST engine: apt-get install {PACKAGE}") from None


def run_openssl(conf: Path, command: str, *arguments: str | Path) -> bytes:
    """Run an `openssl` command under this configuration."""
    words = ["openssl", command, *map(str, arguments)]
    environment = os.environ | {"OPENSSL_CONF": str(conf)}
    return subprocess.run(words, env=environment, check=True, capture_output=True, timeout=60).stdout  # noqa: S603 - our own words


def _asn1(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")
