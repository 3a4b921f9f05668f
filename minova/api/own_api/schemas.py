# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/minova/v1/schemas: the JSON schemas of the answers."""

from collections.abc import Iterable

import falcon

from minova import exception
from minova.api.front.request import Request
from minova.api.own_api.shapes import Shape, answer
from minova.api.own_api.views import schemas as views


class _Schemas:
    def __init__(self, shapes: Iterable[Shape]) -> None:
        self._shapes = {shape.name: shape for shape in shapes}


class SchemasResource(_Schemas):
    def on_get(self, req: Request, resp: falcon.Response) -> None:
        answer(req, resp, views.SCHEMAS, views.schemas(req, self._shapes))


class SchemaResource(_Schemas):
    def on_get(self, req: Request, resp: falcon.Response, name: str) -> None:
        """Show it; raises NotFound: 404."""
        shape = self._shapes.get(name)
        if shape is None:
            raise exception.NotFound(f"Schema {name} could not be found.")
        answer(req, resp, views.SCHEMA, views.schema(shape))
