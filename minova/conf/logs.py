# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""DevStack's log format, and how the entry points switch logging on."""

import logging
import re

from oslo_config import cfg
from oslo_log import log

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

# Libraries that speak of every message or query at DEBUG or INFO.
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


_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")


def set_defaults(conf: cfg.ConfigOpts, file_name: str) -> None:
    """Choose the format before the options are read; an operator may still overrule.

    Args:
        file_name: the log's name in ``log_dir``; without ``log_dir`` minova logs to
            standard error.
    """
    log.set_defaults(default_log_levels=QUIET)
    for name, value in DEFAULTS.items():
        conf.set_default(name, value)
    # oslo.log 8.3 watches its file: rotated away, a new one is begun, without a signal.
    conf.set_default("log_file", file_name)


def setup(conf: cfg.ConfigOpts) -> None:
    """Begin to log, once the options are read."""
    if not conf.log_dir:
        conf.set_default("log_file", None)
    log.setup(conf, "minova")
    for handler in logging.getLogger().handlers:
        handler.addFilter(_one_line)


def _one_line(record: logging.LogRecord) -> bool:
    """Keep what a user sent from ending a log line and beginning one of his own."""
    text = record.getMessage()
    if _CONTROL.search(text):
        record.msg = _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)
        record.args = ()
    return True
