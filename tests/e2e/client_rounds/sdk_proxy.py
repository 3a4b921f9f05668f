# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A server's life by openstacksdk's proxy layer. It prints what it sees."""

import os
import time

import openstack

compute = openstack.connect().compute
flavor = compute.find_flavor("m1.nano")
image = openstack.connect().image.find_image("minova-tick")
server = compute.create_server(
    name="proxy", flavor_id=flavor.id, image_id=image.id, networks="none"
)
server = compute.wait_for_server(server)
print(server.status)
compute.pause_server(server)
print(compute.wait_for_server(server, status="PAUSED").status)
compute.unpause_server(server)
print(compute.wait_for_server(server, status="ACTIVE").status)
compute.suspend_server(server)
print(compute.wait_for_server(server, status="SUSPENDED").status)
compute.resume_server(server)
print(compute.wait_for_server(server, status="ACTIVE").status)
compute.stop_server(server)
print(compute.wait_for_server(server, status="SHUTOFF").status)
compute.start_server(server)
print(compute.wait_for_server(server, status="ACTIVE").status)
# A booting guest does not react to a soft reboot. A fake guest does not boot.
boots = os.environ.get("GUESTS_BOOT") != "0"
while boots and compute.get_server_console_output(server)["output"].count("booted") < 2:
    time.sleep(1)
for kind in ("SOFT", "HARD"):
    compute.reboot_server(server, kind)
    # A server that is already ACTIVE would not be waited for.
    server = compute.get_server(server.id)
    print(compute.wait_for_server(server, status="ACTIVE").status)
compute.rescue_server(server, admin_pass="s3cret", image_ref=image.id)
print(compute.wait_for_server(server, status="RESCUE").status)
compute.unrescue_server(server)
print(compute.wait_for_server(server, status="ACTIVE").status)
server = compute.rebuild_server(server, image=image.id, admin_password="s3cret")
assert (server.status, server.admin_password) == ("REBUILD", "s3cret")
print(compute.wait_for_server(server, status="ACTIVE").status)
compute.get_server_console_output(server)
print("console")
assert compute.get_quota_set(server.project_id).instances == 10
compute.delete_server(server)
compute.wait_for_delete(server)
print("gone")
