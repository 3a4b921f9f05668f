# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""n-api, put together from its options."""

import os
import pathlib

from oslo_config import cfg

from minova import conf as options
from minova import policy, rpc
from minova.api import app
from minova.api.collaborators import Parts
from minova.api.front import deploy, mounting
from minova.api.image_api import app as image_app
from minova.api.own_api import app as own_app
from minova.compute_api.api import API
from minova.compute_api.flavors import FlavorAPI
from minova.compute_api.hosts import HostAPI
from minova.compute_api.keypairs import KeypairAPI
from minova.compute_api.quotas import Quotas
from minova.compute_api.rpcapi import ComputeAPI
from minova.conf import glance, logs, quota, rereading
from minova.db import engine
from minova.db.api import Database
from minova.images import ImageDirectory, ImageSource
from minova.images.glance import Glance

DEFAULT_CONFIG_DIR = "/etc/minova"


def create_application() -> deploy.Application:
    """Read the options and make n-api.

    They are in ``minova.conf`` and ``minova.conf.d/*.conf`` of the folder that
    ``$OS_MINOVA_CONFIG_DIR`` names, or ``/etc/minova``; the command line is gunicorn's.
    Nothing connects yet: workers are forked after this.
    """
    # The global one: oslo.messaging insists on it (rpc.create_transport).
    conf = cfg.CONF
    options.register_opts(conf)
    logs.set_defaults(conf, "n-api.log")
    folder = pathlib.Path(os.environ.get("OS_MINOVA_CONFIG_DIR", DEFAULT_CONFIG_DIR))
    conf(
        [],
        project="minova",
        default_config_files=_existing(folder / "minova.conf"),
        default_config_dirs=_existing(folder / "minova.conf.d"),
    )
    logs.setup(conf)
    images = _images(conf)
    parts = _parts(conf, images)
    beside = {own_app.PREFIX: own_app.create_app()}
    if not conf.glance.endpoint:
        beside[image_app.PREFIX] = image_app.create_app(images)
    application = mounting.mount(beside, app.create_app(parts))
    return deploy.stack(application, conf, parts.enforcer)


def reread_options() -> None:
    """Read the options that are mutable again, in a worker that is new."""
    rereading.reread(cfg.CONF)


def _images(conf: cfg.ConfigOpts) -> ImageSource:
    if conf.glance.endpoint:
        return Glance(conf.glance.endpoint, glance.session(conf))
    return ImageDirectory(pathlib.Path(conf.state_path, "images"))


def _parts(conf: cfg.ConfigOpts, images: ImageSource) -> Parts:
    db = Database(engine.create(conf))
    quotas = Quotas(db, quota.limits(conf))
    compute = API(
        db,
        ComputeAPI(rpc.create_transport(conf), conf.rpc_delivery_timeout),
        images,
        conf.service_down_time,
        quotas,
        host=conf.host,
    )
    return Parts(
        compute=compute,
        flavors=FlavorAPI(db),
        keypairs=KeypairAPI(db, quotas),
        quotas=quotas,
        hosts=HostAPI(db, conf.service_down_time),
        enforcer=policy.Enforcer(conf),
        max_limit=conf.api.max_limit,
        has_keystone=conf.api.auth_strategy == "keystone",
    )


def _existing(path: pathlib.Path) -> list[str]:
    return [str(path)] if path.exists() else []
