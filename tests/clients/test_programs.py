# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Libraries, called by programs that print ``ok SUBJECT`` for each subject."""

import pytest

from tests.clients.conftest import MORE_CLIENTS_VENV, PROGRAMS, Cloud
from tests.tick_image import TICK

pytestmark = pytest.mark.campaign


def test_fog_openstack(with_keystone: Cloud) -> None:
    """With Keystone only: the library requires it."""
    done = with_keystone.run("ruby", PROGRAMS / "fog.rb")

    failed = [line for line in done.stdout.splitlines() if not line.startswith("ok ")]
    assert (done.returncode, failed) == (0, [])
    assert done.stdout.splitlines()[-1] == "ok a server with files"


def test_libcloud(cloud: Cloud) -> None:
    who = (
        (cloud.auth_url, "admin", "of-admin")
        if cloud.auth_url
        else (f"{cloud.cluster.url}/v2.1", "demo:demo")
    )
    done = cloud.run(
        MORE_CLIENTS_VENV / "bin/python",
        PROGRAMS / "libcloud_round.py",
        *who,
        OS_IMAGE_ID=TICK,
    )

    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "ok its end"
