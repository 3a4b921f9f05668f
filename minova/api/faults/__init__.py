# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What goes wrong because somebody ordered it, for tests of tools (docs/adr/0037)."""
