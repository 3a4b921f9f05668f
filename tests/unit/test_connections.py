# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Unusable connection options are reported before a process is forked."""

import pathlib

import pytest
from oslo_config import cfg

from minova import conf as options
from minova import connections

_ENDPOINT = "[glance]\nendpoint = http://127.0.0.1:1/\n"
_GLANCE = f"{_ENDPOINT}auth_type"
_ELSEWHERE = f"{_ENDPOINT}auth_section = mine\n[mine]\nauth_type"


def _options(folder: pathlib.Path, extra: str) -> cfg.ConfigOpts:
    file = folder / "minova.conf"
    file.write_text(
        "[DEFAULT]\ntransport_url = in-process://\n"
        f"[database]\nconnection = sqlite:///{folder}/x.sqlite\n{extra}"
    )
    conf = options.create("")
    conf(["--config-file", str(file)])
    return conf


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ("[oslo_messaging_metrics]\nmetrics_enabled = true", "(not supported)"),
        ("[oslo_messaging_tracing]\ntracing_enabled = true", "(not supported)"),
        (f"{_GLANCE} = nothing", "The plugin nothing could not be found"),
        (f"{_GLANCE} = password", "parameters which were not given: auth_url"),
        (f"{_ELSEWHERE} = nothing", "[mine] auth_type cannot be used: The plugin"),
        (f"{_ENDPOINT}auth_section = mine", "[mine] has no auth_type"),
    ],
)
def test_unusable_connections(tmp_path: pathlib.Path, extra: str, said: str) -> None:
    with pytest.raises(cfg.Error) as refused:
        connections.create(_options(tmp_path, extra))

    assert said in str(refused.value)
    assert "cannot be used" in str(refused.value)


@pytest.mark.parametrize(
    "extra", ["", f"{_ELSEWHERE} = password\nauth_url = http://127.0.0.1:1/"]
)
def test_they_can_be_made_twice_from_the_same_options(
    tmp_path: pathlib.Path, extra: str
) -> None:
    """The credentials for Glance may be in another section."""
    conf = _options(tmp_path, extra)

    for _ in range(2):
        connections.create(conf).close()


def test_a_wrong_option_for_glance_is_found_if_there_is_an_endpoint(
    tmp_path: pathlib.Path,
) -> None:
    conf = _options(tmp_path, f"{_ENDPOINT}timeout = soon")

    with pytest.raises(cfg.Error, match="option timeout"):
        options.check(conf)
