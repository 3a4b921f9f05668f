# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Faults: a test tells the cloud what should go wrong."""

import contextlib
from http import HTTPStatus
from typing import Any, Final, Self

from minova.testing.asking import Asking, Refused

_OF_NO_PROJECT: Final = ("host-down",)
"""Kinds that always affect all projects."""


class Fault:
    """A fault that was ordered.  As a context manager it is removed at the end."""

    def __init__(self, ask: Asking, fault_id: str) -> None:
        self._ask = ask
        self.id = fault_id

    @property
    def struck(self) -> int:
        """How often the fault has happened so far."""
        count: int = self.facts["struck"]
        return count

    @property
    def strikes(self) -> list[dict[str, Any]]:
        """Each time it happened: ``at``, ``request_id``, ``server_id`` and so on."""
        found: list[dict[str, Any]] = self.facts["strikes"]
        return found

    @property
    def facts(self) -> dict[str, Any]:
        """The order and what it has done so far, as the cloud describes them.

        Raises:
            Refused: the fault was removed.
        """
        found: dict[str, Any] = self._ask("GET", self._path)["fault"]
        return found

    def remove(self) -> None:
        """Remove the fault.  Removing it twice does no harm."""
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
    """The faults of one test."""

    def __init__(self, ask: Asking, project_id: str) -> None:
        self._ask = ask
        self._project_id = project_id
        self._for_everybody = contextlib.ExitStack()

    def order(self, kind: str, *, everywhere: bool, **values: Any) -> Fault:
        """Order a fault, for this project alone where the kind allows that."""
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
        """Remove the faults for all projects; a reset of this project keeps them."""
        self._for_everybody.close()
