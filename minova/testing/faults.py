# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What goes wrong in a cloud, on order of a test."""

import contextlib
from http import HTTPStatus
from typing import Any, Final, Self

from minova.testing.asking import Asking, Refused

_OF_NO_PROJECT: Final = ("host-down",)
"""Kinds that everybody sees."""


class Fault:
    """One that was ordered; as a context manager it is taken back at the end.

    Attributes:
        id: its own.
    """

    def __init__(self, ask: Asking, fault_id: str) -> None:
        self._ask = ask
        self.id = fault_id

    @property
    def struck(self) -> int:
        """How often it did what it was ordered to."""
        count: int = self.facts["struck"]
        return count

    @property
    def strikes(self) -> list[dict[str, Any]]:
        """What it did: ``at``, ``request_id``, ``server_id``, ``host`` and so on."""
        found: list[dict[str, Any]] = self.facts["strikes"]
        return found

    @property
    def facts(self) -> dict[str, Any]:
        """The order, and what became of it by now.

        Raises:
            Refused: it was taken back.
        """
        found: dict[str, Any] = self._ask("GET", self._path)["fault"]
        return found

    def remove(self) -> None:
        """Take it back, if it is still there."""
        try:
            self._ask("DELETE", self._path)
        except Refused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.remove()

    @property
    def _path(self) -> str:
        return f"/minova/v1/faults/{self.id}"


class Faults:
    """Those of one test."""

    def __init__(self, ask: Asking, project_id: str) -> None:
        self._ask = ask
        self._project_id = project_id
        self._for_everybody = contextlib.ExitStack()

    def order(self, kind: str, *, everywhere: bool, **values: Any) -> Fault:
        """Have one, for this project alone if it can be so.

        Raises:
            Refused: with the cloud's words.
        """
        values["kind"] = kind
        everywhere = everywhere or kind in _OF_NO_PROJECT
        if not everywhere:
            values["project_id"] = self._project_id
        made = self._ask("POST", "/minova/v1/faults", {"fault": values})
        fault = Fault(self._ask, made["fault"]["id"])
        if everywhere:
            self._for_everybody.enter_context(fault)
        return fault

    def close(self) -> None:
        """Take those back that a reset of the project leaves."""
        self._for_everybody.close()
