# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Answers the only question that Tempest has for a network service.

More than half of Tempest's compute tests are in classes that require Neutron. They only
ask it for the security groups to delete with a project, ``GET /v2.0/security-groups``.
There are none, so the list is empty. Any other request is a 404, and so a failed test.
"""

import contextlib
import json
import threading
from collections.abc import Iterator
from http import server


class _Answers(server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        found = path == "/v2.0/security-groups"
        body = json.dumps({"security_groups": []} if found else {}).encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing, because Tempest logs its requests."""


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Yield the URL of a stand-in on a free port of the loopback."""
    stand_in = server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    threading.Thread(target=stand_in.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{stand_in.server_address[1]}"
    finally:
        stand_in.shutdown()
        stand_in.server_close()
