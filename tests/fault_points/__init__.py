# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""n-api and n-cpu as a test starts them, to be stopped at named steps, or slow."""
