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
Let the administrator order answers of n-api that go wrong, at
``/minova/v1/faults``. It is read by n-api.

Such answers are for tests of tools. Do not enable it where anybody relies on this
cloud. The orders are kept in the file ``faults.json`` of ``state_path``, so they hold
for all workers of one machine, also after a restart.
""",
    ),
]
