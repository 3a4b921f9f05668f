# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A cloud as its user sees it: what minova's commands find, and ask."""
