# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The configuration to examine, and the commands that start this machine's daemons."""

import dataclasses
import logging
import pathlib
from importlib import metadata
from typing import Final

from oslo_config import cfg

from minova import conf as options
from minova.doctor.findings import Finding, NotLooked, finding

USUAL: Final = pathlib.Path("/etc/minova/minova.conf")


@dataclasses.dataclass(frozen=True, slots=True)
class Deployment:
    """A ``minova.conf`` that could be read."""

    file: pathlib.Path
    conf: cfg.ConfigOpts

    def start(self, service: str) -> str:
        """Return the command that starts a daemon, or a server that it needs."""
        return command("start", service, self.file)

    def restart(self, service: str) -> str:
        return command("restart", service, self.file)

    def wrong(self, error: cfg.Error) -> Finding:
        """Make the finding for options that cannot be used."""
        return _wrong(self.file, error)


def read(file: pathlib.Path | None) -> Deployment | Finding | NotLooked:
    """Read the options of a file, or of the usual one, without logging anything.

    As for the daemons, the files of the folder ``FILE.d`` are read too.
    """
    path = file or USUAL
    # Silence libraries: the doctor reports their errors in its own words.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        path.read_bytes()
    except FileNotFoundError:
        return NotLooked(
            "database, RabbitMQ, libvirt, disk",
            f"there is no {path} here",
            "Run this where n-api or n-cpu runs (docker-compose exec n-cpu minova "
            "doctor --url http://n-api:8774), or use --config-file.",
        )
    except OSError as error:
        return NotLooked(
            "database, RabbitMQ, libvirt, disk",
            f"{path} cannot be read: {error.strerror}",
            "sudo minova doctor",
        )
    conf = options.create("")
    folder = pathlib.Path(f"{path}.d")
    try:
        conf(
            ["--config-file", str(path)],
            project="minova",
            version=metadata.version("minova"),
            default_config_files=[],
            default_config_dirs=[str(folder)] if folder.is_dir() else [],
        )
        options.check(conf)
    except cfg.Error as error:
        return _wrong(path, error)
    return Deployment(path, conf)


def _wrong(file: pathlib.Path, error: cfg.Error) -> Finding:
    why = str(error).rstrip(".")
    start = command("restart", "n-cpu", file)
    return finding("options-wrong", file=file, why=why, start=start)


_IN_CONTAINER: Final = pathlib.Path("/usr/lib/minova/n-cpu")
"""A file that exists only in the image of docker-compose.yml."""
_SYSTEMD: Final = pathlib.Path("/run/systemd/system")
_UNITS: Final = {
    "RabbitMQ": "rabbitmq-server",
    "MariaDB": "mariadb",
    "libvirt": "libvirtd",
}
_CONTAINERS: Final = {"RabbitMQ": "rabbitmq", "MariaDB": "mariadb", "libvirt": "n-cpu"}


def command(verb: str, service: str, file: pathlib.Path = USUAL) -> str:
    """Return the command that starts or restarts a service of this machine.

    Args:
        file: its folder has the deployment's name.
    """
    if _IN_CONTAINER.exists():
        up = "restart" if verb == "restart" else "up -d"
        return f"docker-compose {up} {_CONTAINERS.get(service, service)}"
    if _SYSTEMD.exists():
        unit = _UNITS.get(service, f"{file.parent.name}-{service}")
        return f"sudo systemctl {verb} {unit}"
    start = "sudo ./devstack/stack.sh"
    if verb == "restart" and service in {"n-api", "n-cpu"}:
        return (
            f"sudo kill $(cut -d' ' -f1 /run/{file.parent.name}/{service}.pid); {start}"
        )
    return start
