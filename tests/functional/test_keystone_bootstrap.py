# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""stack.sh passes the admin's password to Keystone so that no other user sees it."""

import getpass
import os
import pathlib
import subprocess

import pytest

import minova

LIB = pathlib.Path(minova.__file__).parents[1] / "devstack/lib"
PASSWORD = "not for everybody"


@pytest.mark.parametrize("end", ["\n", ""])
def test_no_argument_is_the_password(tmp_path: pathlib.Path, end: str) -> None:
    """With -x, Bash prints each command that it runs, with all arguments."""
    manage = tmp_path / "bin/keystone-manage"
    manage.parent.mkdir()
    manage.write_text('#!/bin/sh\nprintf "%s|" "$OS_BOOTSTRAP_PASSWORD" "$3"\n')
    manage.chmod(0o755)
    (tmp_path / "password").write_text(PASSWORD + end)

    ended = subprocess.run(
        [
            "bash",
            "-euc",
            'source "$0/processes"; source "$0/keystone"; set -x; '
            'keystone_bootstrap "$1"',
            LIB,
            tmp_path / "password",
        ],
        env=os.environ
        | dict.fromkeys(("DATA_DIR", "SOURCE_DIR", "SECRETS_DIR"), str(tmp_path))
        | {"DEPLOYMENT": "test", "KEYSTONE_VENV": str(tmp_path), "KEYSTONE_PORT": "1"}
        | {"SERVICE_USER_KEYSTONE": getpass.getuser()},
        check=True,
        capture_output=True,
        text=True,
    )

    assert ended.stdout == f"{PASSWORD}|bootstrap|"
    assert "setpriv" in ended.stderr
    assert PASSWORD not in ended.stderr
