# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Keypairs.  Each belongs to a user, not to a project."""

from typing import Final

from minova import exception
from minova.compute_api.projects.quotas import Quotas
from minova.context import RequestContext
from minova.db.api import Database
from minova.objects.keypair import Keypair
from minova.objects.quota import UNLIMITED

SSH: Final = "ssh"
X509: Final = "x509"


def _values(key_type: str, public_key: str, fingerprint: str) -> dict[str, str]:
    return {"type": key_type, "public_key": public_key, "fingerprint": fingerprint}


class KeypairAPI:
    def __init__(self, db: Database, quotas: Quotas) -> None:
        self._db = db
        self._quotas = quotas

    def generate(
        self, context: RequestContext, user_id: str, name: str, key_type: str
    ) -> tuple[Keypair, str]:
        """Make a key and store its public half.

        Returns:
            The keypair, and the private key.

        Raises:
            KeypairLimitExceeded: 403.
            KeyPairExists: the user has a keypair of that name.
        """
        from minova.compute_api import crypto  # noqa: PLC0415 - takes 8 MiB

        limit = self._limit(context, user_id)
        if self._db.keypair_get(user_id, name) is not None:
            raise exception.KeyPairExists(name)
        made = (
            crypto.generate_x509(user_id) if key_type == X509 else crypto.generate_ssh()
        )
        values = _values(key_type, made.public_key, made.fingerprint)
        keypair = self._db.keypair_create(user_id, name, values, limit)
        return keypair, made.private_key

    def import_key(
        self,
        context: RequestContext,
        user_id: str,
        name: str,
        public_key: str,
        key_type: str,
    ) -> Keypair:
        """Store a public key that the user already has.

        Raises:
            KeypairLimitExceeded: 403.
            InvalidKeypair: it is not a public key of that type.
            KeyPairExists: the user has a keypair of that name.
        """
        from minova.compute_api import crypto  # noqa: PLC0415 - takes 8 MiB

        limit = self._limit(context, user_id)
        fingerprint = (
            crypto.x509_fingerprint(public_key)
            if key_type == X509
            else crypto.ssh_fingerprint(public_key)
        )
        values = _values(key_type, public_key, fingerprint)
        return self._db.keypair_create(user_id, name, values, limit)

    def get(self, user_id: str, name: str) -> Keypair:
        """Find a keypair.

        Raises:
            KeypairNotFound: the user has no keypair of that name.
        """
        keypair = self._db.keypair_get(user_id, name)
        if keypair is None:
            raise exception.KeypairNotFound(name, user_id)
        return keypair

    def get_all(
        self, user_id: str, limit: int | None, marker: str | None
    ) -> list[Keypair]:
        """Return a page of a user's keypairs, sorted by name.

        Raises:
            KeypairMarkerNotFound: the user has no keypair of that name.
        """
        if marker is not None and self._db.keypair_get(user_id, marker) is None:
            raise exception.KeypairMarkerNotFound(marker)
        return self._db.keypair_list(user_id, limit, marker)

    def delete(self, user_id: str, name: str) -> None:
        """Delete a keypair.  Servers keep their copy of the key.

        Raises:
            KeypairNotFound: the user has no keypair of that name.
        """
        if not self._db.keypair_delete(user_id, name):
            raise exception.KeypairNotFound(name, user_id)

    def _limit(self, context: RequestContext, user_id: str) -> int:
        """Return how many keypairs the user may have.

        As in Nova, the limit is checked first.  It is checked again at the insert.

        Raises:
            KeypairLimitExceeded: the user already has that many.
        """
        limit = self._quotas.limits(context.project_id or "", user_id)["key_pairs"]
        if limit != UNLIMITED and limit <= len(self.get_all(user_id, limit, None)):
            raise exception.KeypairLimitExceeded
        return limit
