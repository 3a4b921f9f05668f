# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Plain data → JSON, in Nova's shape and order at the version asked for."""
