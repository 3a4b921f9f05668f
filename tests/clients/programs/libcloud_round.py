# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The calls of libcloud's OpenStack driver; ``ok SUBJECT`` for each subject.

Usage: libcloud_round.py KEYSTONE_URL USER PASSWORD
       libcloud_round.py COMPUTE_URL TOKEN
"""

import os
import sys
import time

from libcloud.compute.providers import get_driver
from libcloud.compute.types import Provider

if len(sys.argv) == 4:
    url, user, password = sys.argv[1:]
    driver = get_driver(Provider.OPENSTACK)(
        user,
        password,
        api_version="2.2",
        ex_force_auth_url=url.removesuffix("/v3"),
        ex_force_auth_version="3.x_password",
        ex_tenant_name=user,
        ex_domain_name="Default",
        ex_force_service_region="RegionOne",
    )
else:
    url, token = sys.argv[1:]
    driver = get_driver(Provider.OPENSTACK)(
        "nobody",
        "",
        api_version="2.2",
        ex_force_auth_url=url,
        ex_force_base_url=url,
        ex_force_auth_token=token,
        ex_tenant_name="none",
        ex_domain_name="none",
    )


def wait_for(vm_state: str) -> None:
    """Wait for a state that the driver does not know, such as PAUSED."""
    for _ in range(300):
        extra = driver.ex_get_node_details(node.id).extra
        if extra["vm_state"] == vm_state and not extra["task_state"]:
            return
        time.sleep(0.2)
    raise TimeoutError(vm_state)


size = next(size for size in driver.list_sizes() if size.name == "m1.nano")
assert driver.ex_get_size(size.id).ram == size.ram
driver.ex_get_size_extra_specs(size.id)
print("ok sizes")
if len(sys.argv) == 4:
    image = next(image for image in driver.list_images() if image.name == "minova-tick")
    assert driver.get_image(image.id).name == image.name
    print("ok images")
else:
    from libcloud.compute.base import NodeImage

    # Without a catalog the driver finds no image service.
    image = NodeImage(os.environ["OS_IMAGE_ID"], "minova-tick", driver)
made = driver.create_key_pair("libcloud")
assert "PRIVATE KEY" in made.private_key
assert "libcloud" in {key.name for key in driver.list_key_pairs()}
assert driver.get_key_pair("libcloud").fingerprint == made.fingerprint
driver.delete_key_pair(made)
print("ok keypairs")
group = driver.ex_add_server_group("libcloud", "anti-affinity")
assert driver.ex_get_server_group(group.id).policy == "anti-affinity"
assert "libcloud" in {each.name for each in driver.ex_list_server_groups()}
print("ok server groups")
assert driver.ex_get_quota_set("demo").cores.limit
print("ok quotas")
node = driver.create_node(
    "libcloud",
    size,
    image=image,
    ex_metadata={"colour": "blue"},
    ex_files={"/etc/a": "some"},
)
wait_for("active")
node = driver.ex_get_node_details(node.id)
assert driver.ex_get_metadata_for_node(node) == {"colour": "blue"}
driver.ex_set_metadata(node, {"colour": "red", "shape": "round"})
assert driver.ex_update_node(node, name="renamed").name == "renamed"
assert node.id in {each.id for each in driver.list_nodes()}
assert "output" in driver.ex_get_console_output(node, length=5)
assert driver.ex_get_node_security_groups(node) == []
print("ok a server")
for act, state in (
    (driver.ex_pause_node, "paused"),
    (driver.ex_unpause_node, "active"),
    (driver.ex_suspend_node, "suspended"),
    (driver.ex_resume_node, "active"),
    (driver.ex_stop_node, "stopped"),
    (driver.ex_start_node, "active"),
    (driver.ex_hard_reboot_node, "active"),
    (driver.ex_rescue, "rescued"),
    (driver.ex_unrescue, "active"),
):
    assert act(node), act.__name__
    wait_for(state)
print("ok its actions")
# The driver's ex_rebuild sends a flavorRef, which Nova refuses.
larger = next(each for each in driver.list_sizes() if each.name == "m1.tiny")
for end, ends_as in (
    (driver.ex_revert_resize, size),
    (driver.ex_confirm_resize, larger),
):
    assert driver.ex_resize(node, larger)
    wait_for("resized")
    assert end(node), end.__name__
    wait_for("active")
    assert driver.ex_get_node_details(node.id).extra["flavorId"] == ends_as.id
print("ok its resizes")
assert driver.destroy_node(node)
for _ in range(300):
    if node.id not in {each.id for each in driver.list_nodes()}:
        print("ok its end")
        break
    time.sleep(0.2)
driver.ex_del_server_group(group)
