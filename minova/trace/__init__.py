# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What became of one request, read from log files alone: minova's or a real Nova's.

It imports nothing of the services, and starts in no time.
"""
