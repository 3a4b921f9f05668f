# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/servers/{server_id}/os-server-password and /servers/{server_id}/topology."""
