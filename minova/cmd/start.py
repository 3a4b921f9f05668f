# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The start of every console script."""

import pathlib
import sys
from importlib import metadata

from oslo_config import cfg

from minova import conf as options
from minova.conf import logs


def read_options(
    arguments: list[str], log_file: str, *commands: cfg.Opt
) -> cfg.ConfigOpts:
    """Read ``--config-file`` or ``/etc/minova/minova.conf``, and set up logging.

    Raises:
        SystemExit: the command line or a file is wrong. The message says why.
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
