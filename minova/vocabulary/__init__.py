# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The vocabulary that n-api and n-cpu share: states and server actions."""
