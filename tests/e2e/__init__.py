# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A user's whole path: stack.sh, real guests under QEMU, unstack.sh."""
