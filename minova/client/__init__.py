# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A cloud as its user sees it: how minova's commands find it and talk to it."""
