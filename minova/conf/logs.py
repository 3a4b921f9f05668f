# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""DevStack's log format, and how the entry points switch logging on."""

import logging

from oslo_config import cfg
from oslo_log import formatters, log

from minova.conf.log_lines import OneLine, Quick

_SUFFIX = "{{(pid=%(process)d) %(funcName)s %(pathname)s:%(lineno)d}}"
_WHEN = "%(asctime)s.%(msecs)03d"

DEFAULTS = {
    "logging_context_format_string": (
        f"{_WHEN} %(levelname)s %(name)s [%(global_request_id)s %(request_id)s "
        "%(project_name)s %(user_name)s] %(instance)s%(message)s"
    ),
    "logging_default_format_string": (
        f"{_WHEN} %(levelname)s %(name)s [-] %(instance)s%(message)s"
    ),
    "logging_debug_format_suffix": _SUFFIX,
    "logging_exception_prefix": f"{_WHEN} ERROR %(name)s %(instance)s",
}

# Libraries that log every message or query at DEBUG or INFO.
QUIET = [
    "alembic=WARN",
    "amqp=WARN",
    "asyncio=WARN",
    "cotyledon=WARN",
    "futurist=WARN",
    "keystoneauth=WARN",
    "keystonemiddleware=WARN",
    "kombu=WARN",
    "oslo.messaging=INFO",
    "oslo_concurrency=WARN",
    "oslo_db=WARN",
    "oslo_messaging=INFO",
    "oslo_middleware=INFO",
    "oslo_policy=INFO",
    "sqlalchemy=WARN",
    "stevedore=WARN",
    "urllib3=WARN",
]


def set_defaults(conf: cfg.ConfigOpts, file_name: str) -> None:
    """Set the default format before the options are read.  Operators may change it.

    Args:
        file_name: the log's name in ``log_dir``.  Without ``log_dir`` minova logs to
            standard error.
    """
    conf.set_default("default_log_levels", QUIET)
    for name, value in DEFAULTS.items():
        conf.set_default(name, value)
    # oslo.log 8.3 watches its file: after a rotation it needs no signal.
    conf.set_default("log_file", file_name)


def setup(conf: cfg.ConfigOpts) -> None:
    """Begin to log, after the options are read.  A process has one log."""
    if not conf.log_dir:
        conf.set_default("log_file", None)
    log.setup(conf, "minova")
    for handler in logging.getLogger().handlers:
        formatter = handler.formatter or logging.Formatter()
        if type(formatter) is formatters.ContextFormatter:
            formatter = Quick(formatter, conf)
        handler.setFormatter(OneLine(formatter))
