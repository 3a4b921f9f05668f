# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""[api]."""

from oslo_config import cfg

GROUP = cfg.OptGroup("api", title="The REST API, n-api")

OPTIONS: list[cfg.Opt] = [
    cfg.StrOpt(
        "auth_strategy",
        default="noauth2",
        choices=[
            (
                "noauth2",
                "no check: the token is ``user:project``; no token means admin",
            ),
            ("http_basic", "a name and a password from an htpasswd file"),
            ("keystone", "a Keystone token that is scoped to a project"),
        ],
        help="""
How callers prove who they are.

With ``http_basic`` the user ``admin`` is the administrator. Each user has a project
of the same name.

Related: ``[oslo_middleware] http_basic_auth_user_file``, with bcrypt hashes
(``htpasswd -B``). ``[keystone_authtoken]``, with the address of Keystone and a
service user.
""",
    ),
    cfg.ListOpt(
        "allowed_hosts",
        default=[],
        help="""
Names and addresses that a request may have in its ``Host`` header. Those of the
loopback are always allowed.

Under ``noauth2`` n-api refuses any other ``Host`` with 403. Otherwise a web page
whose name resolves to 127.0.0.1 could boot servers.

Related: ``[cors] allowed_origin``, for the ``Origin`` header.
""",
    ),
    cfg.IntOpt(
        "max_limit",
        default=1000,
        min=1,
        help="""
The maximum number of items in a list, even if ``limit`` is higher.
""",
    ),
    cfg.StrOpt(
        "max_version",
        default="2.104",
        regex=r"^2\.[0-9]{1,3}$",
        help="""
The latest version of the Compute API that n-api supports, at most 2.104.

With a lower version, n-api looks like an older cloud to clients that negotiate.
""",
    ),
]
