# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The tables and all questions to them.  Only this package uses SQLAlchemy."""
