# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""n-api and n-cpu with named steps at which a test can stop or slow them."""
