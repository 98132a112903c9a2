"""A bank's certificate is always checked, by the system's authorities or by the bank's own."""

import socket
import ssl
import threading
from datetime import UTC, datetime
from ipaddress import IPv4Address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from banking.clients.errors import BankUnavailable

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"data": []}'


def test_a_strange_certificate_is_not_accepted(transport_to, tls_bank):
    url, _ = tls_bank
    with pytest.raises(BankUnavailable) as failure:
        transport_to(url).call("GET", "/accounts", endpoint="accounts", repeatable=True)
    assert failure.value.reason == "tls"


def test_a_bank_may_have_its_own_authority(transport_to, tls_bank):
    url, authority = tls_bank
    transport = transport_to(url, ca_file=authority)
    assert transport.call("GET", "/accounts", endpoint="accounts").document == {"data": []}


@pytest.fixture
def tls_bank(tmp_path):
    """A bank behind TLS whose certificate no public authority has signed."""
    authority = _self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(sock, server_side=True) as secured:
                    secured.recv(4096)
                    secured.sendall(ANSWER)
            except OSError:
                sock.close()

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}", str(authority)
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def _self_signed(folder):
    here = x509.IPAddress(IPv4Address("127.0.0.1"))
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bank")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([here]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "bank.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file
