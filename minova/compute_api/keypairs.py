# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What may be asked about keypairs."""

from typing import Final

from minova import exception
from minova.compute_api import crypto
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
    """Keypairs are a user's, not a project's."""

    def __init__(self, db: Database, quotas: Quotas) -> None:
        self._db = db
        self._quotas = quotas

    def generate(
        self, context: RequestContext, user_id: str, name: str, key_type: str
    ) -> tuple[Keypair, str]:
        """Make a key and keep its public half.

        Returns:
            The keypair, and the private key.

        Raises:
            KeypairLimitExceeded: 403.
            KeyPairExists: the user has one of that name.
        """
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
        """Keep a public key of the user's own.

        Raises:
            KeypairLimitExceeded: 403.
            InvalidKeypair: it is no such key.
            KeyPairExists: the user has one of that name.
        """
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
            KeypairNotFound: the user has none of that name.
        """
        keypair = self._db.keypair_get(user_id, name)
        if keypair is None:
            raise exception.KeypairNotFound(name, user_id)
        return keypair

    def get_all(
        self, user_id: str, limit: int | None, marker: str | None
    ) -> list[Keypair]:
        """A page of a user's keypairs, by name.

        Raises:
            KeypairMarkerNotFound: the marker is no keypair of the user's.
        """
        if marker is not None and self._db.keypair_get(user_id, marker) is None:
            raise exception.KeypairMarkerNotFound(marker)
        return self._db.keypair_list(user_id, limit, marker)

    def delete(self, user_id: str, name: str) -> None:
        """Forget a keypair; servers keep the key.

        Raises:
            KeypairNotFound: the user has none of that name.
        """
        if not self._db.keypair_delete(user_id, name):
            raise exception.KeypairNotFound(name, user_id)

    def _limit(self, context: RequestContext, user_id: str) -> int:
        """How many keypairs the user may have.

        Looked at before anything else, as in Nova, and again when one is inserted.

        Raises:
            KeypairLimitExceeded: the user has as many.
        """
        limit = self._quotas.limits(context.project_id or "", user_id)["key_pairs"]
        if limit != UNLIMITED and limit <= len(self.get_all(user_id, limit, None)):
            raise exception.KeypairLimitExceeded
        return limit
