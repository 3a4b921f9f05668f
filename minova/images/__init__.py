# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Sources of images: a folder of the operator, or Glance."""

from minova.images.directory import ImageDirectory
from minova.images.source import ImageSource

__all__ = ["ImageDirectory", "ImageSource"]
