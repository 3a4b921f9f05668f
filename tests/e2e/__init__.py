# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What a user does: stack.sh, real guests under QEMU, unstack.sh."""
