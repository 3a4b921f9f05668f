# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What only repeats Nova: its words, its lists and its accidents."""
