# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Faults that the workers of one machine share, in a JSON file under a lock."""

import contextlib
import dataclasses
import fcntl
import json
import pathlib
import threading
from collections.abc import Iterator

from oslo_log import log as logging

from minova.api.faults.fault import Fault

LOG = logging.getLogger(__name__)


class FileStore:
    """A store in a file that the first order makes. An unreadable file is empty.

    Readers need no lock, because a change replaces the whole file.
    """

    def __init__(self, file: pathlib.Path) -> None:
        self._file = file
        self._changing = threading.Lock()

    @contextlib.contextmanager
    def reading(self) -> Iterator[list[Fault]]:
        yield self._read()

    @contextlib.contextmanager
    def changing(self) -> Iterator[list[Fault]]:
        """Lock the faults for this worker; raises OSError: unwritable folder."""
        lock_file = self._file.with_suffix(".lock")
        with self._changing, lock_file.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            faults = self._read()
            yield faults
            new = self._file.with_suffix(".new")
            new.write_text(json.dumps([dataclasses.asdict(f) for f in faults]))
            new.rename(self._file)

    def _read(self) -> list[Fault]:
        try:
            text = self._file.read_text(encoding="utf-8")
            return [Fault(**values) for values in json.loads(text)]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError) as error:
            LOG.error("Ignored %s: %s", self._file, error)
            return []
