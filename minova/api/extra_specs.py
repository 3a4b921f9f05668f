# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Extra specs that Nova knows, and what each may be: looked at since 2.86."""

import re
from collections.abc import Mapping
from typing import Final

from oslo_utils import strutils

from minova import exception

_LONGEST: Final = 255
"""Characters of a value."""
_ANY: Final = ""
_BOOL: Final = "bool"
_INT: Final = "int"
_SIZE: Final = "small|any|large|[0-9]+([kKMGT](B|b|iB)?)?"
_REQUIRED: Final = "required|disabled|forbidden"

# A pattern of names → what the value must be: one of the words above, or a pattern.
_KNOWN: Final = {
    r"hw:boot_menu": _BOOL,
    r"hw:cpu_cores|hw:cpu_max_cores|hw:cpu_sockets|hw:cpu_max_sockets": _INT,
    r"hw:cpu_threads|hw:cpu_max_threads|hw:numa_nodes|hw:watchdog_queues": _INT,
    r"hw:cpu_policy": "dedicated|shared|mixed",
    r"hw:cpu_thread_policy": "prefer|isolate|require",
    r"hw:emulator_threads_policy": "isolate|share",
    r"hw:cpu_realtime|hw:hide_hypervisor_id|hw:pmu|hw:mem_encryption": _BOOL,
    r"hw:tpm_version": r"1\.2|2\.0",
    r"hw:tpm_model": "tpm-tis|tpm-crb",
    r"hw:cpu_realtime_mask|hw:cpu_dedicated_mask": _ANY,
    r"hw:numa_cpus\.\d+|hw:numa_mem\.\d+|hw:pmem|hw:viommu_model": _ANY,
    r"hw:mem_page_size": _SIZE,
    r"hw:maxphysaddr_mode": "passthrough|emulate",
    r"hw:maxphysaddr_bits|hw:serial_port_count|hw:vif_multiqueue_queues": _INT,
    r"hw:vif_multiqueue_enabled|hw:locked_memory|hw:virtio_packed_ring": _BOOL,
    r"hw:input_bus|hw:sound_model|hw:usb_model|hw:redirected_usb_ports": _ANY,
    r"hw:pci_numa_affinity_policy": "required|preferred|legacy|socket",
    r"hw:watchdog_action": "none|pause|poweroff|reset|disabled",
    r"hw_rng:allowed": _BOOL,
    r"hw_rng:rate_bytes|hw_rng:rate_period": _INT,
    r"hw_video:ram_max_mb": _INT,
    r"quota:(cpu_(shares|period|quota|limit|reservation|shares_share))": _INT,
    r"quota:(disk|vif|memory)_[a-z_]+": _ANY,
    r"quota:(cpu_shares_level|memory_shares_level)": "custom|high|normal|low",
    r"os:(secure_boot)": _REQUIRED,
    r"os:(vdi_.*|monitors|resolution)": _ANY,
    r"resources(?P<group>[a-zA-Z0-9_-]{1,64})?:[A-Z0-9_]+": _INT,
    r"trait(?P<group>[a-zA-Z0-9_-]{1,64})?:[A-Z0-9_]+": "required|forbidden",
    r"accel:device_profile|pci_passthrough:alias": _ANY,
    r"aggregate_instance_extra_specs:.+|capabilities:.+": _ANY,
    r"hide_hypervisor_id": _BOOL,
    r"group_policy": "isolate|none",
}
_NAMESPACES: Final = re.compile(
    r"hw|hw_rng|hw_video|quota|os|accel|pci_passthrough|capabilities"
    r"|aggregate_instance_extra_specs|(resources|trait)[a-zA-Z0-9_-]{0,64}"
)


def texts(specs: Mapping[str, str | float]) -> dict[str, str]:
    """Extra specs as they are stored: a number that was sent for a text is one.

    Raises:
        Invalid: a number of more digits than a text may have characters.
    """
    found = {name: str(value) for name, value in specs.items()}
    for value in found.values():
        if len(value) > _LONGEST:
            raise exception.Invalid(
                f"Invalid input received: extra_specs value has {len(value)} "
                f"characters, more than {_LONGEST}."
            )
    return found


def check(version: tuple[int, int], specs: Mapping[str, str]) -> None:
    """Pass what Nova would take at this version.

    A name of no namespace of Nova's is an operator's own and may be anything.

    Raises:
        Invalid: a name that only looks like Nova's, or a value that means nothing.
    """
    if version < (2, 86):
        return
    for name, value in specs.items():
        known = next(
            (form for names, form in _KNOWN.items() if re.fullmatch(names, name)), None
        )
        if known is not None:
            _check_value(value, known)
        elif ":" in name and _NAMESPACES.fullmatch(name.split(":", 1)[0]):
            raise exception.Invalid(
                f"Validation failed; extra spec '{name}' does not appear to be a valid "
                "extra spec."
            )


def _check_value(value: str, form: str) -> None:
    if form == _BOOL:
        _check_bool(value)
    elif form == _INT:
        if not re.fullmatch(r"[+-]?[0-9]+", value):
            raise exception.Invalid(
                f"Validation failed; '{value}' is not a valid integer value."
            )
    elif form != _ANY and not re.fullmatch(form, value):
        choices = form.replace("\\", "").replace("|", ", ")
        raise exception.Invalid(
            f"Validation failed; '{value}' is not one of: {choices}."
            if form != _SIZE
            else f"Validation failed; '{value}' is not of the format '{form}'."
        )


def _check_bool(value: str) -> None:
    try:
        strutils.bool_from_string(value, strict=True)
    except ValueError:
        raise exception.Invalid(
            f"Validation failed; '{value}' is not a valid boolean-like value."
        ) from None
