# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""[glance], without keystoneauth's options (``glance_client``)."""

from oslo_config import cfg

GROUP = cfg.OptGroup("glance", title="The image service Glance, if it is used")

OPTIONS: list[cfg.Opt] = [
    cfg.StrOpt(
        "endpoint",
        default="",
        help="""
The address of Glance, such as ``http://controller:9292`` or
``http://controller/image``.

Without it, the images are the folders in ``<state_path>/images``, and n-api serves
them itself under ``/image``.

n-api sends the caller's token to Glance. n-cpu downloads images with the credentials
in this group. They must be those of a service user who may read every image:
``auth_type = password``, ``auth_url``, ``username``, ``user_domain_name``,
``password``, ``project_name`` and ``project_domain_name``. Without ``auth_type``
n-cpu sends no token.
""",
    ),
]
