# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The words that n-api and n-cpu share: states, and what may be asked of a server."""
