# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Where images come from: a folder of the operator's, or a Glance."""

from minova.images.directory import ImageDirectory
from minova.images.source import ImageSource

__all__ = ["ImageDirectory", "ImageSource"]
