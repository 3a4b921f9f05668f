# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The output of ``minova pause`` and similar, as text and as JSON."""

from __future__ import annotations

import collections
import json
from typing import TYPE_CHECKING, Any

import click

from minova.client.one_line import one_line

if TYPE_CHECKING:
    from minova.client.bulk import Result
    from minova.client.servers import Server
    from minova.client.verbs import Verb


def tell_what_would_be(verb: Verb, found: list[Server], *, as_json: bool) -> None:
    method, path, body = verb.request("ID")
    rows = [(each, verb.why_not(each.vm_state, each.task_state)) for each in found]
    if as_json:
        objects = [
            {
                "id": each.id,
                "name": each.name,
                "outcome": _would(why),
                "message": why or None,
            }
            for each, why in rows
        ]
        click.echo(json.dumps(objects, indent=2))
        return
    for each, why in rows:
        states = f"{each.vm_state}, {each.task_state}" if each.task_state else why
        click.echo(
            f"{each.id}  {one_line(each.name)}  {_would(why)}  {states}".rstrip()
        )
    sent = f"{method} {path}" + (f" {json.dumps(body)}" if body else "")
    click.echo(f"{len(found)} servers. Nothing was sent: {sent}", err=True)


def _would(why: str) -> str:
    return "would be refused" if why else "would be sent"


def tell(results: list[Result], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([_object(result) for result in results], indent=2))
        return
    names = [one_line(result.server.name) for result in results]
    width = max(map(len, names), default=0)
    for result, name in zip(results, names, strict=True):
        columns = (
            f"{result.server.id}  {name:<{width}}  {result.outcome:<10}",
            result.request_id or "-",
            result.told,
        )
        click.echo("  ".join(columns).rstrip())
    counts = collections.Counter(result.outcome for result in results)
    if not counts:
        return
    click.echo(", ".join(f"{n} {outcome}" for outcome, n in counts.items()), err=True)
    ids = [each.request_id for each in results if not each.is_good and each.request_id]
    if ids:
        click.echo(f"Why: minova trace {ids[0]}", err=True)


def _object(result: Result) -> dict[str, Any]:
    return {
        "id": result.server.id,
        "name": result.server.name,
        "outcome": result.outcome,
        "message": result.message or None,
        "request_id": result.request_id or None,
        "answer": result.answer or None,
    }
