# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Generated keys fit together, and wrong ones are refused."""

import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from minova import exception
from minova.compute_api import crypto


def test_an_ssh_key_fits_its_private_key() -> None:
    made = crypto.generate_ssh()

    private = serialization.load_pem_private_key(made.private_key.encode(), None)
    public = private.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    assert made.public_key == f"{public.decode()} Generated-by-Nova"
    assert crypto.ssh_fingerprint(made.public_key) == made.fingerprint


@pytest.mark.parametrize("user_id", ["kim", "k" * 200, ""])
def test_a_certificate_names_its_user(user_id: str) -> None:
    made = crypto.generate_x509(user_id)

    certificate = x509.load_pem_x509_certificate(made.public_key.encode())
    (name,) = certificate.extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    ).value
    assert isinstance(name, x509.OtherName)
    assert name.value.endswith(f"{user_id}@localhost".encode())
    assert crypto.x509_fingerprint(made.public_key) == made.fingerprint


def test_a_certificate_and_its_private_key_come_in_one_bundle() -> None:
    made = crypto.generate_x509("kim")

    bundle = base64.b64decode(made.private_key, validate=True)
    private, certificate, _ = pkcs12.load_key_and_certificates(bundle, None)
    assert private is not None
    assert certificate is not None
    assert private.public_key() == certificate.public_key()
    assert (
        certificate.public_bytes(serialization.Encoding.PEM).decode() == made.public_key
    )


@pytest.mark.parametrize("key", ["", "ssh-rsa", "ssh-rsa ???", "ssh-rsa AAAA", "é"])
def test_a_wrong_key(key: str) -> None:
    with pytest.raises(exception.InvalidKeypair, match="failed to generate finger"):
        crypto.ssh_fingerprint(key)


def test_a_wrong_certificate() -> None:
    with pytest.raises(exception.InvalidKeypair, match="failed to generate X509"):
        crypto.x509_fingerprint("-----BEGIN CERTIFICATE-----")
