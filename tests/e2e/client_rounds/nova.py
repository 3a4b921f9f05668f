# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A server's life by the library python-novaclient."""

import os
import sys
import time

import openstack
from novaclient import client, exceptions

cloud = openstack.connect()
nova = client.Client(
    "2.96", session=cloud.session, endpoint_override=cloud.compute.get_endpoint()
)


def wait_for(status: str) -> None:
    for _ in range(120):
        found = nova.servers.get(server)
        if found.status == "ERROR":
            sys.exit(f"It should be {status} and is in ERROR: {found.fault}")
        if found.status == status:
            break
        time.sleep(0.5)
    print(nova.servers.get(server).status)


flavor = nova.flavors.find(name="m1.nano")
image = cloud.image.find_image("minova-tick")
server = nova.servers.create("novaclient", image.id, flavor, nics="none")
wait_for("ACTIVE")
nova.servers.pause(server)
wait_for("PAUSED")
nova.servers.unpause(server)
wait_for("ACTIVE")
nova.servers.suspend(server)
wait_for("SUSPENDED")
nova.servers.resume(server)
wait_for("ACTIVE")
nova.servers.stop(server)
wait_for("SHUTOFF")
nova.servers.start(server)
wait_for("ACTIVE")
# A booting guest does not react to a soft reboot. A fake guest does not boot.
boots = os.environ.get("GUESTS_BOOT") != "0"
while boots and nova.servers.get_console_output(server).count("booted") < 2:
    time.sleep(1)
nova.servers.reboot(server, "SOFT")
wait_for("ACTIVE")
nova.servers.reboot(server, "HARD")
wait_for("ACTIVE")
_answer, body = nova.servers.rescue(server, password="s3cret")
assert body["adminPass"] == "s3cret"
wait_for("RESCUE")
nova.servers.unrescue(server)
wait_for("ACTIVE")
rebuilt = nova.servers.rebuild(server, image.id, password="s3cret")
assert (rebuilt.status, rebuilt.adminPass) == ("REBUILD", "s3cret")
wait_for("ACTIVE")
nova.servers.get_console_output(server)
print("console")
nova.servers.delete(server)
try:
    for _ in range(120):
        nova.servers.get(server)
        time.sleep(0.5)
except exceptions.NotFound:
    print("gone")
