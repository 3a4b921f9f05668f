# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""n-api's half of Compute: what may be asked, and what is done before the answer."""
