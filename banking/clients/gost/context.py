"""GOST: the TLS context of the gateway. Every connection made with it is a verified GOST one, or none.

What the context cannot ask OpenSSL for is checked right after the handshake and before the first byte of
a request, inside `wrap_socket`: no library on top can forget it.
"""

import hmac
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from banking.clients.gost.certificates import CertificateFacts, facts_of
from banking.clients.gost.config import GostConfig
from banking.clients.gost.suites import BY_OPENSSL_NAME, CIPHER_STRING

RefusalKind = Literal["wrong_certificate", "expired", "not_yet_valid", "not_gost"]


class NoGostLibrary(Exception):
    """OpenSSL in this process has no GOST suites."""


class BadGostFiles(Exception):
    """A file of certificates or keys is not readable as such."""


class RefusedByUs(ssl.SSLError):
    """The handshake was completed, and its result is not what was asked for."""

    def __init__(self, kind: RefusalKind, message: str) -> None:
        super().__init__(message)
        self.kind: RefusalKind = kind


class GostContext(ssl.SSLContext):
    """A client's context that looks at each finished handshake."""

    pinned_sha256: str = ""

    def wrap_socket(self, *arguments: Any, **options: Any) -> ssl.SSLSocket:
        secured = super().wrap_socket(*arguments, **options)
        try:
            self._look_at(secured)
        except ssl.SSLError:
            secured.close()
            raise
        return secured

    def wrap_bio(self, *_arguments: Any, **_options: Any) -> ssl.SSLObject:
        raise NotImplementedError("the result of the handshake is checked on sockets only")

    def _look_at(self, secured: ssl.SSLSocket) -> None:
        suite = secured.cipher()
        if suite is None or suite[0] not in BY_OPENSSL_NAME:
            raise RefusedByUs("not_gost", "no GOST suite was agreed on")
        facts = _facts_of_peer(secured)
        if not facts.is_gost:
            raise RefusedByUs("not_gost", "the certificate is not signed by GOST R 34.10-2012")
        if self.pinned_sha256 and not hmac.compare_digest(facts.sha256, self.pinned_sha256):
            raise RefusedByUs("wrong_certificate", "the certificate is not the pinned one")
        if self.verify_mode == ssl.CERT_NONE:
            _check_dates(facts)


def gost_context(config: GostConfig) -> GostContext:
    """The context for this gateway; raises NoGostLibrary or BadGostFiles."""
    context = GostContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.set_ciphers(CIPHER_STRING)
    except ssl.SSLError:
        raise NoGostLibrary from None
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.pinned_sha256 = config.cert_sha256
    context.check_hostname = config.check_hostname
    _trust(context, config)
    return context


def _trust(context: GostContext, config: GostConfig) -> None:
    for file in (config.ca_file, config.client_cert, config.client_key):
        if file and not Path(file).is_file():
            raise BadGostFiles(f"there is no file {file}")
    try:
        if config.ca_file:
            context.load_verify_locations(config.ca_file)
            if context.cert_store_stats()["crl"]:
                context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF
        else:
            # Nobody vouches for the one certificate that is pinned: it is compared bit by bit instead.
            context.verify_mode = ssl.CERT_NONE
        if config.client_cert:
            context.load_cert_chain(config.client_cert, config.client_key)
    except (ssl.SSLError, OSError) as why:
        raise BadGostFiles(str(why)) from None


def _facts_of_peer(secured: ssl.SSLSocket) -> CertificateFacts:
    der = secured.getpeercert(binary_form=True)
    if not der:
        raise RefusedByUs("not_gost", "the server showed no certificate")
    try:
        return facts_of(der)
    except ValueError:
        raise RefusedByUs("not_gost", "the certificate is unreadable") from None


def _check_dates(facts: CertificateFacts) -> None:
    now = datetime.now(UTC)
    if now < facts.not_before:
        raise RefusedByUs("not_yet_valid", "the pinned certificate is not valid yet")
    if now > facts.not_after:
        raise RefusedByUs("expired", "the pinned certificate has expired")
