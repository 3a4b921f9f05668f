# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""n-api's half of Compute: all that is done before a request is answered."""
