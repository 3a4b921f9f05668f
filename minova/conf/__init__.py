# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""All options, one module for each group.  Only the entry points read them."""

import copy
import types

from oslo_config import cfg
from oslo_db import options as oslo_db_options
from oslo_log import log

from minova.conf import (
    api,
    compute,
    default,
    glance,
    libvirt,
    logs,
    quota,
    testing,
)


def create(log_file: str) -> cfg.ConfigOpts:
    """Register minova's options, and those of libraries that do not do it themselves.

    oslo.config's global ``CONF`` stays unused: each cloud in a process has its own.
    """
    conf = cfg.ConfigOpts()
    for group, options in _opts(glance):
        conf.register_opts(options, group=None if group == "DEFAULT" else group)
    oslo_db_options.set_defaults(
        conf,
        connection="sqlite:////var/lib/minova/minova.sqlite",
        # One for each thread of gunicorn or the RPC server that can ask at once.
        max_pool_size=64,
        max_overflow=16,
    )
    log.register_options(conf)
    logs.set_defaults(conf, log_file)
    return conf


def check(conf: cfg.ConfigOpts) -> None:
    """Read every option of minova once, to find wrong values at the start.

    Raises:
        cfg.Error: an option has a wrong value.
    """
    checked = _opts(glance)
    if conf.glance.endpoint:
        from minova.conf import glance_client  # noqa: PLC0415 - takes 8 MiB

        conf.register_opts(glance_client.OPTIONS, group="glance")
        checked = _opts(glance_client)
    for group, options in checked:
        name = group if isinstance(group, str) else group.name
        for option in options:
            _ = conf[option.dest] if name == "DEFAULT" else conf[name][option.dest]


def list_opts() -> list[tuple[cfg.OptGroup | str, list[cfg.Opt]]]:
    """List the options that ``oslo-config-generator`` writes to its sample file."""
    from minova.conf import glance_client  # noqa: PLC0415 - takes 8 MiB

    return _opts(glance_client)


def _opts(
    of_glance: types.ModuleType,
) -> list[tuple[cfg.OptGroup | str, list[cfg.Opt]]]:
    groups = (default, api, compute, of_glance, libvirt, quota, testing)
    # Copies, because in oslo.config 10.7 a ``ConfigOpts`` leaves its state in a group.
    return [(copy.deepcopy(group.GROUP), group.OPTIONS) for group in groups]
