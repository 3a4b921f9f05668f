# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Rules of a server's ports and volumes."""

from minova.policies.checks import MEMBER, READER, SERVICE, rule

_SERVER = "/servers/{server_id}"
_ACTION = f"POST {_SERVER}/action"
_PORTS = f"{_SERVER}/os-interface"
_PORT = f"{_PORTS}/{{port_id}}"
_VOLUMES = f"{_SERVER}/os-volume_attachments"
_VOLUME = f"{_VOLUMES}/{{volume_id}}"

RULES = [
    rule(
        "os-security-groups:add",
        MEMBER,
        "Add a security group to a server",
        f"{_ACTION} (addSecurityGroup)",
    ),
    rule(
        "os-security-groups:remove",
        MEMBER,
        "Remove a security group from a server",
        f"{_ACTION} (removeSecurityGroup)",
    ),
    rule(
        "os-multinic:add",
        MEMBER,
        "Add a fixed IP to a server (until 2.43)",
        f"{_ACTION} (addFixedIp)",
    ),
    rule(
        "os-multinic:remove",
        MEMBER,
        "Remove a fixed IP from a server (until 2.43)",
        f"{_ACTION} (removeFixedIp)",
    ),
    rule(
        "os-floating-ips:add",
        MEMBER,
        "Give a server a floating IP (until 2.43)",
        f"{_ACTION} (addFloatingIp)",
    ),
    rule(
        "os-floating-ips:remove",
        MEMBER,
        "Take a floating IP from a server (until 2.43)",
        f"{_ACTION} (removeFloatingIp)",
    ),
    rule(
        "os-attach-interfaces:list",
        READER,
        "List the ports of a server",
        f"GET {_PORTS}",
    ),
    rule(
        "os-attach-interfaces:show", READER, "Show a port of a server", f"GET {_PORT}"
    ),
    rule(
        "os-attach-interfaces:create",
        MEMBER,
        "Attach a port to a server",
        f"POST {_PORTS}",
    ),
    rule(
        "os-attach-interfaces:delete",
        MEMBER,
        "Detach a port from a server",
        f"DELETE {_PORT}",
    ),
    rule(
        "os-volumes-attachments:index",
        READER,
        "List the volumes of a server",
        f"GET {_VOLUMES}",
    ),
    rule(
        "os-volumes-attachments:show",
        READER,
        "Show a volume of a server",
        f"GET {_VOLUME}",
    ),
    rule(
        "os-volumes-attachments:create",
        MEMBER,
        "Attach a volume to a server",
        f"POST {_VOLUMES}",
    ),
    rule(
        "os-volumes-attachments:update",
        MEMBER,
        "Change how a volume is attached to a server",
        f"PUT {_VOLUME}",
    ),
    rule(
        "os-volumes-attachments:swap",
        SERVICE,
        "Replace a volume of a server with another",
        f"PUT {_VOLUME}",
    ),
    rule(
        "os-volumes-attachments:delete",
        MEMBER,
        "Detach a volume from a server",
        f"DELETE {_VOLUME}",
    ),
]
