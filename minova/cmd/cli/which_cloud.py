# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The options of every command that talks to a cloud."""

import functools
from collections.abc import Callable
from typing import Any

import click


def of_a_cloud(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--url`` and ``--os-cloud`` to a command, and call it with ``cloud``.

    If the cloud refuses a request, the command fails with exit code 1.
    """

    @click.option(
        "--url",
        envvar="MINOVA_URL",
        show_envvar=True,
        help="The URL of a cloud without passwords, as minova up prints it.",
    )
    @click.option(
        "--os-cloud",
        envvar="OS_CLOUD",
        show_envvar=True,
        metavar="NAME",
        help="A cloud in clouds.yaml. Without this option and --url, the cloud named "
        "minova, or else the one at http://127.0.0.1:8774.",
    )
    @functools.wraps(command)
    def with_cloud(*, url: str | None, os_cloud: str | None, **options: Any) -> Any:
        from minova.client import cloud, finding  # noqa: PLC0415 - keystoneauth

        try:
            return command(cloud=finding.find(url, os_cloud), **options)
        except (cloud.Refused, finding.NotFound) as error:
            raise click.ClickException(str(error)) from None

    return with_cloud
