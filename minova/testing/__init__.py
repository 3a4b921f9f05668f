# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Help for testing a tool against minova: a small client and a pytest plugin.

Other programs import it, so it must not import minova's services or their libraries.
"""
