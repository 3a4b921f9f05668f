# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What the console script ``minova`` runs."""

import click

from minova.cmd.cli.doctor import doctor
from minova.cmd.cli.running import reset, seed, status
from minova.cmd.cli.sections import Sections
from minova.cmd.cli.trace import trace
from minova.cmd.cli.up import up
from minova.cmd.cli.version import version



@click.group(cls=Sections)
@click.version_option(package_name="minova", message="minova %(version)s")
def main() -> None:
    """Manage minova, a faithful mini-Nova."""


for command in (doctor, reset, seed, status, trace, up, version):
    main.add_command(command)
