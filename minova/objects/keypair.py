# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Keypair: a user's public key."""

import dataclasses
import datetime


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Keypair:
    """A row of ``key_pairs``.  The private key is never stored.

    Attributes:
        type: ``ssh`` or ``x509``.
        fingerprint: MD5 of an SSH key or SHA1 of a certificate, both with colons.
    """

    id: int
    user_id: str
    name: str
    type: str
    fingerprint: str
    public_key: str
    created_at: datetime.datetime
