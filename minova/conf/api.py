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
            ("noauth2", "no check: the token is ``user:project``; none means admin"),
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
Names and addresses, besides those of the loopback, under which n-api may be
reached.

Under ``noauth2`` a request with any other ``Host`` header is refused with 403.
Otherwise a web page whose name resolves to 127.0.0.1 could boot servers.

Related: ``[cors] allowed_origin``, for the ``Origin`` header.
""",
    ),
    cfg.IntOpt(
        "max_limit",
        default=1000,
        min=1,
        help="""
The most items that a list may have, whatever ``limit`` asks for.
""",
    ),
    cfg.StrOpt(
        "max_version",
        default="2.104",
        regex=r"^2\.[0-9]{1,3}$",
        help="""
The latest version of the Compute API that is spoken, 2.104 at most.

A lower one makes n-api look like an older cloud to clients that negotiate.
""",
    ),
]
