# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A server's life by openstacksdk's cloud layer, which requires an address."""

import openstack

cloud = openstack.connect()
server = cloud.create_server(
    "cloud", image="minova-tick", flavor="m1.nano", network=None, wait=True
)
print(server.status)
cloud.compute.pause_server(server)
print(cloud.compute.wait_for_server(server, status="PAUSED").status)
cloud.compute.unpause_server(server)
print(cloud.compute.wait_for_server(server, status="ACTIVE").status)
cloud.get_server_console(server)
print("console")
cloud.delete_server(server.id, wait=True)
print("gone")
