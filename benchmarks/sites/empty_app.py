# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The cost of gunicorn and Falcon without minova: a resource that answers ``{}``."""

import falcon


class _Empty:
    def on_get(self, _req: falcon.Request, resp: falcon.Response) -> None:
        resp.media = {}


application = falcon.App()
application.add_route("/v2.1/empty", _Empty())
