# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Every step of a pause, and what is killed while it stands there."""
