# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Every route and method of n-api, with the schemas in its module.

They are read from the app, so a new resource is tested without being named here.
"""

import dataclasses
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import falcon
from falcon import inspect as falcon_inspect

from minova.api import app
from minova.api.backend import Backend
from minova.api.front.microversion import Versioned
from minova.api.image_api import app as image_app
from minova.api.own_api import app as own_app
from minova.api.validation.schema import QuerySchema, Schema


@dataclasses.dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path.

    Attributes:
        path: with its parameters, as in ``/v2.1/servers/{server_id}``.
        bodies: JSON schemas of allowed bodies.
        queries: names of query parameters, each with the schema of a value.
    """

    method: str
    path: str
    bodies: tuple[Mapping[str, Any], ...]
    queries: Mapping[str, Mapping[str, Any]]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def every_endpoint() -> list[Endpoint]:
    """Return all endpoints in a stable order."""
    # These apps have no database or host: only their routes are read.
    nothing: Any = None
    backend = Backend(**{field.name: nothing for field in dataclasses.fields(Backend)})
    compute = _of(app.create_app(backend))
    images = _of(image_app.create_app(nothing), image_app.PREFIX)
    own = _of(own_app.create_app(), own_app.PREFIX)
    return sorted([*compute, *images, *own], key=str)


def _of(api: falcon.App[Any, Any], prefix: str = "") -> Iterator[Endpoint]:
    for route in falcon_inspect.inspect_routes(api):
        bodies, queries = _schemas(api, route.path)
        for method in route.methods:
            if not method.internal:
                yield Endpoint(method.method, prefix + route.path, bodies, queries)


def _schemas(
    api: falcon.App[Any, Any], path: str
) -> tuple[tuple[Mapping[str, Any], ...], Mapping[str, Mapping[str, Any]]]:
    found = api._router.find(path)
    assert found is not None
    resource = found[0]
    module = vars(sys.modules[type(resource).__module__])
    bodies: list[Mapping[str, Any]] = []
    queries: dict[str, Mapping[str, Any]] = {}
    for schema in _each(module.values()):
        if isinstance(schema, Schema):
            bodies.append(schema._validator.schema)
        else:
            for name, values in schema._validator.schema["properties"].items():
                queries[name] = values["items"]
    return tuple(bodies), queries


def _each(values: Any) -> Iterator[Schema | QuerySchema]:
    for value in values:
        if isinstance(value, Schema | QuerySchema):
            yield value
        elif isinstance(value, Versioned):
            yield from _each(thing for _version, thing in value._things)
        elif isinstance(value, Mapping):
            yield from _each(value.values())
