# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""[glance]."""

from typing import Any

from keystoneauth1 import exceptions, loading
from oslo_config import cfg

GROUP = cfg.OptGroup("glance", title="The image service Glance, if it is used")

# TLS, and a timeout for each answer: keystoneauth waits forever, and so would a user.
_SESSION: list[cfg.Opt] = loading.get_session_conf_options()
cfg.set_defaults(_SESSION, timeout=10)

OPTIONS: list[cfg.Opt] = [
    cfg.StrOpt(
        "endpoint",
        default="",
        help="""
The address of Glance, such as ``http://controller:9292`` or
``http://controller/image``.

Without it, the images are the folders in ``<state_path>/images``, and n-api serves
them itself under ``/image``.

n-api sends the caller's token to Glance. n-cpu downloads images with the credentials
in this group. They must be those of a service user who may read every image:
``auth_type = password``, ``auth_url``, ``username``, ``user_domain_name``,
``password``, ``project_name`` and ``project_domain_name``. Without ``auth_type``
n-cpu sends no token.
""",
    ),
    *_SESSION,
    # keystoneauth itself registers the options of an ``auth_type`` when there is one.
    # It requires some of them.
    *loading.get_auth_common_conf_options(),
]


def session(conf: cfg.ConfigOpts) -> Any:
    """Make the session for Glance, with TLS and timeouts."""
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
