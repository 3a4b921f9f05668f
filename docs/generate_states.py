# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/states.md from the table of actions; ``make samples`` calls it."""

from minova.compute import instance_actions

_HEAD = """\
# Actions and states

Generated from `minova/compute/instance_actions.py` by `make samples`.

| action | from `vm_state` | takes over | `task_state` | leaves | on failure | message |
|---|---|---|---|---|---|---|
"""


def page() -> str:
    rows = (
        (
            f"`{action.name}`",
            ", ".join(sorted(action.vm_states)) or "(new)",
            ", ".join(sorted(action.preempts)) or "nothing",
            action.task_state,
            f"{action.target_vm_state}, power state {int(action.target_power_state)}",
            action.failed_vm_state or "as before",
            f"`{action.rpc_method}`",
        )
        for action in instance_actions.ALL
    )
    return _HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201
