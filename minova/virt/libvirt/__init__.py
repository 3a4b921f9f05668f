# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The driver for libvirt.  No other package imports libvirt."""
