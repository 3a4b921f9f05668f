# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""ImageSource: what minova asks of whoever keeps the images."""

from collections.abc import Mapping
from typing import Any, Protocol

from minova.context import RequestContext
from minova.objects.image import Image


class ImageSource(Protocol):
    """The contract; ``Unavailable`` when whoever keeps the images does not answer."""

    def list(self, context: RequestContext) -> list[Image]:
        """Every image that the caller may know of."""
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
        """Let an image have these properties, and no others.

        Returns:
            The image as it is then.

        Raises:
            ImageNotFound: the caller can see no such image.
            ImageNotAuthorized: the caller may not write it, or nobody may.
            Invalid: a property cannot be like this.
        """
        ...

    def delete(self, context: RequestContext, image_id: str) -> None:
        """Remove an image.

        Raises:
            ImageNotFound: the caller can see no such image.
            ImageNotAuthorized: the caller may not remove it, or nobody may.
            ImageDeleteConflict: it is in use.
        """
        ...

    def fetch(self, context: RequestContext, image_id: str) -> Image:
        """Find an image with its files on this host; may take as long as a download.

        Raises:
            ImageNotFound: it does not exist.
            ImageUnacceptable: what came is not what was promised.
        """
        ...
