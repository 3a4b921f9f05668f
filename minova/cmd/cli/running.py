# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova status``, ``reset`` and ``seed``, for a cloud run by ``minova up``."""

import json
import pathlib
from collections.abc import Iterator
from contextlib import contextmanager

import click

from minova.testing.asking import Asking, Refused

_URL = click.option(
    "--url",
    default="http://127.0.0.1:8774",
    envvar="MINOVA_URL",
    show_default=True,
    show_envvar=True,
    help="The cloud's URL, as minova up prints it.",
)


@click.command()
@_URL
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(*, url: str, as_json: bool) -> None:
    """Show the hosts, logs and other facts of a cloud run by minova up."""
    with _told():
        cloud = Asking(url)("GET", "/minova/v1/cloud")["cloud"]
    if as_json:
        click.echo(json.dumps(cloud))
        return
    for name, value in cloud.items():
        shown = ", ".join(value) if isinstance(value, list) else value
        click.echo(f"{name.replace('_', ' ')}: {shown}")


@click.command()
@_URL
@click.option("--project", help="Remove only what belongs to this project.")
def reset(*, url: str, project: str | None) -> None:
    """Reset a cloud to its state at the start of minova up.

    The cloud's seed is applied again.
    """
    with _told():
        ask = Asking(url)
        wanted = {}
        if project is not None:
            _token, user_id, project_id = ask.being(f"{project}:{project}").identity
            wanted = {"project_id": project_id, "user_id": user_id}
        ask("POST", "/minova/v1/reset", {"reset": wanted})


@click.command()
@_URL
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=pathlib.Path)
)
def seed(*, url: str, file: pathlib.Path) -> None:
    """Add the flavors, images, keypairs, quotas and servers of a file to a cloud.

    Only minova up --seed can make hosts. This command just puts the existing hosts
    into the zones that FILE names.
    """
    from minova.testing import seeding  # noqa: PLC0415 - jsonschema and yaml

    with _told():
        try:
            seeding.apply(Asking(url), seeding.read(file))
        except seeding.Wrong as error:
            raise click.ClickException(str(error)) from None


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        raise click.ClickException(str(refused)) from None
