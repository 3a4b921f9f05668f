# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""One action for many servers, each with its own result."""

import dataclasses
import enum
import http
import json
import time
from collections.abc import Callable, Iterable
from concurrent import futures
from typing import Any, Final

from minova.client import records, servers
from minova.client.cloud import Cloud, Refused
from minova.client.one_line import one_line
from minova.client.records import Record
from minova.client.servers import Server
from minova.client.verbs import Verb
from minova.vocabulary.instance_actions import InPlace
from minova.vocabulary.vm_states import VMState

_FIRST_LOOK: Final = 0.2
_LATER_LOOKS: Final = 2.0


class Outcome(enum.StrEnum):
    NOT_SENT = "not sent"
    UNANSWERED = "unanswered"
    """Sent, but it is unknown whether it was accepted."""
    REFUSED = "refused"
    ACCEPTED = "accepted"
    DONE = "done"
    FAILED = "failed"
    LATE = "late"
    """Accepted, but not done within the time limit. It may still be done later."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of one server's request.

    Attributes:
        message: why the request failed, in the cloud's words if there are any.
        answer: the JSON of the answer, for example a password.
    """

    server: Server
    outcome: Outcome = Outcome.NOT_SENT
    message: str = ""
    request_id: str = ""
    answer: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        return self.outcome in {Outcome.ACCEPTED, Outcome.DONE}

    @property
    def told(self) -> str:
        answer = json.dumps(self.answer) if self.answer else ""
        return one_line(self.message or answer)


class Bulk:
    """Sends requests and waits. After an interruption ``results`` has what is known."""

    def __init__(
        self, cloud: Cloud, verb: Verb, found: Iterable[Server], concurrency: int
    ) -> None:
        """Send nothing yet.

        Args:
            concurrency: how many requests to send at the same time.
        """
        self._cloud = cloud
        self._verb = verb
        self._concurrency = concurrency
        self._results = {server.id: Result(server=server) for server in found}

    @property
    def results(self) -> list[Result]:
        return list(self._results.values())

    def send(self, told: Callable[[Result], object]) -> None:
        """Send one request for each server.

        Args:
            told: called in this thread with each result.
        """
        self._each(self._send, self.results, told)

    def wait(self, seconds: float, told: Callable[[Result], object]) -> None:
        """Poll the accepted requests until each is done or has failed.

        Args:
            seconds: from now. Unfinished requests are then ``LATE``.
            told: called in this thread with each result.
        """

        def tell(result: Result) -> None:
            if result.outcome is not Outcome.ACCEPTED:
                told(result)

        deadline = time.monotonic() + seconds
        pause = _FIRST_LOOK
        while pending := self._accepted():
            self._each(self._look, pending, tell)
            if time.monotonic() >= deadline:
                break
            time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
            pause = min(pause * 1.5, _LATER_LOOKS)
        for result in self._accepted():
            self._take(result, Outcome.LATE, f"not done after {seconds:g} s")
            told(self._results[result.server.id])

    def _accepted(self) -> list[Result]:
        return [each for each in self.results if each.outcome is Outcome.ACCEPTED]

    def _each(
        self,
        work: Callable[[Result], None],
        results: Iterable[Result],
        told: Callable[[Result], object],
    ) -> None:
        with futures.ThreadPoolExecutor(self._concurrency) as pool:
            begun = {pool.submit(work, result): result.server.id for result in results}
            try:
                for done in futures.as_completed(begun):
                    done.result()
                    told(self._results[begun[done]])
            except BaseException:
                # Wait for the requests already sent: their answers count.
                pool.shutdown(cancel_futures=True)
                raise

    def _send(self, result: Result) -> None:
        try:
            answer = self._cloud.compute(*self._verb.request(result.server.id))
        except Refused as refused:
            refusal = Outcome.REFUSED if refused.status else Outcome.UNANSWERED
            self._take(result, refusal, str(refused), request_id=refused.request_id)
        else:
            self._take(
                result,
                Outcome.ACCEPTED,
                request_id=answer.request_id,
                answer=dict(answer),
            )

    def _look(self, result: Result) -> None:
        try:
            server = self._show(result.server)
            if server is not None and server.task_state is not None:
                return
            record = records.show(self._cloud, result.server.id, result.request_id)
        except Refused:
            # The API is away for a while. This says nothing about the server.
            return
        if record is not None and record.failure:
            self._take(result, Outcome.FAILED, record.failure)
        elif server is None or server.is_deleted:
            gone = Outcome.DONE if self._verb.deletes else Outcome.FAILED
            self._take(result, gone, "" if self._verb.deletes else "it was deleted")
        elif self._is_done(server, record):
            self._take(result, Outcome.DONE)
        elif record is None and server.vm_state == VMState.ERROR:
            self._take(result, Outcome.FAILED, server.fault or "vm_state error")

    def _show(self, server: Server) -> Server | None:
        try:
            return servers.show(self._cloud, server.id)
        except Refused as refused:
            if refused.status == http.HTTPStatus.NOT_FOUND:
                return None
            raise

    def _is_done(self, server: Server, record: Record | None) -> bool:
        """Return whether the action is done, for a server without a task or failure."""
        entry = self._verb.entry
        if isinstance(entry, InPlace):
            return True
        if self._verb.deletes:
            return server.vm_state == VMState.SOFT_DELETED
        if record is not None and record.is_begun:
            return record.is_finished
        # The caller may not see the events, so only the state can tell.
        return server.vm_state == entry.leads_to

    def _take(
        self, result: Result, outcome: Outcome, message: str = "", **more: Any
    ) -> None:
        self._results[result.server.id] = dataclasses.replace(
            result, outcome=outcome, message=message, **more
        )
