# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Real Tempest against a stack: what is run, what is left out, and why."""
