# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""DevStack's log format, and how the entry points switch logging on."""

import logging
import re

from oslo_config import cfg
from oslo_log import log

from minova.masking import mask

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


_CONTROL = re.compile(
    # Control characters but for the tab; what ends a line in Unicode; what turns the
    # direction of a line around; halves of characters, which no file takes.
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def set_defaults(conf: cfg.ConfigOpts, file_name: str) -> None:
    """Choose the format before the options are read; an operator may still overrule.

    Args:
        file_name: the log's name in ``log_dir``; without ``log_dir`` minova logs to
            standard error.
    """
    conf.set_default("default_log_levels", QUIET)
    for name, value in DEFAULTS.items():
        conf.set_default(name, value)
    # oslo.log 8.3 watches its file: rotated away, a new one is begun, without a signal.
    conf.set_default("log_file", file_name)


def setup(conf: cfg.ConfigOpts) -> None:
    """Begin to log, once the options are read; a process has one log."""
    if not conf.log_dir:
        conf.set_default("log_file", None)
    log.setup(conf, "minova")
    for handler in logging.getLogger().handlers:
        handler.setFormatter(OneLine(handler.formatter or logging.Formatter()))


class OneLine(logging.Formatter):
    """Keeps what a user sent from ending a log line, and passwords of URLs out of it.

    All of the line is looked at, not only the message: names of users and projects are
    Keystone's, which takes line breaks in them, and oslo.log 8.3 puts the text of the
    exception at hand behind every warning.
    """

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self._formatter = formatter

    def format(self, record: logging.LogRecord) -> str:
        text = self._formatter.format(record)
        if not record.exc_text or not text.endswith(record.exc_text):
            return _escape(text)
        # Each line of a traceback has its prefix already (logging_exception_prefix).
        head = text.removesuffix(record.exc_text).removesuffix("\n")
        return "\n".join(map(_escape, [head, *record.exc_text.split("\n")]))


def _escape(text: str) -> str:
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], mask(text))
