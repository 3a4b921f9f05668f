# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Client of the Keystone that ``minova up --identity keystone`` runs."""

from http import HTTPStatus
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from minova.testing.sending import Refused, send

PASSWORD: Final = "minova"  # noqa: S105 - not a secret
"""Every user's password.  As without Keystone, the cloud is open to all clients."""
ADMIN: Final = "admin"
DOMAIN: Final = "default"


class Identity(NamedTuple):
    """How the cloud knows a user and a project."""

    token: str
    user_id: str
    project_id: str


class Keystone:
    """Keystone, with the rights of its admin.

    Attributes:
        url: with ``/v3``.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._known: dict[tuple[str, str], Identity] = {}

    def identity(self, user: str, project: str, *, refused: str = "") -> Identity:
        """Return a token and the ids; make user and project if they do not exist.

        Args:
            refused: a token that is no longer valid.
        """
        known = self._known.get((user, project))
        if known is None or known.token == refused:
            known = self._known[user, project] = self._identity(user, project)
        return known

    def ensure(self, kind: str, name: str, **values: Any) -> str:
        """Return the id of the resource of this name. Make it if it does not exist.

        Args:
            kind: such as ``project``.
        """
        found = self._find(kind, name)
        if found is None:
            try:
                return self.make(kind, name=name, **values)
            except Refused as refused:
                if refused.status != HTTPStatus.CONFLICT:
                    raise
            # Another test process was faster.
            found = self._find(kind, name)
        assert found is not None
        return found

    def make(self, kind: str, **values: Any) -> str:
        made: str = self.ask("POST", f"/{kind}s", {kind: values})[kind]["id"]
        return made

    def grant(self, user_id: str, project_id: str, role: str) -> None:
        role_id = self._find("role", role)
        self.ask("PUT", f"/projects/{project_id}/users/{user_id}/roles/{role_id}")

    def remove(self, user: str, project: str) -> None:
        """Remove user and project, if ``identity`` has returned them before."""
        who = self._known.pop((user, project), None)
        if who is not None:
            self.ask("DELETE", f"/users/{who.user_id}")
            self.ask("DELETE", f"/projects/{who.project_id}")

    def forget(self) -> None:
        """Forget everything: Keystone was reset."""
        self._known.clear()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request as the admin and return the JSON of the answer."""
        url = self.url + path
        token = self.identity(ADMIN, ADMIN).token
        try:
            return send(method, url, {"X-Auth-Token": token}, body)[1]
        except Refused as refused:
            if refused.status != HTTPStatus.UNAUTHORIZED:
                raise
        token = self.identity(ADMIN, ADMIN, refused=token).token
        return send(method, url, {"X-Auth-Token": token}, body)[1]

    def _find(self, kind: str, name: str) -> str | None:
        found = self.ask("GET", f"/{kind}s?name={quote(name)}")[f"{kind}s"]
        return found[0]["id"] if found else None

    def _identity(self, user: str, project: str) -> Identity:
        try:
            return self._authenticate(user, project)
        except Refused as refused:
            if refused.status != HTTPStatus.UNAUTHORIZED or user == project == ADMIN:
                raise
        project_id = self.ensure("project", project, domain_id=DOMAIN)
        user_id = self.ensure("user", user, domain_id=DOMAIN, password=PASSWORD)
        self.grant(user_id, project_id, ADMIN if user == ADMIN else "member")
        return self._authenticate(user, project)

    def _authenticate(self, user: str, project: str) -> Identity:
        domain = {"id": DOMAIN}
        who = {"name": user, "domain": domain, "password": PASSWORD}
        auth = {
            "identity": {"methods": ["password"], "password": {"user": who}},
            "scope": {"project": {"name": project, "domain": domain}},
        }
        headers, body = send("POST", f"{self.url}/auth/tokens", {}, {"auth": auth})
        token = body["token"]
        return Identity(
            headers["X-Subject-Token"], token["user"]["id"], token["project"]["id"]
        )
