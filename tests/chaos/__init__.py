# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A steady load, something killed every few seconds, and the account of it all."""
