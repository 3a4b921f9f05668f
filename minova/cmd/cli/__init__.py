# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The command ``minova``: a module for each subcommand, listed in ``main``.

``bulk`` makes all actions on servers, such as ``minova pause``.

To start quickly, these modules import no Falcon, SQLAlchemy or oslo library. A
subcommand that needs one imports it when it runs.
"""
