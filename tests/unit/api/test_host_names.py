# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Host names, as Nova 34's function makes them from server names."""

import pytest

from minova.api.servers.create import host_names

UUID = "8cc68639-c302-441d-9aab-b493b94f7f6e"


@pytest.mark.parametrize(
    ("name", "host_name"),
    [
        ("web", "web"),
        ("My Web_Server.example", "my-web-server-example"),
        ("--a b--", "a-b"),
        ("café & bar", "café--bar"),
        ("ÄRGER", "ärger"),
        ("50%²", "50²"),
        ("日本 x", "x"),
        ("x" * 70, "x" * 63),
        ("!" * 62 + "xy", "x"),
        ("a" * 62 + "-b", "a" * 62),
        ("日" * 70 + "kept", "kept"),
        ("サーバ", f"Server-{UUID}"),
        ("...", f"Server-{UUID}"),
    ],
)
def test_one_server(name: str, host_name: str) -> None:
    assert host_names.from_name(name, UUID) == host_name


@pytest.mark.parametrize(
    ("name", "host_name"),
    [
        ("web", "web-2"),
        ("x" * 70, "x" * 63 + "-2"),
        ("サーバ", f"Server-{UUID}"),
    ],
)
def test_several_servers(name: str, host_name: str) -> None:
    assert host_names.from_name(name, UUID, 2) == host_name
