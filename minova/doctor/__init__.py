# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What ``minova doctor`` looks at, a module for each subject, and what it makes of it.

``kinds`` is the table of all that can be found.  Nothing here changes anything, but for
``fixes``.
"""
