# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A cloud in one process, for tests of tools: what ``minova up`` runs.

n-api, n-cpu and the database are the same as in a cluster.  Messages stay in the
process, and the hypervisor is the fake driver.  A cluster never imports this package.
"""
