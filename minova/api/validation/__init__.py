# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Bodies and queries against their schemas, in Nova's words."""
