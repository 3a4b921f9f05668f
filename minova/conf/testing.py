# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""[testing]."""

from oslo_config import cfg

GROUP = cfg.OptGroup("testing", title="For tests of tools")

OPTIONS: list[cfg.Opt] = [
    cfg.BoolOpt(
        "enabled",
        default=False,
        help="""
Let the administrator order faulty answers of n-api, at ``/minova/v1/faults``. n-api
reads this option.

Faulty answers are for tests of tools. Do not enable this if anybody relies on the
cloud. The orders are kept in ``<state_path>/faults.json``. They apply to all workers
on one machine, and survive a restart.
""",
    ),
]
