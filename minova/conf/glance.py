# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""[glance]."""

from typing import Any

from keystoneauth1 import loading
from oslo_config import cfg

GROUP = cfg.OptGroup("glance", title="The image service, if a Glance is used")

OPTIONS = [
    cfg.StrOpt(
        "endpoint",
        default="",
        help="""
The address of a Glance, such as ``http://controller:9292`` or
``http://controller/image``.

If this is empty, the images are the folders in ``<state_path>/images``, and n-api
serves them itself under ``/image``.

n-api sends the caller's token to Glance. n-cpu downloads images with the
credentials in this group. They belong to a service user that may read every image:
``auth_type = password``, ``auth_url``, ``username``, ``user_domain_name``,
``password``, ``project_name`` and ``project_domain_name``. Without ``auth_type``
n-cpu sends no token.
""",
    ),
]

# Of keystoneauth: TLS, the timeout of each answer, and which credentials. What belongs
# to an ``auth_type`` it registers itself once there is one, some of it as required.
_SESSION: list[cfg.Opt] = loading.get_session_conf_options()
_AUTH: list[cfg.Opt] = loading.get_auth_common_conf_options()


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_group(GROUP)
    conf.register_opts([*OPTIONS, *_SESSION, *_AUTH], group=GROUP)
    # Not for ever, as in keystoneauth: a user waits.
    conf.set_default("timeout", 10, group="glance")


def list_opts() -> list[tuple[cfg.OptGroup | str, list[cfg.Opt]]]:
    return [(GROUP, [*OPTIONS, *_SESSION, *_AUTH])]


def session(conf: cfg.ConfigOpts) -> Any:
    """How Glance is reached: TLS and timeouts."""
    return loading.load_session_from_conf_options(conf, "glance")


def credentials(conf: cfg.ConfigOpts) -> Any | None:
    """n-cpu's own, or None where none are given; Keystone is asked at first use."""
    if not conf.glance.auth_type and not conf.glance.auth_section:
        return None
    return loading.load_auth_from_conf_options(conf, "glance")
