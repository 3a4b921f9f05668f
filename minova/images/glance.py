# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Glance: asked with the caller's token; downloads use the service user's token."""

import builtins
import dataclasses
import datetime
import json
import pathlib
from collections.abc import Mapping
from typing import Any, Final
from urllib import parse

import requests
from keystoneauth1 import exceptions as keystoneauth_exceptions
from keystoneauth1 import session as keystoneauth_session
from oslo_utils import uuidutils

from minova import exception
from minova.context import RequestContext
from minova.images.cache import Cache
from minova.masking import host_of, mask
from minova.objects.image import DISK_FORMATS, Image

# An Amazon image is a raw disk whose kernel is another image.
_AMI: Final = "ami"
_MAX_PAGES: Final = 200
_PATCH: Final = "application/openstack-images-v2.1-json-patch"
_REFUSALS: Final = {requests.codes.bad_request, requests.codes.request_entity_too_large}
_NOT_PROPERTIES: Final = {
    "id", "name", "status", "visibility", "protected", "os_hidden", "owner", "tags",
    "size", "virtual_size", "min_ram", "min_disk", "container_format", "disk_format",
    "checksum", "os_hash_algo", "os_hash_value", "created_at", "updated_at", "self",
    "file", "schema", "locations", "direct_url", "stores",
}  # fmt: skip


class Glance:
    """The images of a Glance (Image API v2); see ``ImageSource``.

    Every method raises ``GlanceConnectionFailed`` if Glance does not answer, or not as
    expected.
    """

    def __init__(
        self,
        endpoint: str,
        session: keystoneauth_session.Session,
        *,
        credentials: Any | None = None,
        cache: Cache | None = None,
        page_size: int = 500,
    ) -> None:
        """Connect to nothing yet.

        Args:
            endpoint: the URL of Glance, with or without ``/v2``.
            credentials: the service user's keystoneauth plugin, for ``fetch``.
            cache: stores the downloads of ``fetch``, which only n-cpu calls.
        """
        self._endpoint = endpoint.rstrip("/").removesuffix("/v2")
        self._session = session
        self._credentials = credentials
        self._cache = cache
        self._page_size = page_size

    def list(self, context: RequestContext) -> list[Image]:
        """Return all images that the caller may see, by name, from all pages."""
        images: list[Image] = []
        path = f"/v2/images?limit={self._page_size}&sort=name:asc"
        for _page in range(_MAX_PAGES):
            answer = self._ask(path, context)
            if answer.status_code != requests.codes.ok:
                raise self._failed(f"it answered with status {answer.status_code}")
            page = self._json(answer)
            images += self._images(page.get("images"))
            path = str(page.get("next", ""))
            if not path.startswith("/v2/"):
                break
        return images

    def get(self, context: RequestContext, image_id: str) -> Image:
        return self._image(self._show(image_id, context))

    def set_properties(
        self, context: RequestContext, image_id: str, properties: Mapping[str, Any]
    ) -> Image:
        """Give an image exactly these properties, if Glance allows it.

        Only the differences are sent, so a concurrent change of another property stays.
        """
        former = self.get(context, image_id).properties
        steps = [
            {"op": "add", "path": _pointer(name), "value": value}
            for name, value in properties.items()
            if name not in former or former[name] != value
        ] + [
            {"op": "remove", "path": _pointer(name)}
            for name in former
            if name not in properties
        ]
        answer = self._ask(
            f"/v2/images/{parse.quote(image_id)}",
            context,
            method="PATCH",
            data=json.dumps(steps),
            headers={"Content-Type": _PATCH},
        )
        if answer.status_code == requests.codes.not_found:
            raise exception.ImageNotFound(image_id)
        if answer.status_code == requests.codes.forbidden:
            raise exception.ImageNotAuthorized(image_id)
        if answer.status_code in _REFUSALS:
            raise exception.ImageBadRequest(image_id, answer.reason)
        if answer.status_code != requests.codes.ok:
            raise self._failed(f"status {answer.status_code}")
        return self._image(self._json(answer))

    def delete(self, context: RequestContext, image_id: str) -> None:
        """Delete an image, if Glance allows it; it may be protected, or in use."""
        if not uuidutils.is_uuid_like(image_id):
            raise exception.ImageNotFound(image_id)
        path = f"/v2/images/{parse.quote(image_id)}"
        answer = self._ask(path, context, method="DELETE")
        if answer.status_code == requests.codes.not_found:
            raise exception.ImageNotFound(image_id)
        if answer.status_code == requests.codes.forbidden:
            raise exception.ImageNotAuthorized(image_id)
        if answer.status_code == requests.codes.conflict:
            raise exception.ImageDeleteConflict(answer.reason)
        if answer.status_code != requests.codes.no_content:
            raise self._failed(f"it answered with status {answer.status_code}")

    def fetch(self, context: RequestContext, image_id: str) -> Image:
        """Download an image, unless it is on this host already.

        n-api has checked already whether the caller may use it.

        Raises:
            ImageNotFound: there is no such image.
            ImageUnacceptable: a download has the wrong size or hash, or the image has
                neither kernel nor disk.
        """
        values = self._show(image_id, None)
        image = self._image(values)
        kernel, ramdisk = (
            self._download(self._show(str(values[name]), None))
            if values.get(name)
            else None
            for name in ("kernel_id", "ramdisk_id")
        )
        disk = self._download(values) if image.disk_format is not None else None
        if kernel is None and disk is None:
            raise exception.ImageUnacceptable(image_id, "it has nothing to boot")
        return dataclasses.replace(image, kernel=kernel, ramdisk=ramdisk, disk=disk)

    def _show(self, image_id: str, context: RequestContext | None) -> dict[str, Any]:
        if not uuidutils.is_uuid_like(image_id):
            raise exception.ImageNotFound(image_id)
        answer = self._ask(f"/v2/images/{parse.quote(image_id)}", context)
        if answer.status_code in {requests.codes.not_found, requests.codes.forbidden}:
            raise exception.ImageNotFound(image_id)
        if answer.status_code != requests.codes.ok:
            raise self._failed(f"it answered with status {answer.status_code}")
        return self._json(answer)

    def _download(self, values: dict[str, Any]) -> pathlib.Path:
        assert self._cache is not None
        path = f"/v2/images/{parse.quote(values['id'])}/file"

        def stream() -> requests.Response:
            answer = self._ask(path, None, stream=True)
            if answer.status_code != requests.codes.ok:
                raise self._failed(f"it answered with status {answer.status_code}")
            return answer

        try:
            return self._cache.fetch(self._image(values), stream)
        except requests.RequestException as error:
            raise self._failed(str(error)) from error

    def _ask(
        self,
        path: str,
        context: RequestContext | None,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> requests.Response:
        """Send a request as the caller, or as the service user without a context."""
        headers = {
            "Accept": "application/json, application/octet-stream",
            **(headers or {}),
        }
        auth = None
        if context is None:
            auth = self._credentials
        elif context.auth_token:
            headers["X-Auth-Token"] = context.auth_token
        try:
            answer: requests.Response = self._session.request(
                self._endpoint + path,
                method,
                headers=headers,
                auth=auth,
                authenticated=auth is not None,
                raise_exc=False,
                # Otherwise the log shows the caller's token.
                log=False,
                **options,
            )
        except (
            keystoneauth_exceptions.ClientException,
            requests.RequestException,
        ) as error:
            raise self._failed(str(error)) from error
        return answer

    def _json(self, answer: requests.Response) -> dict[str, Any]:
        try:
            values = answer.json()
        except (ValueError, requests.RequestException) as error:
            raise self._failed("the answer is not JSON") from error
        if not isinstance(values, dict):
            raise self._failed("the answer is not a JSON object")
        return values

    def _images(self, listed: Any) -> builtins.list[Image]:
        try:
            return [_read(values) for values in listed]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._failed(f"the answer cannot be read: {error!r}") from error

    def _image(self, values: Mapping[str, Any]) -> Image:
        return self._images([values])[0]

    def _failed(self, reason: str) -> exception.GlanceConnectionFailed:
        # An endpoint may contain a password, and libraries put URLs into their errors.
        return exception.GlanceConnectionFailed(host_of(self._endpoint), mask(reason))


def _pointer(name: str) -> str:
    """Return the path of a property in a JSON patch (RFC 6901)."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _read(values: Mapping[str, Any]) -> Image:
    wanted = values.get("disk_format")
    disk_format = "raw" if wanted == _AMI else wanted
    defect = None
    if disk_format not in DISK_FORMATS:
        disk_format = None
        if not values.get("kernel_id"):
            defect = f"disk format {wanted} cannot be booted here"
    return Image(
        id=str(values["id"]),
        name=str(values.get("name") or ""),
        size=int(values.get("size") or 0),
        min_ram=int(values.get("min_ram") or 0),
        min_disk=int(values.get("min_disk") or 0),
        created_at=datetime.datetime.fromisoformat(values["created_at"]),
        updated_at=datetime.datetime.fromisoformat(values["updated_at"]),
        cmdline=str(values.get("os_command_line") or ""),
        disk_format=disk_format,
        virtual_size=values.get("virtual_size"),
        defect=defect,
        status=str(values["status"]),
        visibility=str(values.get("visibility", "shared")),
        checksum=values.get("checksum"),
        os_hash_algo=values.get("os_hash_algo"),
        os_hash_value=values.get("os_hash_value"),
        properties={
            name: value for name, value in values.items() if name not in _NOT_PROPERTIES
        },
    )
