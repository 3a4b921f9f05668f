# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks with JSON Schema; Nova's sentences quote jsonschema's errors."""

import base64
import binascii
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final
from urllib import parse

import jsonschema
from oslo_utils import strutils, timeutils, uuidutils

from minova import exception
from minova.vocabulary.printable import is_printable

_LONGEST: Final = 1024
"""Characters of a wrong value that an error shows."""

_FORMATS = jsonschema.FormatChecker(formats=["ipv4", "ipv6"])

# No error shows the value of this key.
_SECRET: Final = "adminPass"  # noqa: S105


class _InvalidName(ValueError):
    """Has a better text than "is not a 'name'"."""


@_FORMATS.checks("regex", raises=(re.error, OverflowError, RecursionError))
def _is_regex(value: object) -> bool:
    """Refuse an empty text, as Nova does, because it would match everything."""
    return not isinstance(value, str) or (value != "" and bool(re.compile(value)))


@_FORMATS.checks("uuid")
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or bool(uuidutils.is_uuid_like(value))


# A time zone offset may lead beyond the range of years.
@_FORMATS.checks("date-time", raises=(ValueError, OverflowError))
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or bool(
        timeutils.normalize_time(timeutils.parse_isotime(value))
    )


@_FORMATS.checks("base64", raises=(ValueError, binascii.Error))
def _is_base64(value: object) -> bool:
    """Ignore other characters, such as the line ends of base64(1), as Nova does."""
    return not isinstance(value, str) or bool(base64.b64decode(value) or 1)


@_FORMATS.checks("name", raises=_InvalidName)
def _is_name(value: object) -> bool:
    if isinstance(value, str) and (
        value != value.strip() or not all(map(is_printable, value))
    ):
        raise _InvalidName(
            "An invalid 'name' value was provided. The name must be: printable "
            "characters. Can not start or end with whitespace."
        )
    return True


@_FORMATS.checks("az_name", raises=_InvalidName)
def _is_zone(value: object) -> bool:
    """A name without a colon, which separates a zone from a host."""
    return _is_name(value) and ":" not in str(value)


@_FORMATS.checks("name_with_leading_trailing_spaces", raises=_InvalidName)
def _is_name_with_spaces(value: object) -> bool:
    if isinstance(value, str) and not (value.strip() and all(map(is_printable, value))):
        raise _InvalidName(
            "An invalid 'name' value was provided. The name must be: printable "
            "characters with at least one non space character"
        )
    return True


_Draft = jsonschema.Draft202012Validator
"""In this draft 1.0 is an integer."""


def _number(instance: object) -> object:
    """Read a number in a string, to compare it as Nova does; keep any other value."""
    if not isinstance(instance, str):
        return instance
    for read in (int, float):
        try:
            return read(instance)
        except ValueError:
            continue
    return instance


def _bound(keyword: str) -> Callable[..., Any]:
    """Make ``minimum`` or ``maximum`` for numbers, also in strings."""
    check = _Draft.VALIDATORS[keyword]
    return lambda validator, bound, instance, schema: check(
        validator, bound, _number(instance), schema
    )


def _pattern(
    validator: Any, pattern: str, instance: object, schema: Any
) -> Iterator[jsonschema.ValidationError]:
    """Check ``pattern``; unlike in re, ``$`` never matches before a last line feed."""
    if isinstance(instance, str) and instance.endswith("\n") and pattern.endswith("$"):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")
        return
    yield from _Draft.VALIDATORS["pattern"](validator, pattern, instance, schema)


_Validator = jsonschema.validators.extend(  # type: ignore[no-untyped-call]
    _Draft,
    {"pattern": _pattern} | {name: _bound(name) for name in ("minimum", "maximum")},
)


class Schema:
    """A compiled schema of a request body."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._validator = _Validator(schema, format_checker=_FORMATS)

    def check(self, body: Any) -> None:
        """Check a body.

        Raises:
            Invalid: the first error, in Nova's words
                (``nova.api.validation.validators``).
        """
        for error in self._validator.iter_errors(body):
            if isinstance(error.cause, _InvalidName):
                raise exception.Invalid(str(error.cause))
            if not error.path:
                raise exception.Invalid(_masked(error.message))
            if error.path[-1] == _SECRET:
                raise exception.Invalid(f"Invalid input for field/attribute {_SECRET}.")
            raise exception.Invalid(
                f"Invalid input for field/attribute {error.path[-1]}. "
                f"Value: {_shown(error.instance)}. {_masked(error.message)}"
            )


class Query(dict[str, str]):
    """A query string; as a dict, it has the last value of each parameter.

    Attributes:
        all: every value of each parameter, in order.
    """

    def __init__(self, values: dict[str, list[str]]) -> None:
        super().__init__({name: texts[-1] for name, texts in values.items()})
        self.all = values


class QuerySchema:
    """A compiled schema of a query string: every parameter is a list of strings."""

    def __init__(
        self,
        properties: Mapping[str, Mapping[str, Any]],
        *,
        strict: bool = False,
        once: Collection[str] = (),
        passing: str = "",
    ) -> None:
        """Compile the schema.

        Args:
            strict: refuse unknown parameters instead of leaving them out; most of
                Nova's lists do so since 2.75, nearly all others since 2.102.
            once: parameters that are refused if they come twice; of any other
                parameter, the last value counts.
            passing: a pattern of more names to accept.
        """
        self._names = frozenset(properties)
        self._passing = re.compile(passing or r"(?!)")
        schema = {
            "type": "object",
            "properties": {
                name: {"type": "array", "items": schema}
                | ({"maxItems": 1} if name in once else {})
                for name, schema in properties.items()
            },
            "additionalProperties": not strict,
        }
        if passing:
            schema["patternProperties"] = {passing: {}}
        self._validator = _Validator(schema, format_checker=_FORMATS)

    def read(self, query_string: str) -> Query:
        """Parse and check a query string; leave unknown parameters out.

        Raises:
            Invalid: in Nova's words.
        """
        try:
            query = parse.parse_qs(
                query_string, keep_blank_values=True, errors="strict"
            )
        except UnicodeDecodeError:
            raise exception.Invalid("Query string is not UTF-8 encoded") from None
        for error in self._validator.iter_errors(query):
            if not error.path:
                raise exception.Invalid(error.message)
            raise exception.Invalid(
                f"Invalid input for query parameters {error.path[0]}. "
                f"Value: {_shown(error.instance)}. {error.message}"
            )
        return Query(
            {
                name: texts
                for name, texts in query.items()
                if name in self._names or self._passing.match(name)
            }
        )


def _masked(text: str) -> str:
    """Mask a password in a text that may quote a body."""
    return strutils.mask_password(text) if _SECRET in text else text


def _shown(value: object) -> str:
    """Return a value as text, without secrets, cut to a length fit for an answer."""
    text = str(strutils.mask_dict_password(value) if isinstance(value, dict) else value)
    text = _masked(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
