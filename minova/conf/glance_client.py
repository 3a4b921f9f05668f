# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""[glance] with keystoneauth's options.

This is imported only if there is an ``endpoint``: keystoneauth and requests take 8 MiB.
"""

from typing import Any

from keystoneauth1 import exceptions, loading
from oslo_config import cfg

from minova.conf import glance

GROUP = glance.GROUP

# TLS, and a timeout for each answer: keystoneauth waits forever, and so would a user.
_SESSION: list[cfg.Opt] = loading.get_session_conf_options()
cfg.set_defaults(_SESSION, timeout=10)

OPTIONS: list[cfg.Opt] = [
    *glance.OPTIONS,
    *_SESSION,
    # keystoneauth itself registers the options of an ``auth_type`` when there is one.
    # It requires some of them.
    *loading.get_auth_common_conf_options(),
]


def session(conf: cfg.ConfigOpts) -> Any:
    """Make the session for Glance, with TLS and timeouts."""
    conf.register_opts(OPTIONS, group="glance")
    return loading.load_session_from_conf_options(conf, "glance")


def credentials(conf: cfg.ConfigOpts) -> Any | None:
    """Return n-cpu's credentials, or None.  They ask Keystone at first use.

    Raises:
        cfg.Error: there is no such ``auth_type``, or one of its options is missing.
    """
    # The options may be in another section, which is known only now.
    loading.register_auth_conf_options(conf, "glance")
    section = conf.glance.auth_section
    try:
        plugin = loading.load_auth_from_conf_options(conf, "glance")
    except exceptions.AuthPluginException as error:
        where = section or "glance"
        raise cfg.Error(f"[{where}] auth_type cannot be used: {error}") from None
    if section and plugin is None:
        raise cfg.Error(
            f"[glance] auth_section cannot be used: [{section}] has no auth_type"
        )
    return plugin
