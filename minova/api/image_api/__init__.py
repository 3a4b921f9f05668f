# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The Image API v2, read only, over the image directory; beside the compute API.

Its words, shapes and errors are Glance's.
"""
