# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Events that a hypervisor reports."""

import dataclasses
import enum
import time


class Transition(enum.StrEnum):
    """What happened to a guest, in the words of Nova's log lines."""

    STARTED = "Started"
    STOPPED = "Stopped"
    PAUSED = "Paused"
    RESUMED = "Resumed"


@dataclasses.dataclass(frozen=True, slots=True)
class LifecycleEvent:
    """A transition of a guest, no matter what caused it."""

    instance_uuid: str
    transition: Transition
    timestamp: float = dataclasses.field(default_factory=time.time)

    def __repr__(self) -> str:
        return (
            f"<LifecycleEvent: {self.timestamp}, {self.instance_uuid} => "
            f"{self.transition}>"
        )
