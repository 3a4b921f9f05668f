# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The routes of Nova's image proxy."""

from minova.api.backend import Backend
from minova.api.front.routing import Route
from minova.api.images.metadata import ImageMetadataItemResource, ImageMetadataResource
from minova.api.images.resource import ImageResource, ImagesResource


def routes(backend: Backend) -> list[Route]:
    images = ImagesResource(backend.compute, backend.max_limit)
    both = (backend.compute, backend.quotas)
    one = "/v2.1/images/{image_id}"
    return [
        Route("/v2.1/images", images),
        Route("/v2.1/images/detail", images, "detail"),
        Route(one, ImageResource(backend.compute)),
        Route(f"{one}/metadata", ImageMetadataResource(*both)),
        Route(f"{one}/metadata/{{key}}", ImageMetadataItemResource(*both)),
    ]
