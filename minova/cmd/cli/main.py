# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The entry point of the console script ``minova``."""

import click

from minova.cmd.cli.doctor import doctor
from minova.cmd.cli.fault import fault
from minova.cmd.cli.running import reset, seed, status
from minova.cmd.cli.sections import Sections
from minova.cmd.cli.trace import trace
from minova.cmd.cli.up import up
from minova.cmd.cli.version import version
from minova.cmd.cli.watch import watch


@click.group(cls=Sections)
@click.version_option(package_name="minova", message="minova %(version)s")
def main() -> None:
    """Manage minova, a faithful mini-Nova."""


for command in (doctor, fault, reset, seed, status, trace, up, version, watch):
    main.add_command(command)
