# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The parts of a cloud in one process that fail on order, each with its own kinds."""
