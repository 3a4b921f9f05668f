# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Compute hosts: /os-services, /os-hypervisors, /os-hosts, /os-availability-zone."""
