# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Make keys and fingerprints."""

import base64
import binascii
import datetime
import hashlib
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from minova import exception

_BITS: Final = 2048
# A user principal name, by which Windows finds the user who logs in.
_UPN: Final = ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")
_VALID_DAYS: Final = 3650


class Generated(NamedTuple):
    """A new key.  Its private half is shown once and never stored."""

    private_key: str
    public_key: str
    fingerprint: str


def ssh_fingerprint(public_key: str) -> str:
    """Return MD5 with colons, as Nova and ``ssh-keygen -E md5 -l`` show it.

    Raises:
        InvalidKeypair: it is not a line of ``authorized_keys``, or of an unknown type.
    """
    try:
        serialization.load_ssh_public_key(public_key.strip().encode())
        blob = base64.b64decode(public_key.split()[1])
    except (ValueError, IndexError, UnsupportedAlgorithm, binascii.Error):
        raise exception.InvalidKeypair("failed to generate fingerprint") from None
    return _colons(hashlib.md5(blob, usedforsecurity=False).hexdigest())


def x509_fingerprint(certificate: str) -> str:
    """Return SHA1 with colons.

    Raises:
        InvalidKeypair: it is not a certificate in PEM.
    """
    try:
        parsed = x509.load_pem_x509_certificate(certificate.encode())
    except ValueError as error:
        raise exception.InvalidKeypair(
            f"failed to generate X509 fingerprint. Error message: {error}"
        ) from None
    return _certificate_fingerprint(parsed)


def generate_ssh() -> Generated:
    """Make an RSA key of 2048 bits."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    public_key = f"{public.decode()} Generated-by-Nova"
    return Generated(_pem(key), public_key, ssh_fingerprint(public_key))


def generate_x509(user_id: str) -> Generated:
    """Make a self-signed certificate, with which a user logs in to Windows (WinRM).

    As in Nova, its private key is a PKCS #12 without a password, in base64.
    """
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, user_id[:64] or "user")])
    now = datetime.datetime.now(datetime.UTC)
    principal = f"{user_id}@localhost".encode()
    # A UTF8String in DER.  A length of 128 or more needs an extra byte.
    head = b"\x0c" + _der_length(len(principal))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=_VALID_DAYS))
        .add_extension(
            x509.SubjectAlternativeName([x509.OtherName(_UPN, head + principal)]),
            critical=False,
        )
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    public_key = certificate.public_bytes(serialization.Encoding.PEM).decode()
    bundle = pkcs12.serialize_key_and_certificates(
        None, key, certificate, None, serialization.NoEncryption()
    )
    private_key = base64.b64encode(bundle).decode()
    return Generated(private_key, public_key, _certificate_fingerprint(certificate))


def _der_length(length: int) -> bytes:
    if length < 0x80:  # noqa: PLR2004 - DER's own number
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([0x80 | len(octets)]) + octets


def _certificate_fingerprint(certificate: x509.Certificate) -> str:
    # SHA1 is only a name for the certificate here, and proves nothing.
    return _colons(certificate.fingerprint(hashes.SHA1()).hex())  # noqa: S303


def _colons(digits: str) -> str:
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))


def _pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()
