# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""[quota]."""

from oslo_config import cfg

GROUP = cfg.OptGroup("quota", title="How much a project may have")


def _limit(name: str, default: int, what: str) -> cfg.Opt:
    return cfg.IntOpt(
        name,
        default=default,
        min=-1,
        help=f"""
{what}

-1 means no limit. ``openstack quota set`` overrides this for a project or one of its
users. The quota class ``default`` overrides this for every project.
""",
    )


OPTIONS: list[cfg.Opt] = [
    _limit("instances", 10, "How many servers a project may have."),
    _limit("cores", 20, "How many vCPUs all servers of a project may have together."),
    _limit(
        "ram", 50 * 1024, "How many MiB all servers of a project may have together."
    ),
    _limit("metadata_items", 128, "How many metadata items a server may have."),
    _limit(
        "injected_files",
        5,
        "How many files a create may inject, until 2.56. Guests do not get them.",
    ),
    _limit(
        "injected_file_content_bytes",
        10 * 1024,
        "The maximum size of each of these files, in bytes of base64.",
    ),
    _limit(
        "injected_file_path_length",
        255,
        "The maximum length of the path of each of these files.",
    ),
    _limit("key_pairs", 100, "How many keypairs a user may have."),
    _limit("server_groups", 10, "How many server groups a project may have."),
    _limit(
        "server_group_members",
        10,
        "How many servers of one user a server group may have.",
    ),
]


def limits(conf: cfg.ConfigOpts) -> dict[str, int]:
    """Return the options by their names in quota sets."""
    values = {option.dest: int(conf.quota[option.dest]) for option in OPTIONS}
    values["injected_file_path_bytes"] = values.pop("injected_file_path_length")
    return values
