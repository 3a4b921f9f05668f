# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The compute hosts: /os-services, /os-hypervisors, /os-hosts, and their zones."""
