# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``/minova/v1``: minova's own API, for features that Nova's API does not have.

It has no microversions, and a missing method is a 405. Errors have Nova's shape.

A resource answers through ``shapes.answer``, with a shape that is defined next to the
view of the answer. ``app`` lists the shapes that are served. A ``validation.Schema``
checks each request, as in Nova's resources.
"""
