# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The tables and every question asked of them; nobody else knows SQLAlchemy."""
