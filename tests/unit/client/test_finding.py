# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Which cloud a command asks, and as which user."""

import pathlib
from collections.abc import Iterator

import pytest

from minova.client.cloud import Refused
from minova.client.finding import NotFound, find
from tests.unit.cmd.local_cloud import Up, up

FILE = "OS_CLIENT_CONFIG_FILE"


@pytest.fixture(scope="module")
def running() -> Iterator[Up]:
    with up("--max-microversion", "2.79") as cloud:
        yield cloud


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv(FILE, raising=False)


def test_by_its_url_as_the_admin(running: Up) -> None:
    cloud = find(running.url + "/", None)

    assert cloud.url == running.url
    assert cloud.version == (2, 79)
    assert cloud.compute("GET", "/os-services")["services"]
    assert cloud.own("GET", "/cloud")["cloud"]["hosts"] == ["host-1"]


def test_by_the_file_that_minova_up_names(
    running: Up, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FILE, running.said["clouds_yaml"])

    assert find(None, None).compute("GET", "/os-services")["services"]
    demo = find(None, "minova-demo")
    with pytest.raises(Refused, match=r"Policy doesn't allow .* to be performed") as no:
        demo.compute("GET", "/os-services")
    assert no.value.status == 403
    assert no.value.request_id.startswith("req-")


def test_a_file_in_the_folder_comes_before_the_users_own(
    running: Up, tmp_path: pathlib.Path
) -> None:
    own = tmp_path / ".config/openstack/clouds.yaml"
    own.parent.mkdir(parents=True)
    text = pathlib.Path(running.said["clouds_yaml"]).read_text()
    own.write_text(text.replace(running.url, "http://127.0.0.1:1"))
    with pytest.raises(Refused, match="cloud minova does not answer"):
        find(None, "minova").compute("GET", "/servers")

    pathlib.Path("clouds.yaml").write_text(text)

    assert find(None, "minova").compute("GET", "/servers") == {"servers": []}


@pytest.mark.parametrize(
    "text", ["a: [", "- 1", "clouds: 1", "clouds: {mine: 1}", "\x00"]
)
def test_a_wrong_file(text: str) -> None:
    pathlib.Path("clouds.yaml").write_text(text)

    with pytest.raises(
        NotFound, match=r"clouds\.yaml is not a valid clouds\.yaml file"
    ):
        find(None, None)


def test_an_unknown_cloud() -> None:
    with pytest.raises(NotFound, match=r"No clouds\.yaml file has a cloud named nope"):
        find(None, "nope")


@pytest.mark.parametrize(
    ("cloud", "why"),
    [
        ("{auth_type: nonsense}", "nonsense"),
        ("{auth: {username: demo}}", "auth_url"),
    ],
)
def test_an_unusable_cloud(cloud: str, why: str) -> None:
    pathlib.Path("clouds.yaml").write_text(f"clouds: {{mine: {cloud}}}")

    with pytest.raises(NotFound, match=rf"Cloud mine: .*{why}"):
        find(None, "mine")
