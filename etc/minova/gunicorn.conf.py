# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""How gunicorn runs n-api (minova.wsgi.api:application)."""

import gc
import os
import resource
from typing import Any

bind = os.environ.get("MINOVA_API_BIND", "127.0.0.1:8774")
workers = int(os.environ.get("MINOVA_API_WORKERS", "2"))

# gthread, with a thread for each client that sends or reads slowly, and a time limit.
worker_class = "minova.wsgi.patient_worker.PatientWorker"
# Files that a worker may have open: clients, and what is asked for them.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
_files = 4096 if _hard == resource.RLIM_INFINITY else min(4096, _hard)
_files = max(_soft, _files)
resource.setrlimit(resource.RLIMIT_NOFILE, (_files, _hard))
# Clients at a time, for each worker, the slow ones too; further ones wait for them.
worker_connections = min(1000, _files // 2)
# Of these connections so many are not kept when idle.  The worker has a thread for each
# that is served; how many work at a time is in minova.api.front.turns.
threads = 80

# Modules are loaded once, before the fork; connections are made after it.  Of what is
# loaded nothing becomes garbage: to look for some takes an eighth of the start.
preload_app = True
gc.disable()

# Seconds a worker may take to end what it began.
graceful_timeout = 30
# Seconds an idle connection is kept: clients that poll need no new one each time.
keepalive = 75

# Nobody is trusted to say where a request came from; behind a proxy see
# [oslo_middleware] enable_proxy_headers_parsing.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}

# Longer than any name or token that means something here.  A head that has no end is
# refused after 160 KiB, the product of the last two.
limit_request_line = 8190
limit_request_fields = 40
limit_request_field_size = 4094

# minova writes a line for each request itself (minova.api.front.requestlog).
accesslog = None
proc_name = "n-api"

# gunicorn 27 would listen for commands in the home of a user that has none.
control_socket_disable = True


def pre_fork(server: Any, worker: Any) -> None:
    """Keep the collector off what was loaded: a page it touches is a page copied."""
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """Read what may change again: after a SIGHUP every worker is a new one."""
    gc.enable()
    worker.app.wsgi().reread_options()
