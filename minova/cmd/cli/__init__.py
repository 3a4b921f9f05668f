# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The command ``minova``: a module for each subcommand, and ``main`` lists them.

The actions on servers, such as ``minova pause``, are all made by ``bulk``.

It starts in no time, so these modules import no Falcon, no SQLAlchemy and no oslo
library; a subcommand that needs such a one imports it when it runs.
"""
