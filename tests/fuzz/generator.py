# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Seeded random requests: first what a schema allows, then what it forbids."""

import copy
import dataclasses
import json
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib import parse

from tests.fuzz.endpoints import Endpoint

_ODD: Final[Sequence[Any]] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**400, 1e308, -0.5),
    *("", " ", "0", "-1", "null", "true", "a" * 256, "a" * 70000, "\0", "\n", "\r\n"),
    *("\u202e", "\ud7ff", "💥", "é" * 300, "%s%n%x", "%00", "{}", "$(id)", "`id`"),
    *("'; DROP TABLE instances; --", "../../etc/passwd", "<a/>&", "]]>", "(a+)+$"),
    *("9" * 400, "1e9", "0x10", "2026-13-45T99:99:99Z", "2026-11-24T00:00:00+99:99"),
    *([], {}, [[]], [None], {"": ""}, {"a": {"b": {"c": [1, 2, {}]}}}),
)
_BY_FORMAT: Final[Mapping[str, Sequence[str]]] = {
    "uuid": ("8cc68639-c302-441d-9aab-b493b94f7f6e",),
    "ipv4": ("192.0.2.7", "0.0.0.0"),
    "ipv6": ("2001:db8::7", "::"),
    "base64": ("aGFsbG8=", ""),
    "date-time": ("2026-11-24T12:00:00Z", "2026-11-24T12:00:00.000001+01:00"),
    "regex": ("a.*", "^$", "[a-z]{1,9}"),
    "name": ("fuzz", "Ein Name", "名前"),
}
_TEXTS: Final = (
    *("fuzz", "1", "42", "0", "a", "ACTIVE", "nova", "host-1", "nova-compute"),
    *("hw:cpu_policy", "true", "2026-11-24T12:00:00Z", "created_at", "desc", "a,b"),
    *("8cc68639-c302-441d-9aab-b493b94f7f6e", "network-changed", "aGFsbG8="),
)
_VERSIONS: Final = (
    *(None, "2.1", "latest", "2.104", "2.105", "2.0", "1.1", "3.0", "abc", "", "2"),
    *("2.1.1", "-2.1", "2.999999999999", "LATEST"),
)
_RAW_BODIES: Final = (
    *(b"", b"{", b"[]", b"null", b'""', b"1", b"\xff\xfe", b"{}{}", b"NaN"),
    *(b'{"server": Infinity}', b'{"a": "\\ud800"}', b"[" * 3000, b'{"a":' * 3000),
    *(b'{"pause": ' + b"[" * 700 + b"]" * 700 + b"}", b'{"pause": 1e999}'),
    *(b'{"pause": null, "pause": null}', b"\0" * 100, b" " * 5000),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Sent:
    """A request, to be sent as it is."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes | None


class Generator:
    """Makes requests from a seed. The same seed makes the same requests."""

    def __init__(self, seed: str, known: Mapping[str, Sequence[str]]) -> None:
        """Start from a seed.

        Args:
            known: existing values by path parameter, such as ids of servers.
        """
        self._random = random.Random(seed)
        self._known = known

    def request(self, endpoint: Endpoint) -> Sent:
        """Return the next request."""
        path = re.sub(r"\{(\w+)\}", lambda it: self._segment(it[1]), endpoint.path)
        return Sent(
            endpoint.method,
            path + self._query(endpoint.queries),
            self._headers(),
            self._body(endpoint),
        )

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _segment(self, parameter: str) -> str:
        known = self._known.get(parameter, ())
        if known and self._chance(0.8):
            text = self._random.choice(known)
        else:
            text = str(self._random.choice((*_ODD, *_TEXTS)))[:3000]
        # An empty segment, or one of dots, would change the path.
        return parse.quote(text, safe="") or "%20"

    def _query(self, queries: Mapping[str, Mapping[str, Any]]) -> str:
        if self._chance(0.4):
            return ""
        names = [*queries, "limit", "marker", "all_tenants", "fuzz"]
        pairs = []
        for _ in range(self._random.randint(1, 4)):
            name = self._random.choice(names)
            odd = self._chance(0.4)
            value = self._odd() if odd else self.value(queries.get(name, {}))
            pairs.append(f"{parse.quote(name)}={parse.quote(str(value)[:2000])}")
        if self._chance(0.05):
            pairs.append("%ff%fe=%00&&==;")
        return "?" + "&".join(pairs)

    def _headers(self) -> dict[str, str]:
        choice = self._random.choice
        admin = self._chance(0.6)
        headers = {"X-Auth-Token": "admin:demo" if admin else "demo:demo"}
        if self._chance(0.7):
            version = f"2.{self._random.randint(1, 104)}"
            headers["OpenStack-API-Version"] = f"compute {version}"
        elif (odd := choice(_VERSIONS)) is not None:
            header = choice(("X-OpenStack-Nova-API-Version", "OpenStack-API-Version"))
            headers[header] = odd
        if self._chance(0.05):
            headers["Accept"] = choice(
                ("", "text/html", "*/*", "a;q=x", "application/xml")
            )
        if self._chance(0.05):
            headers["X-OpenStack-Request-ID"] = choice(("req-1", "\tx", "r" * 500))
        odd_type = self._chance(0.05)
        headers["Content-Type"] = (
            choice(("", "text/plain", "application/xml", "a/b/c", "application/json;x"))
            if odd_type
            else "application/json"
        )
        return headers

    def _body(self, endpoint: Endpoint) -> bytes | None:
        if endpoint.method in {"GET", "DELETE"} and self._chance(0.95):
            return None
        if self._chance(0.05):
            return self._random.choice(_RAW_BODIES)
        schema = self._random.choice(endpoint.bodies) if endpoint.bodies else {}
        body = self.value(schema)
        for _ in range(self._random.choice((0, 0, 1, 1, 2, 3))):
            body = self._spoil(body)
        return json.dumps(body).encode("utf-8", errors="surrogatepass")

    def _odd(self) -> Any:
        return copy.deepcopy(self._random.choice(_ODD))

    def _spoil(self, value: Any) -> Any:
        """Change one place of a value, at any depth."""
        if isinstance(value, dict) and value and self._chance(0.8):
            key = self._random.choice(sorted(value))
            how = self._random.random()
            if how < 0.15:
                del value[key]
            elif how < 0.3:
                value[str(self._odd())[:300]] = self._odd()
            else:
                value[key] = self._spoil(value[key])
            return value
        if isinstance(value, list) and value and self._chance(0.8):
            at = self._random.randrange(len(value))
            value[at] = self._spoil(value[at])
            return value * 300 if self._chance(0.02) else value
        return self._odd()

    def value(self, schema: Mapping[str, Any], depth: int = 0) -> Any:
        """Return a value that a schema allows, by the keywords known here."""
        for several in ("oneOf", "anyOf", "allOf"):
            if several in schema:
                return self.value(self._random.choice(schema[several]), depth)
        if "enum" in schema:
            return self._random.choice(list(schema["enum"]))
        types = schema.get("type", ("string", "object", "integer"))
        kind = self._random.choice([types] if isinstance(types, str) else list(types))
        if kind == "object":
            return self._object(schema, depth + 1)
        if kind == "array":
            return self._array(schema, depth + 1)
        return self._scalar(kind, schema)

    def _array(self, schema: Mapping[str, Any], depth: int) -> list[Any]:
        least = schema.get("minItems", 0)
        length = least if depth > 8 else self._random.randint(least, least + 2)
        return [self.value(schema.get("items", {}), depth) for _ in range(length)]

    def _scalar(self, kind: str, schema: Mapping[str, Any]) -> Any:
        if kind == "boolean":
            return self._chance(0.5)
        if kind == "null":
            return None
        if kind == "string":
            return self._text(schema)
        low = max(schema.get("minimum", -1), -(2**31))
        high = min(schema.get("maximum", low + 50), low + 50)
        return self._random.randint(low, high)

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        required = schema.get("required", ())
        for name, inner in schema.get("properties", {}).items():
            if name in required or (depth < 6 and self._chance(0.3)):
                made[name] = self.value(inner, depth)
        for inner in schema.get("patternProperties", {}).values():
            for _ in range(self._random.randint(0, 2)):
                made[self._random.choice(_TEXTS)] = self.value(inner, depth)
        if not made and not schema.get("properties"):
            made[self._random.choice(("pause", "fuzz", "server"))] = self._odd()
        return made

    def _text(self, schema: Mapping[str, Any]) -> str:
        known = _BY_FORMAT.get(schema.get("format", ""), ())
        if known and self._chance(0.9):
            return self._random.choice(known)
        every_known = [text for texts in self._known.values() for text in texts]
        texts = [*_TEXTS, *every_known]
        if "pattern" in schema:
            texts = [
                text for text in texts if re.search(schema["pattern"], text)
            ] or texts
        low, high = schema.get("minLength", 0), schema.get("maxLength", 2**31)
        fitting = [text for text in texts if low <= len(text) <= high]
        return self._random.choice(fitting) if fitting else "x" * low
