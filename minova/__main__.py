# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``python -m minova`` is the command ``minova``."""

from minova.cmd.cli.main import main

if __name__ == "__main__":
    main(prog_name="minova")
