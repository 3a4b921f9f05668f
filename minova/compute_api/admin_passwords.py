# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Passwords for a guest's administrator, if the request brings none."""

import secrets
import string
from typing import Final

_LENGTH: Final = 12  # Nova's password_length


def new() -> str:
    letters = string.ascii_letters + string.digits
    return "".join(secrets.choice(letters) for _ in range(_LENGTH))
