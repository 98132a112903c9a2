"""GOST: the cipher suites we offer and the certificate signatures we know, by their public names."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Suite:
    """A cipher suite: OpenSSL's name, the number on the wire, and the name in the registry of IANA."""

    openssl: str
    code: str
    name: str


# In the order of preference. Suites of 2001 keys and those without encryption are left out on purpose.
SUITES = (
    Suite("GOST2012-KUZNYECHIK-KUZNYECHIKOMAC", "C100", "TLS_GOSTR341112_256_WITH_KUZNYECHIK_CTR_OMAC"),
    Suite("GOST2012-MAGMA-MAGMAOMAC", "C101", "TLS_GOSTR341112_256_WITH_MAGMA_CTR_OMAC"),
    Suite("IANA-GOST2012-GOST8912-GOST8912", "C102", "TLS_GOSTR341112_256_WITH_28147_CNT_IMIT"),
    # The private number of the same suite, from before it had a public one.
    Suite("LEGACY-GOST2012-GOST8912-GOST8912", "FF85", "TLS_GOSTR341112_256_WITH_28147_CNT_IMIT"),
)
BY_OPENSSL_NAME = {suite.openssl: suite for suite in SUITES}
CIPHER_STRING = ":".join(suite.openssl for suite in SUITES)

SIGNATURES = {
    "1.2.643.7.1.1.3.2": "GOST R 34.10-2012 (256 bit)",
    "1.2.643.7.1.1.3.3": "GOST R 34.10-2012 (512 bit)",
}
