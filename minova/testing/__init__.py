# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""For whoever tests a tool against minova: a client's side, and a pytest plugin.

It is imported into programs of others, so it imports nothing of minova's services and
none of their libraries.
"""
