# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A real Keystone, in a process of its own, beside a cloud in one process.

The extra ``keystone-server`` installs it.
"""
