"""GOST: what a certificate says of itself.

The `cryptography` package cannot compute with these keys, but it reads names and dates of any certificate.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from banking.clients.gost.suites import SIGNATURES


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """A certificate's facts, fit to be stored and shown."""

    subject: str
    issuer: str
    serial: str
    not_before: datetime
    not_after: datetime
    signature_algorithm: str
    signature_oid: str
    sha256: str

    @property
    def is_gost(self) -> bool:
        """Whether its issuer signed it with a key of GOST R 34.10-2012."""
        return self.signature_oid in SIGNATURES


def facts_of(der: bytes) -> CertificateFacts:
    """Read a certificate; raises ValueError for bytes that are none."""
    certificate = x509.load_der_x509_certificate(der)
    oid = certificate.signature_algorithm_oid
    return CertificateFacts(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        serial=f"{certificate.serial_number:X}",
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        signature_algorithm=SIGNATURES.get(oid.dotted_string, oid.dotted_string),
        signature_oid=oid.dotted_string,
        sha256=hashlib.sha256(der).hexdigest(),
    )
