# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The places in Nova 34 where the same happens: a table, checked by a test.

Nova's DEBUG lines name the code that wrote them. The table is for all other lines,
Nova's and minova's.
"""

import dataclasses
import re

from minova.trace.formats import Line


@dataclasses.dataclass(frozen=True)
class Place:
    """The place where Nova writes a line, or does what a line of minova reports.

    Attributes:
        logger: without ``nova.`` or ``minova.``.
        text: a regular expression for the beginning of the message.
        function: ``{}`` stands for what the expression's group captured.
        logged: whether the recordings of Nova 34 have the line. If not, Nova logs
            nothing there, or it was not recorded.
    """

    logger: str
    text: str
    path: str
    function: str
    logged: bool = True

    def of(self, line: Line) -> str | None:
        """Return ``nova/compute/manager.py pause_instance``; None for another line."""
        if line.logger.partition(".")[2] != self.logger:
            return None
        found = re.match(self.text, line.message)
        if found is None:
            return None
        what = found[1] if found.re.groups else ""
        return f"{self.path} {self.function.format(_IN_NOVA.get(what, what))}"


# The names of actions in nova/compute/api.py that differ from minova's.
_IN_NOVA = {"stop": "force_stop", "create": "_provision_instances"}

_MANAGER = "nova/compute/manager.py"
_LIBVIRT = "nova/virt/libvirt/driver.py"
_GUEST = "nova/virt/libvirt/guest.py"
PLACES = (
    Place(
        "api.openstack.wsgi",
        "Action: |Calling method ",
        "nova/api/openstack/wsgi.py",
        "_process_stack",
    ),
    Place("compute.api", "Fetching instance by UUID", "nova/compute/api.py", "get"),
    Place("compute.api", "Going to try to stop", "nova/compute/api.py", "force_stop"),
    Place("compute.api", "Going to try to start", "nova/compute/api.py", "start"),
    Place("compute.api", "Going to try to term", "nova/compute/api.py", "delete"),
    # instance.save(expected_task_state=[None]) and _record_action_start.
    Place("compute.api", r"Claimed for (\w+)", "nova/compute/api.py", "{}", False),
    Place(
        "compute.api",
        "Scheduled to host ",
        "nova/conductor/manager.py",
        "schedule_and_build_instances",
        logged=False,
    ),
    Place("rpc", r"CAST (\w+) ", "nova/compute/rpcapi.py", "{}", False),
    Place(
        "api.openstack.requestlog",
        r'\S+ "[A-Z]+ \S+" status: ',
        "nova/api/openstack/requestlog.py",
        "_log_req",
    ),
    Place(
        "compute.manager", "Starting instance", _MANAGER, "_do_build_and_run_instance"
    ),
    Place(
        "compute.manager",
        "Start spawning the instance|Took .* to spawn the instance",
        _MANAGER,
        "_build_and_run_instance",
    ),
    Place(
        "compute.manager",
        "Took .* to build instance",
        _MANAGER,
        "_do_build_and_run_instance",
    ),
    Place("compute.manager", "Pausing", _MANAGER, "pause_instance"),
    Place("compute.manager", "Unpausing", _MANAGER, "unpause_instance"),
    Place("compute.manager", "Resuming", _MANAGER, "resume_instance"),
    Place("compute.manager", "Stopping instance; ", _MANAGER, "do_stop_instance"),
    Place("compute.manager", "Rebooting instance", _MANAGER, "_reboot_instance"),
    Place("compute.manager", "Rescuing", _MANAGER, "rescue_instance", False),
    Place("compute.manager", "Unrescuing", _MANAGER, "unrescue_instance", False),
    Place(
        "compute.manager",
        "Terminating instance|Start destroying|Took .* to destroy",
        _MANAGER,
        "_shutdown_instance",
    ),
    Place(
        "compute.manager", "Get console output", _MANAGER, "get_console_output", False
    ),
    Place("compute.manager", "Checking state", _MANAGER, "_get_power_state"),
    Place(
        "compute.manager",
        r"VM \w+ \(Lifecycle Event\)|Synchronizing instance power state after",
        _MANAGER,
        "handle_lifecycle_event",
    ),
    Place(
        "compute.manager",
        "During sync_power_state the instance has a pending task",
        _MANAGER,
        "_sync_instance_power_state",
    ),
    Place(
        "compute.manager",
        "Successfully reverted task state|Task possibly preempted",
        _MANAGER,
        "reverts_task_state",
        logged=False,
    ),
    Place("virt.driver", "Emitting event", "nova/virt/driver.py", "emit_event"),
    Place("virt.libvirt.guest", "Failed to set time", _GUEST, "sync_guest_time"),
    Place("virt.libvirt.guest", "Time updated to", _GUEST, "sync_guest_time", False),
    Place(
        "virt.libvirt.driver", "Creating instance directory", _LIBVIRT, "_create_image"
    ),
    Place("virt.libvirt.driver", "Creating image", _LIBVIRT, "_create_image"),
    Place("virt.libvirt.driver", "Instance spawned", _LIBVIRT, "_wait_for_boot"),
    Place("virt.libvirt.driver", "Guest created on hypervisor", _LIBVIRT, "spawn"),
    Place(
        "virt.libvirt.driver", "Instance running success", _LIBVIRT, "_wait_for_running"
    ),
    Place("virt.libvirt.driver", "Instance rebooted", _LIBVIRT, "_wait_for_reboot"),
    Place("virt.libvirt.driver", "Failed to soft reboot", _LIBVIRT, "reboot"),
    Place("virt.libvirt.driver", "Instance soft rebooted", _LIBVIRT, "reboot", False),
    Place(
        "virt.libvirt.driver",
        "Instance shutdown successfully after",
        _LIBVIRT,
        "_clean_shutdown",
        logged=False,
    ),
    Place("virt.libvirt.driver", "Instance destroyed", _LIBVIRT, "_wait_for_destroy"),
    Place("virt.libvirt.driver", "Attempting rescue", _LIBVIRT, "rescue", logged=False),
    Place(
        "virt.libvirt.driver",
        "Deleting instance files|Deletion of ",
        _LIBVIRT,
        "delete_instance_files",
    ),
)


def in_nova(line: Line) -> str:
    """Return the file and function of Nova; empty for a line that only minova has."""
    if line.logger.startswith("nova.") and "/nova/" in line.path:
        file = line.path.rpartition("/nova/")[2].rpartition(":")[0]
        return f"nova/{file} {line.function}"
    found = (place.of(line) for place in PLACES)
    return next((place for place in found if place), "")
