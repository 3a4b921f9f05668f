# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What ``minova doctor`` finds, and what it makes of it.

``kinds`` is the table of all that can be found, ``looks`` are who find it, and an
``examination`` is all of them.  Nothing here changes anything, but for ``fixes``.
"""
