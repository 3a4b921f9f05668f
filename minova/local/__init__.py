# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A cloud in one process, for tests of tools: what ``minova up`` runs.

n-api, n-cpu and their database are the product's own; messages stay in the process, and
the hypervisor is the fake driver.  Nothing of a cluster imports this package.
"""
