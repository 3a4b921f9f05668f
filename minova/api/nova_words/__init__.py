# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Code that only repeats Nova: its texts, its lists and its accidents."""
