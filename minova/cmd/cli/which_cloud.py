# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The options of each command that asks a cloud."""

import functools
from collections.abc import Callable
from typing import Any

import click


def of_a_cloud(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--url`` and ``--os-cloud``, and call it with ``cloud``.

    What the cloud refuses becomes the command's error, with exit code 1.
    """

    @click.option(
        "--url",
        envvar="MINOVA_URL",
        show_envvar=True,
        help="Of a cloud without passwords, such as minova up prints it.",
    )
    @click.option(
        "--os-cloud",
        envvar="OS_CLOUD",
        show_envvar=True,
        metavar="NAME",
        help="A cloud of a clouds.yaml. Without it and without --url, the cloud "
        "minova, or else what listens on http://127.0.0.1:8774.",
    )
    @functools.wraps(command)
    def with_cloud(*, url: str | None, os_cloud: str | None, **options: Any) -> Any:
        from minova.client import cloud, finding  # noqa: PLC0415 - keystoneauth

        try:
            return command(cloud=finding.find(url, os_cloud), **options)
        except (cloud.Refused, finding.NotFound) as error:
            raise click.ClickException(str(error)) from None

    return with_cloud
