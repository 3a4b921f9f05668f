# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Real processes, RabbitMQ, SQLite and MariaDB, with libvirt's test driver."""
