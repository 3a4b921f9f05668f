# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Quotas, server groups and usage: what belongs to projects."""
