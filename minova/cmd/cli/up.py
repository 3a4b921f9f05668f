# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova up``."""

import contextlib
import gc
import importlib.util
import json
import pathlib
import re
import socket
import tempfile
from typing import Any

import click

from minova.api.front.version_range import MAX_VERSION, MIN_VERSION, text
from minova.local.keystone.beside import Beside
from minova.testing import clouds_yaml
from minova.testing.keystone import PASSWORD


def _version(_context: click.Context, _option: click.Parameter, asked: str) -> str:
    found = re.fullmatch(r"2\.(\d{1,3})", asked)
    if not found or not MIN_VERSION <= (2, int(found[1])) <= MAX_VERSION:
        lowest, highest = text(MIN_VERSION), text(MAX_VERSION)
        raise click.BadParameter(f"{asked} is not in the range {lowest} to {highest}.")
    return asked


@click.command()
@click.option(
    "--bind", default="127.0.0.1", show_default=True, help="The address to listen on."
)
@click.option(
    "--allowed-host",
    "allowed_hosts",
    multiple=True,
    help="Another host name that clients may use, besides those of the loopback.",
)
@click.option(
    "--port",
    default=8774,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The port to listen on; 0 picks a free one.",
)
@click.option(
    "--hosts",
    type=click.IntRange(1, 100),
    help="The number of compute hosts: host-1, host-2 and so on. [default: 1]",
)
@click.option(
    "--database",
    type=click.Path(dir_okay=False, path_type=pathlib.Path),
    help="An SQLite file to keep the data in. Without it, the data is lost at the end.",
)
@click.option(
    "--seed",
    type=click.Path(exists=True, dir_okay=False, path_type=pathlib.Path),
    help="A file with the flavors, images, keypairs, quotas and servers to start "
    "with. Each reset applies it again.",
)
@click.option(
    "--max-microversion",
    callback=_version,
    default=text(MAX_VERSION),
    metavar="2.N",
    show_default=True,
    help="The latest API version to support, to act like an older cloud.",
)
@click.option(
    "--log-dir",
    type=click.Path(file_okay=False, path_type=pathlib.Path),
    help="A folder to keep the logs in.",
)
@click.option(
    "--identity",
    type=click.Choice(["noauth2", "keystone"]),
    default="noauth2",
    show_default=True,
    help="How clients log in: with a token user:project (noauth2), or at a real "
    "Keystone that is started too.",
)
@click.option(
    "--keystone-port",
    type=click.IntRange(0, 65535),
    help="The port for Keystone. [default: 5000, or a free one with --port 0]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")
@click.option("--end-with-stdin", is_flag=True, hidden=True)
def up(
    *,
    bind: str,
    allowed_hosts: tuple[str, ...],
    port: int,
    hosts: int | None,
    database: pathlib.Path | None,
    seed: pathlib.Path | None,
    max_microversion: str,
    log_dir: pathlib.Path | None,
    identity: str,
    keystone_port: int | None,
    as_json: bool,
    end_with_stdin: bool,
) -> None:
    """Run a whole cloud in this process, for tests of tools.

    Servers are created, paused and deleted as in a cluster, but without a
    hypervisor. There are no passwords, or only well-known ones: listen only on the
    loopback, unless everybody on the network may use this cloud.
    """
    document = _read(seed, hosts)
    if identity == "keystone":
        _check_keystone(database)
    listening = _listen(bind, port)
    if keystone_port is None:
        keystone_port = 5000 if port else 0
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="minova-"))
        )
        log_folder = (log_dir or folder).resolve()
        log_folder.mkdir(parents=True, exist_ok=True)
        keystone = None
        if identity == "keystone":
            # Start Keystone first: it takes the longest.
            keystone = Beside(
                folder / "keystone",
                _listen(bind, keystone_port),
                allowed_hosts=allowed_hosts,
                log_folder=log_folder,
            )
            stack.callback(keystone.close)
        # The imports make no garbage. The process enables the collector again.
        gc.disable()
        from minova.cmd import up as process  # noqa: PLC0415 - all of minova
        from minova.local.cloud import Wanted  # noqa: PLC0415
        from minova.local.hosts import HostSize  # noqa: PLC0415

        if end_with_stdin:
            process.end_with_standard_input()
        wanted = Wanted(
            folder=folder,
            database=(database or folder / "minova.sqlite").resolve(),
            hosts=[HostSize(**host) for host in _hosts(hosts, document)],
            max_version=max_microversion,
            allowed_hosts=allowed_hosts,
            log_folder=log_folder,
            seed=document,
        )
        facts: dict[str, Any] = {
            "clouds_yaml": str(folder / "clouds.yaml"),
            "identity_url": keystone and keystone.url,
            "log_dir": str(log_folder),
        }

        def ready(url: str) -> None:
            (folder / "clouds.yaml").write_text(
                clouds_yaml.text(**_clouds(url, keystone)), encoding="utf-8"
            )
            _say({"url": url} | facts, as_json=as_json)

        try:
            process.run(wanted, listening, ready, keystone)
        except process.CannotStart as error:
            raise click.ClickException(str(error)) from None


def _read(seed: pathlib.Path | None, hosts: int | None) -> dict[str, Any]:
    from minova.testing import seeding  # noqa: PLC0415 - jsonschema and yaml

    try:
        document = seeding.read(seed) if seed else {}
    except seeding.Wrong as error:
        raise click.ClickException(str(error)) from None
    if hosts is not None and "hosts" in document:
        raise click.UsageError(f"{seed} lists the hosts, so --hosts cannot be used")
    return document


def _check_keystone(database: pathlib.Path | None) -> None:
    if importlib.util.find_spec("keystone") is None:
        raise click.UsageError(
            "--identity keystone needs Keystone: install minova[keystone-server]"
        )
    if database is not None:
        raise click.UsageError(
            "--identity keystone keeps no data, so --database cannot be used"
        )


def _clouds(url: str, keystone: Beside | None) -> dict[str, dict[str, Any]]:
    if keystone is None:
        return {
            "minova": clouds_yaml.cloud(url, "admin:admin"),
            "minova-demo": clouds_yaml.cloud(url, "demo:demo"),
        }
    return {
        cloud: clouds_yaml.with_keystone(keystone.url, user, project)
        for cloud, user, project in (
            ("minova", "admin", "admin"),
            ("minova-demo", "demo", "demo"),
            ("minova-demo-reader", "demo_reader", "demo"),
        )
    }


def _hosts(count: int | None, document: dict[str, Any]) -> list[dict[str, Any]]:
    named = document.get("hosts") or [
        {"name": f"host-{n + 1}"} for n in range(count or 1)
    ]
    return [{key: host[key] for key in host if key != "zone"} for host in named]


def _listen(address: str, port: int) -> socket.socket:
    try:
        return socket.create_server((address, port), backlog=1024)
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {address}:{port}: {error.strerror}"
        ) from None


def _say(facts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(facts))
        return
    click.echo(f"minova listens on {facts['url']}/v2.1; Ctrl-C ends it")
    if facts["identity_url"]:
        click.echo(
            f"Keystone listens on {facts['identity_url']}; the password of admin, demo "
            f"and demo_reader is {PASSWORD}"
        )
    click.echo(f"export OS_CLOUD=minova OS_CLIENT_CONFIG_FILE={facts['clouds_yaml']}")
    click.echo(f"logs: {facts['log_dir']}/n-api.log, {facts['log_dir']}/n-cpu.log")
