# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The paths of everything beside servers."""

from minova.api.aggregates import AggregatesResource
from minova.api.extensions import ExtensionResource, ExtensionsResource
from minova.api.flavor_details import (
    FlavorAccessResource,
    FlavorActionResource,
    FlavorExtraSpecResource,
    FlavorExtraSpecsResource,
)
from minova.api.flavors import FlavorResource, FlavorsResource
from minova.api.hypervisors import HypervisorResource, HypervisorsResource
from minova.api.keypairs import KeypairResource, KeypairsResource
from minova.api.parts import Parts
from minova.api.projects import ProjectResource
from minova.api.quotas import LimitsResource, QuotaClassSetResource, QuotaSetResource
from minova.api.routing import Route
from minova.api.server_external_events import ServerExternalEventsResource
from minova.api.services import (
    AvailabilityZonesResource,
    ServiceResource,
    ServicesResource,
)


def of_flavors(parts: Parts) -> list[Route]:
    both = (parts.flavors, parts.enforcer)
    flavors = FlavorsResource(*both, parts.max_limit)
    one = "/v2.1/flavors/{flavor_id}"
    specs = f"{one}/os-extra_specs"
    return [
        Route("/v2.1/flavors", flavors),
        Route("/v2.1/flavors/detail", flavors, "detail"),
        Route(one, FlavorResource(*both)),
        Route(f"{one}/action", FlavorActionResource(*both)),
        Route(f"{one}/os-flavor-access", FlavorAccessResource(*both)),
        Route(specs, FlavorExtraSpecsResource(*both)),
        Route(f"{specs}/{{key}}", FlavorExtraSpecResource(*both)),
    ]


def of_hosts(parts: Parts) -> list[Route]:
    both = (parts.hosts, parts.enforcer)
    hypervisors = HypervisorsResource(*both, parts.max_limit)
    hypervisor = HypervisorResource(*both)
    zones = AvailabilityZonesResource(*both)
    one = "/v2.1/os-hypervisors/{hypervisor_id}"
    return [
        Route("/v2.1/os-services", ServicesResource(*both)),
        Route("/v2.1/os-services/{service_id}", ServiceResource(*both)),
        Route("/v2.1/os-availability-zone", zones),
        Route("/v2.1/os-availability-zone/detail", zones, "detail"),
        Route("/v2.1/os-hypervisors", hypervisors),
        Route("/v2.1/os-hypervisors/detail", hypervisors, "detail"),
        Route("/v2.1/os-hypervisors/statistics", hypervisors, "statistics"),
        Route(one, hypervisor),
        *(
            Route(f"{one}/{what}", hypervisor, what)
            for what in ("uptime", "search", "servers")
        ),
    ]


def of_projects_and_users(parts: Parts) -> list[Route]:
    quotas = QuotaSetResource(parts.quotas, parts.enforcer)
    classes = QuotaClassSetResource(parts.quotas, parts.enforcer)
    keypairs = KeypairsResource(parts.keypairs, parts.enforcer, parts.max_limit)
    keypair = KeypairResource(parts.keypairs, parts.enforcer)
    one = "/v2.1/os-quota-sets/{tenant_id}"
    projects = Route("/v2.1/projects/{project_id}", ProjectResource())
    return [
        *([] if parts.has_keystone else [projects]),
        Route("/v2.1/limits", LimitsResource(parts.quotas, parts.enforcer)),
        Route(one, quotas),
        Route(f"{one}/detail", quotas, "detail"),
        Route(f"{one}/defaults", quotas, "defaults"),
        Route("/v2.1/os-quota-class-sets/{class_name}", classes),
        Route("/v2.1/os-keypairs", keypairs),
        Route("/v2.1/os-keypairs/{name}", keypair),
    ]


def of_the_rest(parts: Parts) -> list[Route]:
    events = ServerExternalEventsResource(parts.compute, parts.enforcer)
    return [
        Route("/v2.1/os-server-external-events", events),
        Route("/v2.1/os-aggregates", AggregatesResource(parts.enforcer)),
        Route("/v2.1/extensions", ExtensionsResource(parts.enforcer)),
        Route("/v2.1/extensions/{alias}", ExtensionResource(parts.enforcer)),
    ]
