# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""n-api with unusable options ends and names the option in one line."""

import os
import pathlib
import subprocess

import pytest

from tests import cluster
from tests.cluster import Cluster

_SECRET = "s3cret-of-the-url"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("[DEFAULT] transport_url", f"rabbit://minova:{_SECRET}@127.0.0.1:port/x"),
        ("[database] connection", f"mysql+pymsql://minova:{_SECRET}@127.0.0.1/y"),
    ],
)
def test_n_api_with_a_wrong_url(
    tmp_path: pathlib.Path, option: str, value: str
) -> None:
    urls = {
        "[DEFAULT] transport_url": "rabbit://127.0.0.1:1/",
        "[database] connection": f"sqlite:///{tmp_path}/x.sqlite",
    } | {option: value}
    transport_url, connection = urls.values()
    own = Cluster(tmp_path, transport_url, connection)

    said, log = _end_of(own)

    assert said.startswith(f"n-api: {option} cannot be used (")
    assert said.count("\n") == 1
    assert f"n-api cannot start: {option} cannot be used (" in log
    assert "Traceback" not in log
    assert _SECRET not in said + log


@pytest.mark.parametrize(
    ("query", "extra"),
    [
        ("", "[oslo_messaging_rabbit]\nkombu_compression = gzip\n"),
        ("?kombu_compression=bz2", ""),
    ],
)
def test_n_api_that_is_told_to_compress_messages(
    tmp_path: pathlib.Path, query: str, extra: str
) -> None:
    """The receiver would not read compressed messages."""
    url = f"rabbit://127.0.0.1:1/{query}"
    own = Cluster(tmp_path, url, f"sqlite:///{tmp_path}/x.sqlite")
    own.extra += extra

    said, log = _end_of(own)

    assert said == (
        "n-api: [oslo_messaging_rabbit] kombu_compression cannot be used "
        "(not supported)\n"
    )
    assert "Traceback" not in log


@pytest.mark.parametrize(
    "written", [None, "admin:no-digest\n", "admin:$1$md5$digest\n"]
)
def test_n_api_with_a_wrong_htpasswd_file(
    tmp_path: pathlib.Path, written: str | None
) -> None:
    htpasswd = tmp_path / "htpasswd"
    if written is not None:
        htpasswd.write_text(written)
    own = Cluster(tmp_path, "rabbit://127.0.0.1:1/", f"sqlite:///{tmp_path}/x.sqlite")
    own.extra += (
        "[api]\nauth_strategy = http_basic\n"
        f"[oslo_middleware]\nhttp_basic_auth_user_file = {htpasswd}\n"
    )

    said, log = _end_of(own)

    assert said == (
        "n-api: [oslo_middleware] http_basic_auth_user_file cannot be used: "
        f"{htpasswd} must be readable, and its passwords bcrypt hashes\n"
    )
    assert "Traceback" not in log


def _end_of(own: Cluster) -> tuple[str, str]:
    """Return what n-api prints and logs before it ends with status 1."""
    file = own.write_config("api")
    ended = subprocess.run(
        [cluster.BIN / "gunicorn", "--config", cluster.GUNICORN_CONF, own.wsgi],
        env=os.environ
        | {
            "OS_MINOVA_CONFIG_DIR": str(file.parent),
            "MINOVA_API_BIND": f"127.0.0.1:{own.port}",
        },
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert ended.returncode == 1
    return ended.stdout + ended.stderr, own.api_log()
