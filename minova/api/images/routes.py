# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The paths of Nova's image proxy."""

from minova.api.collaborators import Parts
from minova.api.front.routing import Route
from minova.api.images.metadata import ImageMetadataItemResource, ImageMetadataResource
from minova.api.images.resource import ImageResource, ImagesResource


def routes(parts: Parts) -> list[Route]:
    images = ImagesResource(parts.compute, parts.max_limit)
    both = (parts.compute, parts.quotas)
    one = "/v2.1/images/{image_id}"
    return [
        Route("/v2.1/images", images),
        Route("/v2.1/images/detail", images, "detail"),
        Route(one, ImageResource(parts.compute)),
        Route(f"{one}/metadata", ImageMetadataResource(*both)),
        Route(f"{one}/metadata/{{key}}", ImageMetadataItemResource(*both)),
    ]
