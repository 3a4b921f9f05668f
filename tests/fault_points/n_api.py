# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``gunicorn tests.fault_points.n_api:application``: n-api with steps to stop at."""

from minova import native_threads, rpc  # noqa: F401 - the first chooses them
from minova.db.api import Database
from minova.wsgi.n_api import create_application
from tests.fault_points import points

points.around(Database, "instance_claim", before="before claim", after="after claim")
points.around(rpc.Client, "cast", after="after cast")

application = create_application()
