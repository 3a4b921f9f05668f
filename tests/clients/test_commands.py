# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The commands ``openstack`` and ``nova``: each line must succeed."""

import pytest

from tests.clients.conftest import CLIENT_VENV, Cloud
from tests.clients.running import Runs

pytestmark = pytest.mark.campaign

OPENSTACK = """
server group create --policy anti-affinity group
server group list --long
server group show group
aggregate create --zone zone near
aggregate set --property ssd=true near
aggregate unset --property ssd near
aggregate add host near host-1
availability zone list --long
aggregate remove host near host-1
aggregate show near
aggregate delete near
server create --image minova-tick --flavor m1.nano --nic none --wait one
server lock --reason why one
server unlock one
server set --tag a one
server unset --tag a one
server set --auto-approve --state error one
server set --auto-approve --state active one
server show --diagnostics one
server rebuild --image minova-tick --name two --wait one
server rebuild --image minova-tick --name one --wait two
server resize --flavor m1.tiny --wait one
server resize confirm one
server resize --flavor m1.nano --wait one
server resize revert one
server migrate one
server event list --long one
server volume list one
server migration list
server migration list --server one
server list --all-projects --long
usage list
usage show --project admin
host list --zone nova
host show host-1
hypervisor list --long
hypervisor stats show
compute service list --long
compute service set --disable --disable-reason why host-1 nova-compute
compute service set --enable host-1 nova-compute
quota show --compute admin
quota set --cores 77 admin
limits show --absolute
flavor create --ram 64 --vcpus 1 --disk 0 small
flavor set --property hw:cpu_policy=shared small
flavor delete small
keypair create --type ssh key
keypair show key
keypair delete key
server delete --force --wait one
server group delete group
"""

NOVA = """
aggregate-create near zone
aggregate-set-metadata near ssd=true
aggregate-add-host near host-1
aggregate-show near
aggregate-remove-host near host-1
aggregate-update --name far near
aggregate-list
aggregate-delete far
server-group-create group affinity
server-group-list
boot --image minova-tick --flavor m1.nano --nic none --poll one
reboot --hard --poll one
lock --reason why one
unlock one
server-tag-add one a
meta one set colour=blue
reset-state --active one
rebuild --poll one minova-tick
resize --poll one m1.tiny
resize-confirm one
resize --poll one m1.nano
resize-revert one
migrate one
instance-action-list one
server-migration-list one
migration-list
server-topology one
diagnostics one
console-log --length 3 one
get-password one
volume-attachments one
list-secgroup one
usage
usage-list
instance-usage-audit-log
availability-zone-list
service-list
hypervisor-list
hypervisor-servers host-1
--os-compute-api-version 2.87 hypervisor-stats
quota-show
quota-update --cores 66 admin
quota-class-show default
limits
flavor-show m1.nano
keypair-list
version-list
host-evacuate host-1
host-servers-migrate host-1
host-meta host-1 set a=b
force-delete one
"""
"""The client does not know the auth_type none, so it needs Keystone."""


def test_openstack(cloud: Cloud) -> None:
    all_succeed(cloud, "openstack", OPENSTACK, OS_CLOUD="minova")


def test_nova(with_keystone: Cloud) -> None:
    domains = {"OS_USER_DOMAIN_ID": "default", "OS_PROJECT_DOMAIN_ID": "default"}
    all_succeed(with_keystone, "nova", NOVA, **domains)


def all_succeed(cloud: Runs, command: str, lines: str, **environment: str) -> None:
    """Run each line as a command of the client."""
    failed = {}
    for line in lines.split("\n"):
        if line:
            done = cloud.run(
                CLIENT_VENV / "bin" / command, *line.split(), **environment
            )
            if done.returncode != 0:
                failed[line] = done.stdout
    assert failed == {}
