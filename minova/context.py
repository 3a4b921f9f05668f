# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""RequestContext: who sent a request, and its id."""

from typing import Any, Self

from oslo_context import context


class RequestContext(context.RequestContext):
    """The caller of a request, on both sides of the queue.

    oslo.context 6.5 reads ``user_name`` and ``project_name`` in ``from_dict`` but does
    not write them in ``to_dict``.  Without them n-cpu's log would say ``None None``.
    """

    FROM_DICT_EXTRA_KEYS = ["message_id"]  # noqa: RUF012 - declared so by oslo

    def __init__(self, *, message_id: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.message_id = message_id

    def to_dict(self) -> dict[str, Any]:
        values = super().to_dict()
        values["user_name"] = self.user_name
        values["project_name"] = self.project_name
        return values

    def to_message(self, message_id: str) -> dict[str, Any]:
        """Return what travels over RabbitMQ: everything but the token.

        Args:
            message_id: identifies the message in the logs of both sides.
        """
        values = self.to_dict()
        del values["auth_token"]
        values["message_id"] = message_id
        return values

    @classmethod
    def from_message(cls, values: dict[str, Any]) -> Self:
        """Rebuild the context; from now on this thread's log lines show it."""
        return cls.from_dict(values, message_id=values.get("message_id"))

    @classmethod
    def service(cls) -> Self:
        """Make a context for work without a request: ``[None req-… None None]``."""
        return cls(is_admin=True, overwrite=True)
