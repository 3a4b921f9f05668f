# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The image properties that a server shows since 2.98."""

from minova.api.images import properties as image_properties


def test_standard_properties_and_their_old_names() -> None:
    properties = {
        "hw_disk_bus": "virtio",
        "architecture": "x86_64",
        "owner_specified.openstack.md5": "",
        "kernel_id": "d9ef17dc-2715-486d-8756-92e0be6717b9",
        "img_block_device_mapping": "[]",
    }

    assert image_properties.standard(properties) == {
        "hw_disk_bus": "virtio",
        "architecture": "x86_64",
    }


def test_they_are_texts_that_fit_into_novas_table() -> None:
    shown = image_properties.standard(
        {"hw_cpu_cores": 2, "hw_boot_menu": True, "os_distro": "x" + "\u00e9" * 200}
    )

    assert shown == {
        "hw_cpu_cores": "2",
        "hw_boot_menu": "True",
        "os_distro": "x" + "\u00e9" * 127,
    }
