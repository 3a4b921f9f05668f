# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""One short log line for each message that is not minova's."""

import logging

# The first logger is oslo.log's, which writes a dot into its name.
_LOGGERS = (
    "oslo.messaging._drivers.impl_rabbit",
    "oslo_messaging._drivers.amqpdriver",
)


def say_in_a_line() -> None:
    """Turn oslo.messaging 18.3's tracebacks about a message into one line."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_in_a_line)


def short(value: object) -> str:
    """Return the beginning of a stranger's value: enough to find its sender."""
    return ascii(value[:40] if isinstance(value, str | list) else value)[:60]


def _in_a_line(record: logging.LogRecord) -> bool:
    text = str(record.msg)
    if record.exc_info and text.startswith("Failed to process message"):
        error = record.exc_info[1]
        record.msg = "Rejected a message that is not minova's: %s: %s"
        record.args = (type(error).__name__, short(str(error)))
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    elif record.exc_info and text.startswith("ignoring duplicate message"):
        record.msg = "Dropped a message that RabbitMQ delivered twice: %s"
        record.args = (short(str(record.exc_info[1])),)
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    else:
        return True
    record.exc_info = record.exc_text = None
    return True
