# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Drivers of hypervisors.  Each knows its own hypervisor and nothing else."""
