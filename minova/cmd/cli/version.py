# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova version``."""

import json
from importlib import metadata

import click

from minova.api.front.version_range import MAX_VERSION, MIN_VERSION, text


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def version(*, as_json: bool) -> None:
    """Print the version of minova and the API versions it supports."""
    installed = metadata.version("minova")
    lowest, highest = text(MIN_VERSION), text(MAX_VERSION)
    if as_json:
        api = {"min_version": lowest, "max_version": highest}
        click.echo(json.dumps({"version": installed, "api": api}))
        return
    click.echo(f"minova {installed}")
    click.echo(f"Compute API {lowest} to {highest}")
