# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""How n-cpu ends when it must not go on."""

import os
import sys
from typing import Final, NoReturn

from oslo_log import log as logging

LOG = logging.getLogger(__name__)

REFUSED: Final = os.EX_UNAVAILABLE
"""Exit status (69): another n-cpu serves this host."""
BROKEN: Final = os.EX_SOFTWARE
"""Exit status (70): a thread that must run has ended."""


def leave(status: int, why: str) -> NoReturn:
    """End the process at once, for its supervisor to see, and say why in both places.

    What is in hand is settled by the next n-cpu of this host.
    """
    LOG.error("n-cpu exits: %s", why)
    print(f"minova-compute: {why}", file=sys.stderr, flush=True)  # noqa: T201
    # Not sys.exit: that would end a thread, and the others may hang in a library.
    os._exit(status)
