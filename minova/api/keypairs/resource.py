# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-keypairs: each user's own; since 2.10 admins may name another user."""

from typing import Any, Final

import falcon

from minova.api.answers import paging
from minova.api.front.request import Request
from minova.api.keypairs import schema as schemas
from minova.api.keypairs import view as views
from minova.compute_api.keypairs import SSH, KeypairAPI
from minova.policy import Enforcer

_RULE: Final = "os_compute_api:os-keypairs"


class _Keypairs:
    def __init__(self, keypairs: KeypairAPI, enforcer: Enforcer) -> None:
        self._keypairs = keypairs
        self._enforcer = enforcer

    def _user(self, req: Request, query: dict[str, Any], rule: str) -> str:
        """Return the user whose keypairs are meant, if the caller may use them."""
        asked = query.get("user_id") if req.version >= (2, 10) else None
        user_id = str(asked or req.caller.user_id)
        self._enforcer.authorize(req.caller, f"{_RULE}:{rule}", user_id=user_id)
        return user_id


class KeypairsResource(_Keypairs):
    def __init__(
        self, keypairs: KeypairAPI, enforcer: Enforcer, max_limit: int
    ) -> None:
        super().__init__(keypairs, enforcer)
        self._max_limit = max_limit

    def on_get(self, req: Request, resp: falcon.Response) -> None:
        query = schemas.KEYPAIRS_QUERY.of(req.version).read(req.query_string)
        user_id = self._user(req, query, "index")
        paged = req.version >= (2, 35)
        limit = paging.limit_of(query, self._max_limit) if paged else None
        found = self._keypairs.get_all(user_id, limit, query.get("marker"))
        names, key = [keypair.name for keypair in found], "keypairs_links"
        resp.media = {
            "keypairs": [{"keypair": views.basic(req, keypair)} for keypair in found],
            **paging.next_link(req, query, "os-keypairs", key, names, limit=limit),
        }

    def on_post(self, req: Request, resp: falcon.Response) -> None:
        """Import a public key or, until 2.91, generate a key.

        Raises:
            Invalid: 400.
            KeyPairExists: 409.
            KeypairLimitExceeded: 403.
        """
        body = req.read_json()
        schemas.KEYPAIR_CREATE.of(req.version).check(body)
        wanted = body["keypair"]
        user_id = self._user(req, wanted, "create")
        key_type, name = wanted.get("type", SSH), wanted["name"]
        private_key = None
        if "public_key" in wanted:
            keypair = self._keypairs.import_key(
                req.caller, user_id, name, wanted["public_key"], key_type
            )
        else:
            keypair, private_key = self._keypairs.generate(
                req.caller, user_id, name, key_type
            )
        resp.media = {"keypair": views.created(req, keypair, private_key)}
        resp.status = falcon.HTTP_201 if req.version >= (2, 2) else falcon.HTTP_200


class KeypairResource(_Keypairs):
    def on_get(self, req: Request, resp: falcon.Response, name: str) -> None:
        query = schemas.KEYPAIR_QUERY.of(req.version).read(req.query_string)
        user_id = self._user(req, query, "show")
        keypair = self._keypairs.get(user_id, name)
        resp.media = {"keypair": views.detail(req, keypair)}

    def on_delete(self, req: Request, resp: falcon.Response, name: str) -> None:
        query = schemas.KEYPAIR_QUERY.of(req.version).read(req.query_string)
        user_id = self._user(req, query, "delete")
        self._keypairs.delete(user_id, name)
        resp.status = falcon.HTTP_204 if req.version >= (2, 2) else falcon.HTTP_202
