# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``/minova/v1``: minova's own API, for what has no place in Nova's.

It has no microversions, and a missing method is a 405. Errors have Nova's shape.

A resource answers through ``shapes.answer``, with a shape that is defined beside the
view of the answer. ``app`` lists the shapes that are served. A ``validation.Schema``
checks each request, as in Nova's resources.
"""
