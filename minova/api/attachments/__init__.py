# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Ports and volumes of a server: the answers of a Nova without Neutron and Cinder."""
