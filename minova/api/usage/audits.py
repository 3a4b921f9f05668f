# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""/os-instance_usage_audit_log, as in a Nova without audits, which is the default."""

import datetime
from typing import Any, Final

import falcon
from oslo_utils import timeutils

from minova import exception
from minova.api.front.request import Request
from minova.api.validation.no_query import takes_no_query
from minova.compute_api.hosts import HostAPI
from minova.policy import Enforcer

_RULE: Final = "os_compute_api:os-instance-usage-audit-log"
_DAY: Final = datetime.timedelta(days=1)


class AuditsResource:
    """The hosts that counted their servers in the last whole month, for admins."""

    def __init__(self, hosts: HostAPI, enforcer: Enforcer) -> None:
        self._hosts = hosts
        self._enforcer = enforcer

    @takes_no_query
    def on_get(self, req: Request, resp: falcon.Response) -> None:
        self._enforcer.authorize(req.caller, f"{_RULE}:list")
        begin, end = _month_before(timeutils.utcnow())
        resp.media = {"instance_usage_audit_logs": self._audits(begin, end)}

    @takes_no_query
    def on_get_before(self, req: Request, resp: falcon.Response, before: str) -> None:
        """Show the last whole month before a time.

        Raises:
            Invalid: it is not a time; 400.
        """
        self._enforcer.authorize(req.caller, f"{_RULE}:show")
        form = "%Y-%m-%d %H:%M:%S.%f" if "." in before else "%Y-%m-%d %H:%M:%S"
        try:
            begin, end = _month_before(datetime.datetime.strptime(before, form))
        except (ValueError, OverflowError):
            raise exception.Invalid(f"Invalid timestamp for date {before}") from None
        resp.media = {"instance_usage_audit_log": self._audits(begin, end)}

    def _audits(
        self, begin: datetime.datetime, end: datetime.datetime
    ) -> dict[str, Any]:
        hosts = sorted({service.host for service in self._hosts.services()})
        done = f"0 of {len(hosts)}" if hosts else "ALL"
        return {
            "period_beginning": str(begin),
            "period_ending": str(end),
            "num_hosts": len(hosts),
            "num_hosts_done": 0,
            "num_hosts_running": 0,
            "num_hosts_not_run": len(hosts),
            "hosts_not_run": hosts,
            "total_instances": 0,
            "total_errors": 0,
            "overall_status": f"{done} hosts done. 0 errors.",
            "log": {},
        }


def _month_before(
    time: datetime.datetime,
) -> tuple[datetime.datetime, datetime.datetime]:
    """Return begin and end of the last whole month that ended before a time."""
    end = time.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if end >= time:
        end = (end - _DAY).replace(day=1)
    return (end - _DAY).replace(day=1), end
