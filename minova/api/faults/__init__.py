# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Faults that somebody ordered, to test tools against them (docs/adr/0037)."""
