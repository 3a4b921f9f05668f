# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""One module at a time, on a database file and the fake driver; seconds."""
