# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Unforeseen requests at every route: made from the schemas, then broken."""
