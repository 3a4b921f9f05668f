# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Ansible's collection openstack.cloud."""

import pytest

from tests.clients.conftest import MORE_CLIENTS_VENV, PROGRAMS, Cloud


@pytest.mark.campaign
def test_modules(cloud: Cloud) -> None:
    done = cloud.run(
        MORE_CLIENTS_VENV / "bin/ansible-playbook",
        *("--inventory", "localhost,", "--connection", "local"),
        *("--extra-vars", f"ansible_python_interpreter={MORE_CLIENTS_VENV}/bin/python"),
        *("--extra-vars", f"has_keystone={cloud.auth_url is not None}"),
        PROGRAMS / "playbook.yml",
    )

    assert done.returncode == 0, done.stdout
