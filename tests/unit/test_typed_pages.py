# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The commands of a page are run, and their output is written after them."""

import os
import pathlib
from collections.abc import Iterator

import pytest

from docs.typed import Shell, shape, typed

PAGE = """\
# A page

```sh
greeting=hello
```

Said:

```sh
echo $greeting; echo $greeting | grep -c l
```

```
goodbye
```

```
no output: what stands before is no command
```
"""
ONE = "0d7679e2-ba3f-4e0f-871c-001feb24cee1"
OTHER = "e4f613ef-c3d3-46b0-8beb-75a81e44e607"


@pytest.fixture
def shell(tmp_path: pathlib.Path) -> Iterator[Shell]:
    opened = Shell(tmp_path, os.environ)
    yield opened
    opened.close()


def test_only_outputs_are_written_again(shell: Shell) -> None:
    now = typed(PAGE, shell.run)

    assert now == PAGE.replace("goodbye", "hello\n1")
    assert typed(now, shell.run) == now


def test_a_failing_command_is_reported(shell: Shell) -> None:
    with pytest.raises(ValueError, match="failed:\nls nowhere"):
        shell.run("ls nowhere")


def _page(*outputs: str, command: str = "see") -> str:
    blocks = (f"```sh\n{command}\n```\n\n```\n{output}\n```\n" for output in outputs)
    return "\n".join(blocks)


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        # Ids differ between runs, but equal ids stay equal.
        ((f"req-{ONE}", f"req-{ONE}"), (f"req-{OTHER}", f"req-{OTHER}"), True),
        ((f"req-{ONE}", f"req-{ONE}"), (f"req-{OTHER}", f"req-{ONE}"), False),
        # Ticks within a block.
        (("tick 4\ntick 4",), ("tick 9\ntick 9",), True),
        (("tick 4\ntick 4",), ("tick 9\ntick 10",), False),
        (("tick 4", "tick 4"), ("tick 9", "tick 10"), True),
        (("2026-11-28 22:40:07.497 INFO",), ("2027-01-02 03:04:05.678 INFO",), True),
        (("2026-11-28 22:40:07.497 INFO",), ("2026-11-28 22:40:07.497 ERROR",), False),
        (("compute.vm\t1",), ("compute.host-7\t1",), True),
        (("compute.vm\t1",), ("compute.vm\t0",), False),
        (("one\ntwo",), ("two\none",), False),
    ],
)
def test_the_common_part_of_two_runs(
    shown: tuple[str, ...], printed: tuple[str, ...], *, same: bool
) -> None:
    assert (shape(_page(*shown)) == shape(_page(*printed))) is same


def test_the_lines_of_a_trace_may_change_places() -> None:
    def traced(*lines: str) -> str:
        return shape(_page("\n".join(lines), command="minova trace --last"))

    sent = "+0.022 +0.005 n-api DEBUG CAST"
    done = "+0.033 +0.011 n-cpu vm DEBUG Checking state"
    heard = "+0.028 +0.001 n-cpu vm* INFO VM Paused"
    assert traced(sent, heard, done) == traced(done, sent)
    assert traced(sent, done) != traced(sent)
