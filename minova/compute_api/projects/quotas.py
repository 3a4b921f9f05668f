# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Quotas: limits and usage of projects and users."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final

from minova import exception
from minova.context import RequestContext
from minova.db.api import Database
from minova.objects.instance import Instance
from minova.objects.quota import UNLIMITED, Amounts, CreateQuota

NETWORK: Final = frozenset(
    {"fixed_ips", "floating_ips", "security_groups", "security_group_rules"}
)
"""Resources of the former nova-network: shown until 2.35, without a limit."""

INJECTED: Final = frozenset(
    {"injected_files", "injected_file_content_bytes", "injected_file_path_bytes"}
)
"""Resources of files given to a new server: shown until 2.56."""

SERVER_GROUPS: Final = frozenset({"server_groups", "server_group_members"})

RESOURCES: Final = tuple(
    sorted(
        {"instances", "cores", "ram", "metadata_items", "key_pairs"}
        | NETWORK
        | INJECTED
        | SERVER_GROUPS
    )
)

_COUNTED: Final = ("instances", "cores", "ram")


class Quotas:
    """The limits of projects, of users in them, and of quota classes."""

    def __init__(self, db: Database, options: Mapping[str, int]) -> None:
        """Take the default limits.

        Args:
            options: the values of ``[quota]``, by resource.
        """
        self._db = db
        self._options = dict.fromkeys(RESOURCES, UNLIMITED) | dict(options)

    def defaults(self) -> dict[str, int]:
        """Return the default limits, for a project without its own limits."""
        return self._options | self._db.quota_class("default")

    def class_limits(self, class_name: str) -> dict[str, int]:
        """Return the limits of a quota class.  Only ``default`` has an effect."""
        return self._options | self._db.quota_class(class_name)

    def set_class(self, class_name: str, limits: Mapping[str, int]) -> None:
        self._db.quota_class_set(class_name, limits)

    def limits(self, project_id: str, user_id: str | None = None) -> dict[str, int]:
        """Return the limits of a project, or of a user in it."""
        found = self._db.quota_overrides(project_id, user_id)
        return (
            self._options | dict(found.default) | dict(found.project) | dict(found.user)
        )

    def used(self, project_id: str, user_id: str | None = None) -> dict[str, int]:
        """Return how much of each resource is used, 0 where nothing is counted.

        As in Nova, keypairs and group members are not counted here, because their
        limits are not a project's.
        """
        counted = self._db.quota_usage(project_id, user_id)
        groups = self._db.server_group_count(project_id, user_id)
        return (
            dict.fromkeys(RESOURCES, 0)
            | dataclasses.asdict(counted)
            | {"server_groups": groups}
        )

    def update(
        self,
        project_id: str,
        user_id: str | None,
        limits: Mapping[str, int],
        *,
        force: bool,
    ) -> None:
        """Set limits of a project, or of a user in it.

        Args:
            force: whether to skip the checks below.

        Raises:
            Invalid: a limit is less than what is used.  Or a project's limit is less
                than the limits of its users together, or a user's limit is more than
                the other users leave.
        """
        if not force:
            self._check(project_id, user_id, limits)
        self._db.quota_set(project_id, user_id or "", limits)

    def delete(self, project_id: str, user_id: str | None) -> None:
        """Go back to the defaults.  Without a user, all users of the project do so."""
        self._db.quota_delete(project_id, user_id)

    def of(
        self, owner: RequestContext | Instance, min_count: int = 1, max_count: int = 1
    ) -> CreateQuota:
        """Return the quota to check when servers are inserted, restored or resized."""
        found = self._db.quota_overrides(owner.project_id or "", owner.user_id)
        project = self._options | dict(found.default) | dict(found.project)
        user = project | dict(found.user)
        return CreateQuota(
            project=_amounts(project),
            user=_amounts(user),
            min_count=min_count,
            max_count=max_count,
            group_members=user["server_group_members"],
        )

    def check_metadata(self, project_id: str, count: int) -> None:
        """Check that a server may have ``count`` metadata items.

        Raises:
            MetadataLimitExceeded: 403.
        """
        limit = self.limits(project_id)["metadata_items"]
        if limit != UNLIMITED and count > limit:
            raise exception.MetadataLimitExceeded(limit)

    def check_files(self, project_id: str, files: Sequence[Mapping[str, str]]) -> None:
        """Check that a server may be given these files.

        Args:
            files: each with its ``path`` and its ``contents`` in base64.  The limit
                counts the characters of base64.

        Raises:
            OnsetFileLimitExceeded, OnsetFilePathLimitExceeded,
                OnsetFileContentLimitExceeded: 403.
        """
        limits = {
            name: _number(limit) for name, limit in self.limits(project_id).items()
        }
        if len(files) > limits["injected_files"]:
            raise exception.OnsetFileLimitExceeded
        longest = {
            key: max((len(file.get(key, "")) for file in files), default=0)
            for key in ("path", "contents")
        }
        if longest["path"] > (most := limits["injected_file_path_bytes"]):
            raise exception.OnsetFilePathLimitExceeded(most)
        if longest["contents"] > (most := limits["injected_file_content_bytes"]):
            raise exception.OnsetFileContentLimitExceeded(most)

    def _check(
        self, project_id: str, user_id: str | None, limits: Mapping[str, int]
    ) -> None:
        least = self.used(project_id, user_id)
        most = dict.fromkeys(RESOURCES, UNLIMITED)
        given = dict.fromkeys(RESOURCES, 0) | self._db.quota_given(project_id)
        if user_id is None:
            least = {name: max(least[name], given[name]) for name in RESOURCES}
        else:
            own = self._db.quota_overrides(project_id, user_id).user
            for name, limit in self.limits(project_id).items():
                if limit != UNLIMITED:
                    others = given[name] - max(own.get(name, 0), 0)
                    most[name] = limit - others
        for name, limit in limits.items():
            if _number(limit) < least[name]:
                raise exception.Invalid(
                    f"Quota limit {limit} for {name} must be greater than or equal to "
                    f"already used and reserved {least[name]}."
                )
            if _number(limit) > _number(most[name]):
                raise exception.Invalid(
                    f"Quota limit {limit} for {name} must be less than or equal to "
                    f"{most[name]}."
                )


def _number(limit: int) -> float:
    return float("inf") if limit == UNLIMITED else limit


def _amounts(limits: Mapping[str, int]) -> Amounts:
    return Amounts(**{name: limits[name] for name in _COUNTED})
