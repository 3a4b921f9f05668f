# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The kinds of actions, and what can be seen of each from outside.

Actions of one kind go through the same steps, and a fault affects them in the same way.
So only one or two actions of each kind are tested with every fault.
"""

import dataclasses
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from tests.tick_image import TICK

_STARTS: Final = ("BOOTED", "RESTORED")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """An action, how to ask for it, and what its guest does.

    Attributes:
        name: its recorded name, which precedes ``_instance`` in the message.
        key: the key in the body, for ``value``.
        accepted: the status of the answer.
        starts_from: the status of the server before; ``leads_to`` is the one
            afterwards.
        does: what the watcher counts of the guest, once each (``Watch``).
        counted: everything that the watcher counts. The end of a QEMU is not reliable,
            only the start of the next one is.
        keeps_memory: whether the guest continues where it was, now or when it is
            resumed.
        once: whether the action is never repeated, even if nobody knows whether it was
            done.
        again: whether the guest does it once more if its host died after doing it.
    """

    name: str
    key: str = ""
    value: Any = None
    accepted: int = 202
    starts_from: str = "ACTIVE"
    leads_to: str
    does: tuple[str, ...] = ()
    counted: tuple[str, ...] = _STARTS
    keeps_memory: bool = True
    once: bool = False
    again: bool = False

    @property
    def body(self) -> dict[str, Any]:
        return {self.key or self.name: self.value}

    def may_have_done(self, result: str) -> list[Counter[str]]:
        """Return what the guest may have done when the request ended like this."""
        if result == "Success" and self.again:
            return [Counter(self.does), Counter(self.does * 2)]
        if result == "Success":
            return [Counter(self.does)]
        if result == "Error" and self.once:
            return [Counter(self.does), Counter()]
        return [Counter()]


_EVERY: Final = ("STOP", "RESUME", *_STARTS)

PAUSE: Final = Asked(name="pause", leads_to="PAUSED", does=("STOP",), counted=_EVERY)
UNPAUSE: Final = Asked(
    name="unpause",
    starts_from="PAUSED",
    leads_to="ACTIVE",
    does=("RESUME",),
    counted=_EVERY,
)
SUSPEND: Final = Asked(name="suspend", leads_to="SUSPENDED")
RESUME: Final = Asked(
    name="resume", starts_from="SUSPENDED", leads_to="ACTIVE", does=("RESTORED",)
)
REBOOT_HARD: Final = Asked(
    name="reboot",
    value={"type": "HARD"},
    leads_to="ACTIVE",
    does=("BOOTED",),
    keeps_memory=False,
    once=True,
)
RESCUE: Final = Asked(
    name="rescue",
    accepted=200,
    leads_to="RESCUE",
    does=("BOOTED",),
    keeps_memory=False,
)
REBUILD: Final = Asked(
    name="rebuild",
    value={"imageRef": TICK},
    leads_to="ACTIVE",
    does=("BOOTED",),
    keeps_memory=False,
)
UNRESCUE: Final = Asked(
    name="unrescue",
    starts_from="RESCUE",
    leads_to="ACTIVE",
    does=("BOOTED",),
    keeps_memory=False,
)
RESIZE: Final = Asked(
    name="resize",
    value={"flavorRef": "1"},
    leads_to="VERIFY_RESIZE",
    does=("BOOTED",),
    keeps_memory=False,
    again=True,
)
REVERT_RESIZE: Final = Asked(
    name="revertResize",
    starts_from="VERIFY_RESIZE",
    leads_to="ACTIVE",
    does=("BOOTED",),
    keeps_memory=False,
    again=True,
)
START: Final = Asked(
    name="start",
    key="os-start",
    starts_from="SHUTOFF",
    leads_to="ACTIVE",
    does=("BOOTED",),
    keeps_memory=False,
)

INTO: Final = {asked.leads_to: asked for asked in (PAUSE, SUSPEND, RESCUE, RESIZE)}
"""How to bring an ACTIVE server to a status."""
OUT_OF: Final = {
    **{asked.starts_from: asked for asked in (UNPAUSE, RESUME, UNRESCUE, START)},
    REVERT_RESIZE.starts_from: REVERT_RESIZE,
    "ERROR": REBOOT_HARD,
}
"""How to bring it back."""

STEPS: Final = (
    "before claim",
    "after claim",
    "after cast",
    "confirm held back, not begun",
    "confirm held back, begun",
    "received",
    "started",
    "power still on",
    "power cut",
    "disk removed",
    "in guest call",
    "guest done",
    "saved",
)
"""The steps of a request in order. The first five are n-api's."""
FAULTS: Final = (
    "n-api killed",
    "n-cpu killed",
    "broker killed",
    "MariaDB killed",
    "SQLite locked",
    "libvirtd killed",
)

Place = tuple[str, str]
"""A step and a fault."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kind:
    """Actions that go through the same steps.

    Attributes:
        title: the heading of its table in the documentation.
        places: the steps and faults to test.
    """

    title: str
    actions: tuple[Asked, ...]
    places: tuple[Place, ...]

    @property
    def steps(self) -> list[str]:
        named = {step for step, _fault in self.places}
        return [step for step in STEPS if step in named]

    @property
    def faults(self) -> list[str]:
        named = {fault for _step, fault in self.places}
        return [fault for fault in FAULTS if fault in named]


def _places(steps: Mapping[str, tuple[str, ...]]) -> tuple[Place, ...]:
    return tuple((step, fault) for step, faults in steps.items() for fault in faults)


_IN_N_API: Final = {"after claim": ("n-api killed", "broker killed")}
_ON_HOST: Final = ("n-cpu killed", "MariaDB killed", "libvirtd killed")
"""The faults for the steps of a host. The rest is the same for every kind."""

AT_ONCE: Final = Kind(
    title="**Pause, unpause.** One call of libvirt, and the guest tells.",
    actions=(PAUSE, UNPAUSE),
    places=_places(
        {
            step: FAULTS
            for step in STEPS
            if step not in {"power still on", "power cut", "disk removed"}
        }
    ),
)
TO_DISK: Final = Kind(
    title="**Suspend, resume.** QEMU ends in between, and the memory must not be lost.",
    actions=(SUSPEND, RESUME),
    places=_places(
        {
            **_IN_N_API,
            **dict.fromkeys(("started", "in guest call", "guest done"), _ON_HOST),
        }
    ),
)
ONCE: Final = Kind(
    title="**A hard reboot.** In steps, and the last one is done only once.",
    actions=(REBOOT_HARD,),
    places=_places(
        {
            **_IN_N_API,
            **dict.fromkeys(
                ("started", "power still on", "power cut", "in guest call"), _ON_HOST
            ),
            "guest done": _ON_HOST,
        }
    ),
)
ANSWERED: Final = Kind(
    title="**Rescue.** Its answer is 200, and has the password.",
    actions=(RESCUE,),
    places=_places(
        {
            **_IN_N_API,
            "confirm held back, not begun": ("broker killed",),
            "confirm held back, begun": ("broker killed",),
            **dict.fromkeys(
                ("started", "power cut", "in guest call", "guest done"), _ON_HOST
            ),
        }
    ),
)

REPLACED: Final = Kind(
    title="**Rebuild.** Its guest and disk make room for others.",
    actions=(REBUILD,),
    places=_places(
        {
            **_IN_N_API,
            **dict.fromkeys(("started", "power cut", "disk removed"), _ON_HOST),
            **dict.fromkeys(("in guest call", "guest done"), _ON_HOST),
        }
    ),
)

ANOTHER_SIZE: Final = Kind(
    title="**Resize, and its revert.** A migration and room on the host go with each.",
    actions=(RESIZE, REVERT_RESIZE),
    places=_places(
        {
            **_IN_N_API,
            **dict.fromkeys(
                ("started", "power cut", "in guest call", "guest done"), _ON_HOST
            ),
        }
    ),
)

ALL: Final = (AT_ONCE, TO_DISK, ONCE, ANSWERED, REPLACED, ANOTHER_SIZE)
