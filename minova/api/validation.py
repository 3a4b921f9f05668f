# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""JSON Schema, with Nova's wording around what jsonschema says."""

import base64
import binascii
import unicodedata
from collections.abc import Mapping
from typing import Any, Final
from urllib import parse

import jsonschema
from oslo_utils import uuidutils

from minova import exception

_LONGEST: Final = 1024
"""Characters of a wrong value that are shown to whoever sent it."""

_FORMATS = jsonschema.FormatChecker(formats=["regex", "ipv4", "ipv6"])


class _InvalidName(ValueError):
    """Says more than "is not a 'name'"."""


@_FORMATS.checks("uuid")
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or bool(uuidutils.is_uuid_like(value))


@_FORMATS.checks("base64", raises=(ValueError, binascii.Error))
def _is_base64(value: object) -> bool:
    return not isinstance(value, str) or bool(
        base64.b64decode(value, validate=True) or 1
    )


@_FORMATS.checks("name", raises=_InvalidName)
def _is_name(value: object) -> bool:
    if isinstance(value, str) and (
        value != value.strip() or any(_unprintable(letter) for letter in value)
    ):
        raise _InvalidName(
            "An invalid 'name' value was provided. The name must be: printable "
            "characters. Can not start or end with whitespace."
        )
    return True


def _unprintable(letter: str) -> bool:
    """Control and format characters, surrogates, unassigned code points; not spaces."""
    category = unicodedata.category(letter)
    return category.startswith("C") or category in {"Zl", "Zp"}


class Schema:
    """A compiled schema of a request body."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._validator = jsonschema.Draft4Validator(schema, format_checker=_FORMATS)

    def check(self, body: Any) -> None:
        """Pass, or say what is wrong first.

        Raises:
            Invalid: with Nova's sentence (``nova.api.validation.validators``).
        """
        for error in self._validator.iter_errors(body):
            if isinstance(error.cause, _InvalidName):
                raise exception.Invalid(str(error.cause))
            if not error.path:
                raise exception.Invalid(error.message)
            raise exception.Invalid(
                f"Invalid input for field/attribute {error.path[-1]}. "
                f"Value: {_shortened(error.instance)}. {error.message}"
            )


class QuerySchema:
    """A compiled schema of a query string: every parameter is a list of texts."""

    def __init__(self, properties: Mapping[str, Mapping[str, Any]]) -> None:
        self._validator = jsonschema.Draft4Validator(
            {
                "type": "object",
                "properties": {
                    name: {"type": "array", "items": schema}
                    for name, schema in properties.items()
                },
            },
            format_checker=_FORMATS,
        )

    def read(self, query_string: str) -> dict[str, str]:
        """Parse and check a query string; of a repeated parameter the last one counts.

        Raises:
            Invalid: with Nova's sentence.
        """
        query = parse.parse_qs(query_string, keep_blank_values=True, errors="replace")
        for error in self._validator.iter_errors(query):
            raise exception.Invalid(
                f"Invalid input for query parameters {error.path[0]}. "
                f"Value: {_shortened(error.instance)}. {error.message}"
            )
        return {name: values[-1] for name, values in query.items()}


def _shortened(value: object) -> str:
    """The value as it came, unless it would flood the answer."""
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
