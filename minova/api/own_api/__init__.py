# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""``/minova/v1``: what Nova has no place for; outside of Nova's contract.

There are no microversions, and a method that a path lacks is a 405; errors have Nova's
shape.

A resource answers by ``shapes.answer``, with a shape that stands beside the view of
that answer; ``app`` lists the shapes, and they are served.  What a resource takes is
checked by a ``validation.Schema``, as in Nova's resources.
"""
