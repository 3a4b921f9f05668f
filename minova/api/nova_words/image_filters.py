# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The filters of Nova's image proxy, which Nova passes on to Glance."""

from collections.abc import Iterable
from typing import Final

import webob.exc
from oslo_utils import timeutils

from minova import exception
from minova.api.image_api import query as glance
from minova.api.image_api import views
from minova.api.validation.schema import Query
from minova.objects.image import Image

PROPERTY: Final = "property-"

_CHANGES_SINCE: Final = "changes-since"

# Nova's names → Glance's.
_NAMES: Final = {
    "name": "name",
    "status": "status",
    "server": "instance_uuid",
    "type": "image_type",
    "minRam": "min_ram",
    "minDisk": "min_disk",
}
NAMES: Final = frozenset({*_NAMES, _CHANGES_SINCE})


def narrow(images: Iterable[Image], query: Query) -> list[Image]:
    """Return the images that pass every filter.

    Raises:
        Invalid: Glance would refuse a filter; Nova repeats Glance's text.
    """
    since = query.get(_CHANGES_SINCE)
    try:
        filters = [
            _for_glance(name, value)
            for name, value in query.items()
            if name in _NAMES or name.startswith(PROPERTY)
        ]
        for name, value in filters:
            glance.check(name, value)
        found = images if since is None else _changed(images, since)
        return [image for image in found if _passes(image, filters)]
    except webob.exc.HTTPBadRequest as error:
        message = f"HTTP 400 Bad Request: {error.explanation}"
        raise exception.Invalid(message) from None


def _for_glance(name: str, value: str) -> tuple[str, str]:
    if name == "status":
        value = value.lower()
    if name == "server":
        value = value.rpartition("/")[2]  # an id or a URL
    return _NAMES.get(name, name.removeprefix(PROPERTY)), value


def _passes(image: Image, filters: Iterable[tuple[str, str]]) -> bool:
    shown = views.image(image)
    return all(glance.matches(shown, name, value) for name, value in filters)


def _changed(images: Iterable[Image], since: str) -> list[Image]:
    try:
        time = timeutils.normalize_time(timeutils.parse_isotime(since))
    except (ValueError, OverflowError):
        raise webob.exc.HTTPBadRequest(
            explanation='Bad "updated_at" query filter format. '
            "Use ISO 8601 DateTime notation."
        ) from None
    return [
        image for image in images if timeutils.normalize_time(image.updated_at) >= time
    ]
