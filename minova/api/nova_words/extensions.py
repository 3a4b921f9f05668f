# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/extensions: all of them are part of the API since long."""

from typing import Any, Final

import falcon

from minova import exception
from minova.api.front.request import Request
from minova.api.validation.no_query import takes_no_query
from minova.policy import Enforcer
from minova.vocabulary import instance_actions

_RULE: Final = "os_compute_api:extensions"
_FAKE_NAMESPACE: Final = "http://docs.openstack.org/compute/ext/fake_xml"
_FAKE_UPDATED: Final = "2014-12-03T00:00:00Z"

# Nova's (nova/api/openstack/compute/extension_info.py) that stand for actions.  Those
# that a rule of the table of actions names are offered.
_OF_ACTIONS: Final = {
    "os-admin-password": ("AdminPassword", "Admin password management support."),
    "os-create-backup": ("CreateBackup", "Create a backup of a server."),
    "os-deferred-delete": ("DeferredDelete", "Instance deferred delete."),
    "os-evacuate": ("Evacuate", "Enables server evacuation."),
    "os-migrate-server": (
        "MigrateServer",
        "Enable migrate and live-migrate server actions.",
    ),
    "os-pause-server": ("PauseServer", "Enable pause/unpause server actions."),
    "os-rescue": ("Rescue", "Instance rescue mode."),
    "os-shelve": ("Shelve", "Instance shelve mode."),
    "os-suspend-server": ("SuspendServer", "Enable suspend/resume server actions."),
}
_RULES: Final = {action.policy.split(":")[1] for action in instance_actions.ALL}

# Those of Nova's that minova offers.
_OFFERED: Final = {
    **{alias: shown for alias, shown in _OF_ACTIONS.items() if alias in _RULES},
    "NMN": ("Multinic", "Multiple network support."),
    "OS-DCF": ("DiskConfig", "Disk Management Extension."),
    "OS-EXT-AZ": ("ExtendedAvailabilityZone", "Extended Availability Zone support."),
    "OS-EXT-IMG-SIZE": ("ImageSize", "Adds image size to image listings."),
    "OS-EXT-IPS": ("ExtendedIps", "Adds type parameter to the ip list."),
    "OS-EXT-IPS-MAC": ("ExtendedIpsMac", "Adds mac address parameter to the ip list."),
    "OS-EXT-SRV-ATTR": (
        "ExtendedServerAttributes",
        "Extended Server Attributes support.",
    ),
    "OS-EXT-STS": ("ExtendedStatus", "Extended Status support."),
    "OS-FLV-DISABLED": (
        "FlavorDisabled",
        "Support to show the disabled status of a flavor.",
    ),
    "OS-FLV-EXT-DATA": ("FlavorExtraData", "Provide additional data for flavors."),
    "OS-SCH-HNT": (
        "SchedulerHints",
        "Pass arbitrary key/value pairs to the scheduler.",
    ),
    "OS-SRV-USG": ("ServerUsage", "Adds launched_at and terminated_at on Servers."),
    "os-access-ips": ("AccessIPs", "Access IPs support."),
    "os-admin-actions": (
        "AdminActions",
        "Enable admin-only server actions\n\n    Actions include: "
        "resetNetwork, injectNetworkInfo, os-resetState\n    ",
    ),
    "os-aggregates": ("Aggregates", "Admin-only aggregate administration."),
    "os-availability-zone": (
        "AvailabilityZone",
        "1. Add availability_zone to the Create Server API.\n       2. "
        "Add availability zones describing.\n    ",
    ),
    "os-block-device-mapping-v2-boot": (
        "BlockDeviceMappingV2Boot",
        "Allow boot with the new BDM data format.",
    ),
    "os-config-drive": ("ConfigDrive", "Config Drive Extension."),
    "os-console-output": (
        "ConsoleOutput",
        "Console log output support, with tailing ability.",
    ),
    "os-extended-hypervisors": ("ExtendedHypervisors", "Extended hypervisors support."),
    "os-extended-quotas": (
        "ExtendedQuotas",
        "Adds ability for admins to delete quota and optionally force "
        "the update Quota command.",
    ),
    "os-extended-services": ("ExtendedServices", "Extended services support."),
    "os-extended-services-delete": (
        "ExtendedServicesDelete",
        "Extended services deletion support.",
    ),
    "os-extended-status": ("ExtendedStatus", "Extended Status support."),
    "os-extended-volumes": ("ExtendedVolumes", "Extended Volumes support."),
    "os-flavor-access": ("FlavorAccess", "Flavor access support."),
    "os-flavor-extra-specs": ("FlavorExtraSpecs", "Flavors extra specs support."),
    "os-flavor-manage": ("FlavorManage", "Flavor create/delete API support."),
    "os-flavor-rxtx": ("FlavorRxtx", "Support to show the rxtx status of a flavor."),
    "os-flavor-swap": ("FlavorSwap", "Support to show the swap status of a flavor."),
    "os-hypervisor-status": ("HypervisorStatus", "Show hypervisor status."),
    "os-hypervisors": ("Hypervisors", "Admin-only hypervisor administration."),
    "os-instance-actions": (
        "InstanceActions",
        "View a log of actions and events taken on an instance.",
    ),
    "os-keypairs": ("Keypairs", "Keypair Support."),
    "os-lock-server": ("LockServer", "Enable lock/unlock server actions."),
    "os-multiple-create": (
        "MultipleCreate",
        "Allow multiple create in the Create Server v2.1 API.",
    ),
    "os-quota-class-sets": ("QuotaClasses", "Quota classes management support."),
    "os-quota-sets": ("Quotas", "Quotas management support."),
    "os-security-groups": ("SecurityGroups", "Security group support."),
    "os-server-diagnostics": (
        "ServerDiagnostics",
        "Allow Admins to view server diagnostics through server action.",
    ),
    "os-server-external-events": (
        "ServerExternalEvents",
        "Server External Event Triggers.",
    ),
    "os-server-list-multi-status": (
        "ServerListMultiStatus",
        "Allow to filter the servers by a set of status values.",
    ),
    "os-server-start-stop": (
        "ServerStartStop",
        "Start/Stop instance compute API support.",
    ),
    "os-server-sort-keys": (
        "ServerSortKeys",
        "Add sorting support in get Server v2 API.",
    ),
    "os-services": ("Services", "Services support."),
    "os-used-limits": (
        "UsedLimits",
        "Provide data on limited resources that are being used.",
    ),
    "os-used-limits-for-admin": (
        "UsedLimitsForAdmin",
        "Provide data to admin on limited resources used by other tenants.",
    ),
    "os-user-data": ("UserData", "Add user_data to the Create Server API."),
    "os-user-quotas": ("UserQuotas", "Project user quota support."),
}


class ExtensionsResource:
    """The list, and one of it."""

    def __init__(self, enforcer: Enforcer) -> None:
        self._enforcer = enforcer

    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response) -> None:
        self._enforcer.authorize(req.caller, _RULE)
        resp.media = {"extensions": [_extension(alias) for alias in sorted(_OFFERED)]}

    @takes_no_query
    def on_get_one(self, req: Request, resp: falcon.Response, alias: str) -> None:
        self._enforcer.authorize(req.caller, _RULE)
        if alias not in _OFFERED:
            raise exception.NotFound("The resource could not be found.")
        resp.media = {"extension": _extension(alias)}


def _extension(alias: str) -> dict[str, Any]:
    name, description = _OFFERED[alias]
    return {
        "alias": alias,
        "description": description,
        "links": [],
        "name": name,
        "namespace": _FAKE_NAMESPACE,
        "updated": _FAKE_UPDATED,
    }
