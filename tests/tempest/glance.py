# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A real Glance while Tempest runs, because tests of images write some.

It uses the standard library only, like ``cloud.py``.
"""

import contextlib
import json
import pathlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from urllib import error

from tests.tempest.cloud import Cloud, send

_TIME_TO_START = 60.0
"""In seconds."""


@contextlib.contextmanager
def running(
    venv: pathlib.Path, folder: pathlib.Path, port: int, keystone: str, password: str
) -> Iterator[str]:
    """Serve on the loopback from a new folder. Yield the URL, without ``/v2``.

    Args:
        venv: the environment with Glance.
        keystone: its URL, with ``/v3``.
        password: the password of the user ``minova``, with which Glance checks tokens.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for store in ("images", "staging", "tasks"):
        (folder / store).mkdir(parents=True)
    url = f"http://127.0.0.1:{port}"
    paste = venv / "etc/glance/glance-api-paste.ini"
    conf = folder / "glance-api.conf"
    conf.write_text(_conf(folder, url, paste, keystone, password))
    (folder / "gunicorn.conf.py").write_text(_gunicorn_conf(port))
    with (folder / "out").open("wb") as out:
        subprocess.run(
            [venv / "bin/glance-manage", "--config-file", conf, "db", "sync"],
            check=True,
            stdout=out,
            stderr=out,
        )
        process = subprocess.Popen(
            [venv / "bin/gunicorn", "--config", folder / "gunicorn.conf.py"],
            env={"PATH": "/usr/bin:/bin", "OS_GLANCE_CONFIG_DIR": str(folder)},
            stdout=out,
            stderr=out,
        )
        try:
            _wait_for(process, url, folder)
            yield url
        finally:
            process.terminate()
            process.wait()


def upload(cloud: Cloud, glance: str, image: pathlib.Path) -> tuple[str, str]:
    """Upload an image of a kernel and its ramdisk twice and return both ids."""
    described = json.loads((image / "image.json").read_text())
    kernel, ramdisk = (
        _upload(cloud, glance, kind, kind, (image / described[file]).read_bytes())
        for file, kind in (("kernel", "aki"), ("ramdisk", "ari"))
    )
    more = {"kernel_id": kernel, "ramdisk_id": ramdisk}
    more |= {"os_command_line": described["cmdline"]}
    more |= {"min_ram": described["min_ram"]}
    name: str = described["name"]
    # Glance has no image without a disk, so this disk is empty.
    first, second = (
        _upload(cloud, glance, shown, "ami", bytes(512), **more)
        for shown in (name, f"{name}-of-tempest")
    )
    return first, second


def _upload(
    cloud: Cloud, glance: str, name: str, kind: str, content: bytes, **more: str
) -> str:
    image = {"name": name, "container_format": kind, "disk_format": kind}
    image |= {"visibility": "public", **more}
    image_id: str = cloud.ask("POST", f"{glance}/v2/images", image)["id"]
    url = f"{glance}/v2/images/{image_id}/file"
    with send("PUT", url, content, cloud.token):
        return image_id


def _wait_for(process: subprocess.Popen[bytes], url: str, folder: pathlib.Path) -> None:
    deadline = time.monotonic() + _TIME_TO_START
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            try:
                send("GET", url).close()
            except error.HTTPError as answer:
                if answer.code == 300:  # the versions that exist
                    return
                raise
        time.sleep(0.2)
    raise RuntimeError(f"Glance does not answer; see {folder}/out")


def _conf(
    folder: pathlib.Path, url: str, paste: pathlib.Path, keystone: str, password: str
) -> str:
    return f"""\
[DEFAULT]
log_file = {folder}/glance.log
enabled_backends = files:file
worker_self_reference_url = {url}

[database]
connection = sqlite:///{folder}/glance.sqlite

[glance_store]
default_backend = files

[files]
filesystem_store_datadir = {folder}/images

[os_glance_staging_store]
filesystem_store_datadir = {folder}/staging

[os_glance_tasks_store]
filesystem_store_datadir = {folder}/tasks

[paste_deploy]
flavor = keystone
config_file = {paste}

[keystone_authtoken]
www_authenticate_uri = {keystone}
auth_url = {keystone}
auth_type = password
username = minova
password = {password}
user_domain_id = default
project_name = service
project_domain_id = default
region_name = RegionOne
service_type = image
"""


def _gunicorn_conf(port: int) -> str:
    return f"""\
wsgi_app = "glance.wsgi.api:application"
bind = "127.0.0.1:{port}"
worker_class = "gthread"
threads = 8
control_socket_disable = True
"""
