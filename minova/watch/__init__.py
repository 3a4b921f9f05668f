# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""What ``minova watch`` sees: servers, as they change, of any Nova.

A look asks what changed, over the Compute API alone; ``coloured`` draws it, and nothing
else here needs Rich.
"""
