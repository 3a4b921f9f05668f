# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What request bodies and query strings may hold: Nova's schemas.

Strict where Nova is strict and loose where it is loose (``nova/api/openstack/compute/
schemas/``, ``nova/api/validation/parameter_types.py``), a module for each resource.
"""
