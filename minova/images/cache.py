# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Images downloaded to this host; every file is complete and verified."""

import contextlib
import hashlib
import os
import pathlib
import time
from collections.abc import Callable
from typing import Any, Final

import requests
from oslo_concurrency import lockutils
from oslo_log import log as logging

from minova import exception
from minova.objects.image import Image

LOG = logging.getLogger(__name__)

_CHUNK: Final = 1024**2
_KEPT_UNUSED: Final = 86400
"""Seconds that a file stays after the last server was built from it."""


class Cache:
    """A folder of files.  Their names depend on the content that they must have."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._folder = folder

    def fetch(
        self, image: Image, stream: Callable[[], requests.Response]
    ) -> pathlib.Path:
        """Return the file of an image; download it if it is not here yet.

        Args:
            stream: starts the download.

        Raises:
            ImageUnacceptable: the size or hash is wrong, or no hash can be checked.
            requests.RequestException: the download broke off.
        """
        path = self._folder / _key(image)
        with lockutils.internal_lock(f"image-cache-{path.name}"):
            if not path.exists():
                self._folder.mkdir(mode=0o755, parents=True, exist_ok=True)
                self._remove_unused()
                self._download(image, stream, path)
            # Keep mtime: ``virt.libvirt.disks`` uses it to recognize the file.
            os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
        return path

    def _download(
        self, image: Image, stream: Callable[[], requests.Response], path: pathlib.Path
    ) -> None:
        LOG.info("Downloading image %s (%s bytes)", image.id, image.size)
        part = path.with_suffix(".part")
        digest = _digest(image)
        received = 0
        try:
            with stream() as answer, part.open("wb") as file:
                for chunk in answer.iter_content(_CHUNK):
                    received += len(chunk)
                    if received > image.size:
                        break
                    digest.update(chunk)
                    file.write(chunk)
            if received != image.size:
                reason = f"it does not have the expected {image.size} bytes"
                raise exception.ImageUnacceptable(image.id, reason)
            if digest.hexdigest() != (image.os_hash_value or image.checksum):
                raise exception.ImageUnacceptable(image.id, "its hash does not match")
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)

    def _remove_unused(self) -> None:
        for path in self._folder.iterdir():
            # Another thread may have renamed or removed the file meanwhile.
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_atime > _KEPT_UNUSED:
                    LOG.info(
                        "Removing %s: no server has been built from it for a day", path
                    )
                    path.unlink()


def _digest(image: Image) -> Any:
    """Return an empty hash object: for the image's strong hash if it has one, else MD5.

    Raises:
        ImageUnacceptable: the image has no hash, or Python lacks its algorithm.
    """
    if image.os_hash_value:
        if image.os_hash_algo in hashlib.algorithms_available:
            return hashlib.new(str(image.os_hash_algo))
        reason = f"its hash algorithm {image.os_hash_algo} is unknown"
        raise exception.ImageUnacceptable(image.id, reason)
    if image.checksum:
        # Glance's older hash.  It detects accidents, but not attacks.
        return hashlib.new("md5", usedforsecurity=False)
    raise exception.ImageUnacceptable(image.id, "it has no hash to verify it with")


def _key(image: Image) -> str:
    what = f"{image.id} {image.size} {image.os_hash_value or image.checksum}"
    return hashlib.sha256(what.encode()).hexdigest()[:40]
