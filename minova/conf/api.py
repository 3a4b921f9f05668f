# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""[api]."""

from oslo_config import cfg

GROUP = cfg.OptGroup("api", title="The REST API, n-api")

OPTIONS = [
    cfg.StrOpt(
        "auth_strategy",
        default="noauth2",
        choices=[
            ("noauth2", "believe the token: ``user:project``, none means the admin"),
            ("http_basic", "a name and a password of an htpasswd file"),
            ("keystone", "a token of Keystone, of a project"),
        ],
        help="""
How callers prove who they are.

Related: ``[oslo_middleware] http_basic_auth_user_file``, whose passwords are bcrypt's
(``htpasswd -B``); the user ``admin`` is the admin, and a project has its user's name.
``[keystone_authtoken]``: where Keystone is, and the service user who asks it.
""",
    ),
    cfg.ListOpt(
        "allowed_hosts",
        default=[],
        help="""
Names and addresses, besides those of the loopback, under which n-api may be asked.

Under ``noauth2`` a request whose ``Host`` header is none of them is a 403: a web page
whose name was rebound to 127.0.0.1 must not boot servers.

Related: ``[cors] allowed_origin``, for the ``Origin`` header.
""",
    ),
    cfg.IntOpt(
        "max_limit",
        default=1000,
        min=1,
        help="""
How many items an answer lists at most, whatever ``limit`` asks for.
""",
    ),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    conf.register_group(GROUP)
    conf.register_opts(OPTIONS, group=GROUP)


def list_opts() -> list[tuple[cfg.OptGroup | str, list[cfg.Opt]]]:
    return [(GROUP, OPTIONS)]
