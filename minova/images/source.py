# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""ImageSource: the interface of an image store."""

from collections.abc import Mapping
from typing import Any, Protocol

from minova.context import RequestContext
from minova.objects.image import Image


class ImageSource(Protocol):
    """The contract of an image store.

    Every method raises ``Unavailable`` if the store does not answer.
    """

    def list(self, context: RequestContext) -> list[Image]:
        """Return every image that the caller may see."""
        ...

    def get(self, context: RequestContext, image_id: str) -> Image:
        """Find an image by its id, without its files.

        Raises:
            ImageNotFound: the caller can see no such image.
        """
        ...

    def set_properties(
        self, context: RequestContext, image_id: str, properties: Mapping[str, Any]
    ) -> Image:
        """Give an image exactly these properties.

        Returns:
            The changed image.

        Raises:
            ImageNotFound: the caller can see no such image.
            ImageNotAuthorized: the caller may not change it, or nobody may.
            Invalid: the store does not accept a property.
        """
        ...

    def delete(self, context: RequestContext, image_id: str) -> None:
        """Delete an image.

        Raises:
            ImageNotFound: the caller can see no such image.
            ImageNotAuthorized: the caller may not delete it, or nobody may.
            ImageDeleteConflict: it is in use.
        """
        ...

    def fetch(self, context: RequestContext, image_id: str) -> Image:
        """Return an image with its files on this host; this may have to download them.

        Raises:
            ImageNotFound: there is no such image.
            ImageUnacceptable: the files are not as the image describes them.
        """
        ...
