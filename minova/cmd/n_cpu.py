# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Builds n-cpu from its options."""

import pathlib

from oslo_config import cfg

from minova.compute.leaving import Leave
from minova.compute.service import ComputeService, Settings
from minova.connections import Connections
from minova.virt.driver import ComputeDriver
from minova.virt.fake import FakeDriver


def create_service(
    conf: cfg.ConfigOpts, boot_id: str, connections: Connections, leave: Leave
) -> ComputeService:
    """Create the service of one compute host. It connects when it runs."""
    return ComputeService(
        settings(conf, boot_id),
        db=connections.db,
        driver=_driver(conf, pathlib.Path(conf.state_path, "instances")),
        images=connections.images,
        transport=connections.transport,
        leave=leave,
    )


def settings(conf: cfg.ConfigOpts, boot_id: str) -> Settings:
    """Return the current settings. Called again after SIGHUP."""
    return Settings(
        host=conf.host,
        boot_id=boot_id,
        service_down_time=conf.service_down_time,
        cpu_allocation_ratio=conf.compute.cpu_allocation_ratio,
        ram_allocation_ratio=conf.compute.ram_allocation_ratio,
        reserved_host_memory_mb=conf.compute.reserved_host_memory_mb,
        host_ip=conf.my_ip,
        report_interval=conf.report_interval,
        sync_power_state_interval=conf.compute.sync_power_state_interval,
        hearing_timeout=conf.compute.hearing_timeout,
        rpc_delivery_timeout=conf.rpc_delivery_timeout,
        settle_interval=conf.compute.settle_interval,
        settle_grace=conf.compute.settle_grace,
        shutdown_timeout=conf.shutdown_timeout,
        shutdown_retry_interval=conf.compute.shutdown_retry_interval,
        resize_confirm_window=conf.resize_confirm_window,
        force_config_drive=conf.force_config_drive,
        reclaim_instance_interval=conf.reclaim_instance_interval,
        max_concurrent_builds=conf.max_concurrent_builds,
    )


def _driver(conf: cfg.ConfigOpts, instances_path: pathlib.Path) -> ComputeDriver:
    if conf.compute.driver == "fake":
        return FakeDriver(conf.host)
    # A host with the fake driver may have no libvirt bindings.
    from minova.virt.libvirt.driver import LibvirtDriver  # noqa: PLC0415
    from minova.virt.libvirt.host import Host  # noqa: PLC0415

    host = Host(conf.libvirt.connection_uri, conf.host, conf.deployment_id)
    return LibvirtDriver(
        host,
        instances_path,
        conf.deployment_id,
        conf.libvirt.virt_type,
        conf.libvirt.call_timeout,
        soft_reboot_timeout=conf.libvirt.wait_soft_reboot_seconds,
    )
