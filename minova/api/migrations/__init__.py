# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-migrations and /servers/{server_id}/migrations."""
