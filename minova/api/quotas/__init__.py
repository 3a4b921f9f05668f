# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-quota-sets, /os-quota-class-sets, /limits."""
