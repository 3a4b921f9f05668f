# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The door to the database: transactions, and what becomes of them in an outage."""
