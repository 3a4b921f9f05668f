# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A certification authority that lives as long as its folder."""

import pathlib
import subprocess

_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc")


class ThrowAwayCA:
    """Signs certificates for 127.0.0.1.

    Attributes:
        certificate: the certificate that clients are told to trust.
    """

    def __init__(self, folder: pathlib.Path, name: str) -> None:
        self.certificate = folder / f"{name}-ca.pem"
        self._key = folder / f"{name}-ca.key"
        _openssl(
            *("req", "-x509", *_NEW_KEY, "-days", "2", "-subj", f"/CN={name}"),
            *("-keyout", str(self._key), "-out", str(self.certificate)),
        )

    def issue(self, folder: pathlib.Path) -> tuple[pathlib.Path, pathlib.Path]:
        """Make certificate and key for a server. Its user can read them."""
        certificate, key = folder / "server.pem", folder / "server.key"
        _openssl(
            *("req", "-x509", *_NEW_KEY, "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-CA", str(self.certificate), "-CAkey", str(self._key)),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
            *("-addext", "basicConstraints=critical,CA:FALSE"),
            *("-keyout", str(key), "-out", str(certificate)),
        )
        key.chmod(0o644)
        return certificate, key


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
