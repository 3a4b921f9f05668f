# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-simple-tenant-usage, /os-instance_usage_audit_log."""
