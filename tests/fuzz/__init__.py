# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Requests nobody thought of, at every route: made from the schemas, then spoilt."""
