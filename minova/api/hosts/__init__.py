# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-services, /os-hypervisors, /os-availability-zone: the compute hosts."""
