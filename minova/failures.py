# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What users and admins see of an error; only the log has all of it."""

import re
import traceback
from typing import Final

from minova import exception
from minova.masking import mask
from minova.objects.action_record import Failure

# SQLAlchemy 2.0 adds the statement below the text of an error, over many lines.
_STATEMENT: Final = re.compile(
    r"\n\[SQL: .*?(?:\n\(Background on this error at: [^\n]*|\Z)", re.DOTALL
)


def describe(error: Exception) -> Failure:
    """Describe why an action failed: in the fault for users, in the event for admins.

    As in Nova, the fault of a foreign error shows only its class, because a text from
    libvirt may tell users about the host.  A server that is gone gets no fault.
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
