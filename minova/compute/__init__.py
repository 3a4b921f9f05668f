# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""n-cpu: the daemon that performs actions on the servers of one host."""
