# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A daemon keeps its options if files cannot be read again."""

import pathlib

import pytest

from minova import conf as options
from minova.conf import rereading


@pytest.mark.parametrize("wrong", ["debug = maybe", "debug"])
def test_wrong_values_keep_the_old_options(tmp_path: pathlib.Path, wrong: str) -> None:
    file = tmp_path / "minova.conf"
    file.write_text("[DEFAULT]\ndebug = true\n")
    conf = options.create("")
    conf([], default_config_files=[str(file)], default_config_dirs=[])
    file.write_text(f"[DEFAULT]\n{wrong}\n")

    rereading.reread(conf)

    assert conf.debug is True
