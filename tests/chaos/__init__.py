# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A steady load, a fault every few seconds, and a count of the results."""
