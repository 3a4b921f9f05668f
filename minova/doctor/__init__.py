# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``minova doctor``: finds faults and explains them.

``kinds`` is the table of all faults, ``looks`` find them, and an ``examination`` runs
all looks. Only ``fixes`` changes anything.
"""
