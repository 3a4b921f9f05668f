# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""From where each action starts, and where it leads: as Nova says."""
