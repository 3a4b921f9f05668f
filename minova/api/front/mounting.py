# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Apps under path prefixes, beside the Compute API."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Application = Callable[..., Iterable[bytes]]


def mount(apps: Mapping[str, Application], compute_app: Application) -> Application:
    """Send a request under a prefix to its app, and any other to the Compute API.

    Args:
        apps: by prefix, which is a slash and one word, such as ``/image``.
    """

    def choose(
        environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        prefix = "/".join(path.split("/", 2)[:2])
        app = apps.get(prefix)
        if app is None:
            return compute_app(environ, start_response)
        inside = {
            **environ,
            "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + prefix,
            "PATH_INFO": path.removeprefix(prefix) or "/",
        }
        return app(inside, start_response)

    return choose
