# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Access to the database: transactions, and how an outage affects them."""
