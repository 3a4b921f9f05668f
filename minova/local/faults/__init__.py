# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Parts of a cloud in one process that carry out faults, each its own kinds."""
