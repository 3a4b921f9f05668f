# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""An n-api whose messages are of a version that no n-cpu knows yet."""

from minova.compute.rpcapi import ComputeAPI

ComputeAPI.VERSION = "1.1"

from minova.wsgi.api import application  # noqa: E402

__all__ = ["application"]
