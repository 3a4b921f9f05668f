# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""How every console script begins."""

import pathlib
import sys
from importlib import metadata

from oslo_config import cfg

from minova import conf as options
from minova.conf import logs


def read_options(
    arguments: list[str], log_file: str, *commands: cfg.Opt
) -> cfg.ConfigOpts:
    """Read the options from ``--config-file`` or ``/etc/minova/minova.conf``, and log.

    Raises:
        SystemExit: the command line, or a file, is not to be read; it is said why.
    """
    conf = options.create(log_file)
    conf.register_cli_opts(commands)
    try:
        conf(arguments, project="minova", version=metadata.version("minova"))
        options.check(conf)
    except cfg.Error as error:
        sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {error}")
    logs.setup(conf)
    return conf
