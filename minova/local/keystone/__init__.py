# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A real Keystone for a cloud in one process. Keystone has a separate process.

The extra ``keystone-server`` installs it.
"""
