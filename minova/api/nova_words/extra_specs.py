# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The extra specs that Nova knows, and their allowed values; checked since 2.86."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from oslo_utils import strutils

from minova import exception

_LONGEST: Final = 255
"""Characters of a value."""

Form = Callable[[str], str | None]
"""Returns what is wrong with a value, or None."""


def _any(_value: str) -> None:
    return


def _bool(value: str) -> str | None:
    try:
        strutils.bool_from_string(value, strict=True)
    except ValueError:
        return "is not a valid boolean-like value"
    return None


def _int(low: int | None = None, high: int | None = None) -> Form:
    def check(value: str) -> str | None:
        try:
            number = int(value)
        except ValueError:
            return "is not a valid integer value"
        if high is not None and number > high:
            return f"is greater than the max value of '{high}'"
        if low is not None and number < low:
            return f"is less than the min value of '{low}'"
        return None

    return check


def _one_of(*values: str) -> Form:
    wrong = f"is not one of: {', '.join(values)}"
    return lambda value: None if value in values else wrong


def _like(shown: str, pattern: str | None = None) -> Form:
    """Check with ``pattern``, which matches the same as Nova's ``shown``, but fast."""
    wrong = f"is not of the format '{shown}'"
    compiled = re.compile(shown if pattern is None else pattern)
    return lambda value: None if compiled.fullmatch(value) else wrong


_CPUS: Final = r"\^?\d+(-\d+|,\^?\d+)*"
_MASK: Final = r"\^?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*"
_GROUP: Final = "[a-zA-Z0-9_-]{0,64}"
# Pattern of names → check of the value.
_KNOWN: Final[dict[str, Form]] = {
    r"hw:cpu_(max_)?(sockets|cores|threads)|hw:numa_nodes": _int(1),
    r"hw:cpu_realtime|hw:hide_hypervisor_id|hw:pmu|hw:mem_encryption": _bool,
    r"hw:boot_menu|hw:locked_memory|hw:vif_multiqueue_enabled": _bool,
    r"hw:virtio_packed_ring|hw:ephemeral_encryption": _bool,
    r"hw:cpu_realtime_mask": _like(r"(\^)?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*", _CPUS),
    r"hw:cpu_dedicated_mask|hw:numa_cpus.\d+": _like(_MASK, _CPUS),
    r"hw:numa_mem.\d+": _int(1),
    r"hw:cpu_policy": _one_of("dedicated", "shared", "mixed"),
    r"hw:cpu_thread_policy": _one_of("prefer", "isolate", "require"),
    r"hw:emulator_threads_policy": _one_of("isolate", "share"),
    r"hw:ephemeral_encryption_format": _one_of("plain", "luks", "luksv2"),
    r"hw:mem_encryption_model": _one_of(
        "amd-sev", "amd-sev-es", "amd-sev-snp", "intel-tdx"
    ),
    r"hw:mem_page_size": _like(r"(large|small|any|\d+([kKMGT]i?)?(b|bit|B)?)"),
    r"hw:pci_numa_affinity_policy": _one_of(
        "required", "preferred", "legacy", "socket"
    ),
    r"hw:pmem": _like("([a-zA-Z0-9_]+(,)?)+", "[a-zA-Z0-9_]+(,[a-zA-Z0-9_]+)*,?"),
    r"hw:redirected_usb_ports": _int(0, 15),
    r"hw:serial_port_count": _int(0),
    r"hw:sound_model": _one_of(
        *("sb16", "es1370", "pcspk", "ac97", "ich6", "ich9", "usb", "virtio")
    ),
    r"hw:tpm_model": _one_of("tpm-tis", "tpm-crb"),
    r"hw:tpm_secret_security": _one_of("user", "host", "deployment"),
    r"hw:tpm_version": _one_of("1.2", "2.0"),
    r"hw:usb_model": _one_of("none", "nec-xhci", "qemu-xhci"),
    r"hw:viommu_model": _one_of("intel", "smmuv3", "virtio", "auto"),
    r"hw:watchdog_action": _one_of("none", "pause", "poweroff", "reset", "disabled"),
    r"hw_rng:allowed|hide_hypervisor_id": _bool,
    r"hw_rng:rate_(bytes|period)|hw_video:ram_max_mb": _int(0),
    r"quota:(cpu|memory|disk_io|vif)_(limit|shares_share)": _int(0),
    r"quota:(cpu|memory|disk_io|vif)_reservation|quota:cpu_quota": _int(),
    r"quota:(cpu|memory|disk_io|vif)_shares_level": _one_of(
        "custom", "high", "normal", "low"
    ),
    r"quota:cpu_(shares|period)": _int(0),
    r"quota:disk_(read|write|total)_(bytes|iops)_sec": _int(0),
    r"quota:vif_(in|out)bound_(average|peak|burst)": _int(0),
    r"os:secure_boot": _one_of("disabled", "required"),
    rf"resources{_GROUP}:[A-Z0-9_]+": _int(),
    rf"trait{_GROUP}:[A-Z0-9_]+": _one_of("required", "forbidden"),
    r"pci_passthrough:alias": _like(r"[^:]+:\d+(?:\s*,\s*[^:]+:\d+)*"),
    r"accel:device_profile|vmware:(hw_version|storage_policy)": _any,
    r"aggregate_instance_extra_specs:.+|capabilities:.+": _any,
    r"group_policy": _one_of("isolate", "none"),
}
_NAMESPACES: Final = re.compile(
    "hw|hw_rng|hw_video|quota|os|accel|pci_passthrough|capabilities|vmware"
    rf"|aggregate_instance_extra_specs|(resources|trait){_GROUP}"
)


def texts(specs: Mapping[str, str | float]) -> dict[str, str]:
    """Return extra specs as they are stored: a number becomes a string.

    Raises:
        Invalid: a number has more digits than a value may have characters.
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
    """Check extra specs as Nova does at this version.

    A name outside Nova's namespaces is an operator's own, with any value.

    Raises:
        Invalid: a name only looks like Nova's, or a value is not allowed.
    """
    if version < (2, 86):
        return
    for name, value in specs.items():
        known = next(
            (form for names, form in _KNOWN.items() if re.fullmatch(names, name)), None
        )
        if known is not None:
            wrong = known(value)
            if wrong is not None:
                raise exception.Invalid(f"Validation failed; '{value}' {wrong}.")
        elif ":" in name and _NAMESPACES.fullmatch(name.split(":", 1)[0]):
            raise exception.Invalid(
                f"Validation failed; extra spec '{name}' does not appear to be a valid "
                "extra spec."
            )
