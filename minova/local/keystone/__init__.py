# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A real Keystone beside a cloud in one process, in a process of its own.

It is installed by the extra ``keystone-server``.
"""
