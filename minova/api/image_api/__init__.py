# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""A read-only Image API v2 for the image directory, beside the Compute API.

Its texts, documents and errors are Glance's.
"""
