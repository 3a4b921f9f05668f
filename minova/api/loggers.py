# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The names under which n-api logs: Nova's, for they are what readers grep for."""

from oslo_log import log as logging

WSGI = logging.getLogger("minova.api.openstack.wsgi")
REQUEST_LOG = logging.getLogger("minova.api.openstack.requestlog")
