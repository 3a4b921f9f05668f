# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What users and admins are shown of an error; the log alone has it whole."""

import re
import traceback
from typing import Final

from minova import exception
from minova.masking import mask
from minova.objects.action_record import Failure

# What SQLAlchemy 2.0 puts under the text of an error, the statement over many lines.
_STATEMENT: Final = re.compile(
    r"\n\[SQL: .*?(?:\n\(Background on this error at: [^\n]*|\Z)", re.DOTALL
)


def describe(error: Exception) -> Failure:
    """Say why an action failed: to the user in the fault, to admins by the event.

    Nova's faults name the class of what is not its own error: a text of libvirt's may
    tell a user things of the host.  A server that is gone has no fault, as in Nova.
    """
    details = _shown(str(error)) or type(error).__name__
    fault: str | None = type(error).__name__
    if isinstance(error, exception.InstanceNotFound):
        fault = None
    elif isinstance(error, exception.MinovaError):
        fault = details
    trace = "".join(traceback.format_exception(error))
    return Failure(fault=fault, details=details, traceback=_shown(trace))


def _shown(text: str) -> str:
    return mask(_STATEMENT.sub("", text))
