# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A cloud with two hosts and no faults before a test."""

from collections.abc import Iterator

import pytest

from tests.unit.cmd.local_cloud import up
from tests.unit.faults.site import Site


@pytest.fixture(scope="package")
def whole() -> Iterator[Site]:
    with up("--hosts", "2") as running:
        yield Site(running)


@pytest.fixture
def site(whole: Site) -> Iterator[Site]:
    yield whole
    whole.admin("POST", "/minova/v1/reset", {"reset": {}})
