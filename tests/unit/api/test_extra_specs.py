# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Nova 34's messages about values of extra specs since 2.86."""

import time

import pytest

from minova import exception
from minova.api.nova_words import extra_specs

_MASK = r"\^?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*"


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("hw:numa_nodes", "0", "is less than the min value of '1'"),
        ("hw:cpu_max_threads", "-1", "is less than the min value of '1'"),
        ("hw:numa_mem.0", "x", "is not a valid integer value"),
        ("hw:redirected_usb_ports", "16", "is greater than the max value of '15'"),
        ("hw:numa_cpus.0", "x", f"is not of the format '{_MASK}'"),
        ("hw:viommu_model", "x", "is not one of: intel, smmuv3, virtio, auto"),
        ("os:secure_boot", "optional", "is not one of: disabled, required"),
        ("quota:cpu_shares_level", "odd", "is not one of: custom, high, normal, low"),
        ("quota:disk_read_iops_sec", "-1", "is less than the min value of '0'"),
        ("hw:boot_menu", "maybe", "is not a valid boolean-like value"),
    ],
)
def test_a_wrong_value(name: str, value: str, wrong: str) -> None:
    with pytest.raises(exception.Invalid) as caught:
        extra_specs.check((2, 86), {name: value})

    assert str(caught.value) == f"Validation failed; '{value}' {wrong}."
    extra_specs.check((2, 85), {name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hw:numa_nodes", "1"),
        ("hw:cpu_realtime_mask", "^0-1,2,^3-4-5"),
        ("hw:cpu_dedicated_mask", "0,2-3"),
        ("hw:mem_page_size", "2048kB"),
        ("hw:pmem", "small,big,"),
        ("quota:cpu_quota", "-1"),
        ("pci_passthrough:alias", "gpu:1, nic:2"),
        ("trait1:CUSTOM_X", "forbidden"),
        ("vmware:hw_version", "x"),
        ("anything", "x"),
    ],
)
def test_an_accepted_value(name: str, value: str) -> None:
    extra_specs.check((2, 86), {name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hw:cpu_realtime_mask", "1" + ",1-2" * 60 + "x"),
        ("hw:pmem", "a" * 254 + "!"),
    ],
)
def test_no_value_takes_long(name: str, value: str) -> None:
    began = time.process_time()

    with pytest.raises(exception.Invalid):
        extra_specs.check((2, 86), {name: value})

    assert time.process_time() - began < 1
