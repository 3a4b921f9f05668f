# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Follows one request through the log files of minova or of a real Nova.

To start quickly, it imports none of the services.
"""
