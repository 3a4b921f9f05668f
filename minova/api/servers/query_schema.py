# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Query schemas of GET /servers and GET /servers/detail."""

from typing import Any, Final

from minova.api.front.microversion import Versioned
from minova.api.validation.schema import QuerySchema
from minova.vocabulary.parameter_types import PAGE, REGEX, TEXT

SORT_KEYS: Final = (
    *("access_ip_v4", "access_ip_v6", "auto_disk_config", "availability_zone"),
    *("config_drive", "created_at", "display_description", "display_name", "host"),
    *("hostname", "image_ref", "instance_type_id", "kernel_id", "key_name"),
    *("launch_index", "launched_at", "locked_by", "node", "power_state", "progress"),
    *("project_id", "ramdisk_id", "root_device_name", "task_state", "terminated_at"),
    *("updated_at", "user_id", "uuid", "vm_state"),
)
IGNORED_SORT_KEYS: Final = (
    *("architecture", "cell_name", "cleaned", "default_ephemeral_device"),
    *("default_swap_device", "deleted", "deleted_at", "disable_terminate"),
    *("ephemeral_gb", "ephemeral_key_uuid", "id", "key_data", "launched_on", "locked"),
    *("memory_mb", "os_type", "reservation_id", "root_gb", "shutdown_terminate"),
    *("user_data", "vcpus", "vm_mode"),
)
"""Accepted below 2.75 without effect, except ``locked`` since 2.73."""

INVALID_FILTERS: Final = (
    *("block_device_mapping", "services", "metadata", "system_metadata", "info_cache"),
    *("security_groups", "pci_devices"),
)
"""Fields of Nova's other tables; Nova refuses them, and names that begin with ``_``."""

_EXACT: Final = (
    *("user_id", "project_id", "tenant_id", "launch_index", "image_ref", "image"),
    *("vm_state", "task_state", "host", "uuid", "sort_dir", "all_tenants"),
    *("soft_deleted", "deleted", "status", *INVALID_FILTERS),
)
_REGEX: Final = (
    *("kernel_id", "ramdisk_id", "hostname", "key_name", "power_state", "node"),
    *("flavor", "reservation_id", "launched_at", "terminated_at", "availability_zone"),
    *("name", "display_name", "description", "display_description", "locked_by"),
    *("root_device_name", "config_drive", "access_ip_v4", "access_ip_v6"),
    *("auto_disk_config", "progress", "ip", "ip6", "created_at"),
)
_TIME: Final = {"type": "string", "format": "date-time"}


def _sort_key(*keys: str) -> dict[str, Any]:
    return {"sort_key": {"type": "string", "enum": list(keys)}}


_QUERY_21: Final[dict[str, Any]] = {
    **PAGE,
    **dict.fromkeys(_EXACT, TEXT),
    **dict.fromkeys(_REGEX, REGEX),
    **_sort_key(*SORT_KEYS, *IGNORED_SORT_KEYS),
    "changes-since": _TIME,
}
_QUERY_226: Final = _QUERY_21 | dict.fromkeys(
    ("tags", "tags-any", "not-tags", "not-tags-any"), REGEX
)
_QUERY_266: Final = _QUERY_226 | {"changes-before": _TIME}
_QUERY_273: Final = _QUERY_266 | {"locked": TEXT}
_QUERY_275: Final = _QUERY_273 | _sort_key("locked", *SORT_KEYS)

# Names that begin with an underscore pass here; ``filters`` refuses them to admins.
_PASSING: Final = "^_"
SERVERS_QUERY: Final = Versioned(
    {
        "2.1": QuerySchema(_QUERY_21, passing=_PASSING),
        "2.26": QuerySchema(_QUERY_226, passing=_PASSING),
        "2.66": QuerySchema(_QUERY_266, passing=_PASSING),
        "2.73": QuerySchema(_QUERY_273, passing=_PASSING),
        "2.75": QuerySchema(_QUERY_275, strict=True, passing=_PASSING),
    }
)
