# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Types the commands of a page, and writes behind each block what it printed.

All blocks of ``sh`` go into one bash, from the first to the last.  The plain block that
follows one is its output, and is real.  Ids, times and the like are other ones in each
run: what two runs have in common is their shape.

Usage: python docs/typed.py PAGE [--write]
From the top of the checkout, as root, with a stack that runs.  Without ``--write`` it
says whether the page still shows what its commands print.
"""

import difflib
import os
import pathlib
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Final

_BLOCK: Final = re.compile(
    r"^```sh\n(?P<commands>.*?)^```\n(?:\n```\n(?P<printed>.*?)^```\n)?",
    re.MULTILINE | re.DOTALL,
)
_DONE: Final = "-- done, status "
_LONGEST: Final = 120
"""Seconds for one block."""

_ID: Final = re.compile(r"(?:req-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Another one in each run, but the same wherever it is the same on the page."""
_TICK: Final = re.compile(r"(?<=tick )\d+")
"""The same within a block."""
_ANY: Final = (
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?Z?"), "TIME"),
    (re.compile(r"(?<=\nDate: ).*"), "TIME"),
    (re.compile(r"[+-]?\d+\.\d{3,6}"), "SECONDS"),
    (re.compile(r"\[ *\d+ s\]|(?<=answers after )\d+(?= s)"), "SECONDS"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "HEX"),
    (re.compile(r"\b0x[0-9a-f]+"), "HEX"),
    (re.compile(r"(?<=pid=)\d+"), "PID"),
    (re.compile(r"(?<=compute\.)[\w-]+(?=['\t: ])"), "HOST"),
    (re.compile(r"(?<=n-cpu )[\w-]+|(?<=database )[\w-]+"), "HOST"),
    (re.compile(r"(?<=until it does: ).*|(?<=compute\.HOST: ).*"), "REASON"),
    (re.compile(r"\S+/site-packages/"), ""),
    (re.compile(r"(?<=\.py:)\d+"), "N"),
    (re.compile(r"instance-[0-9a-f]{8}"), "GUEST"),
    (re.compile(r"\b\d+M\b"), "SIZE"),
    # Columns are as wide as what stands in them.
    (re.compile(r"[ \t]+"), " "),
)
"""What is another one each time it is printed."""
_COMPARED: Final = 90
"""Characters of a line of a trace: how much the page shows depends on a host's name."""
# What n-cpu writes beside a request, and what an API is asked, which may be slow.
_BESIDE: Final = re.compile(
    r"n-cpu HOST ?\* |event: |power state\?|◀─|├─+▶│ │$|database HOST|● record"
)


class Shell:
    """One bash, into which all is typed as a reader would.

    It has no terminal.  Where somebody is root, ``sudo`` need not be there.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        environment: Mapping[str, str],
        longest: float = _LONGEST,
    ) -> None:
        self._longest = longest
        self._bash = subprocess.Popen(
            ["/bin/bash"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.run('sudo() { "$@"; }')

    def run(self, commands: str) -> str:
        """What commands print.

        Raises:
            ValueError: with the output: the last of them failed, or they did not end
                in time.
        """
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        self._bash.stdin.write(
            f"{{ {commands}\n}} </dev/null; status=$?; echo; echo {_DONE}$status\n"
        )
        self._bash.stdin.flush()
        too_long = threading.Timer(self._longest, self._bash.kill)
        too_long.start()
        printed: list[str] = []
        for line in self._bash.stdout:
            if line.startswith(_DONE):
                too_long.cancel()
                break
            printed.append(line)
        else:
            raise ValueError(f"did not end in time:\n{commands}\n{''.join(printed)}")
        if line != f"{_DONE}0\n":
            raise ValueError(f"failed:\n{commands}\n{''.join(printed)}")
        return "".join(printed)

    def close(self) -> None:
        self._bash.kill()
        self._bash.communicate()


def typed(page: str, run: Callable[[str], str]) -> str:
    """The page with what its commands print now.

    Args:
        run: types commands and answers what they print.
    """

    def again(block: re.Match[str]) -> str:
        printed = "\n".join(
            line.rstrip() for line in run(block["commands"]).rstrip().splitlines()
        )
        output = f"\n```\n{printed}\n```\n" if printed else ""
        return f"```sh\n{block['commands']}```\n{output}"

    return _BLOCK.sub(again, page)


def shape(page: str) -> str:
    """Commands and outputs of a page, but for what is another one in each run."""
    ids: dict[str, str] = {}
    blocks = []
    for block in _BLOCK.finditer(page):
        printed = "\n" + (block["printed"] or "")
        printed = _numbered(_ID, ids, printed)
        printed = _numbered(_TICK, {}, printed)
        for pattern, name in _ANY:
            printed = pattern.sub(name, printed)
        if "minova trace" in block["commands"]:
            printed = _in_any_order(printed)
        blocks.append(block["commands"] + printed)
    return "\n".join(blocks)


def _numbered(pattern: re.Pattern[str], seen: dict[str, str], printed: str) -> str:
    """Each of what is found by a number: which one it is, in order of appearance."""
    return pattern.sub(
        lambda found: seen.setdefault(found[0], f"#{len(seen)}"), printed
    )


def _in_any_order(printed: str) -> str:
    """Of a trace: which thread is first, and which says more, is a race."""
    kept = {line.strip() for line in printed.splitlines() if not _BESIDE.search(line)}
    return "\n".join(sorted(line[:_COMPARED] for line in kept))


def main() -> None:
    path = pathlib.Path(sys.argv[1])
    page = path.read_text()
    shell = Shell(pathlib.Path.cwd(), os.environ)

    def run(commands: str) -> str:
        print(commands, flush=True)  # noqa: T201
        printed = shell.run(commands)
        print(printed, flush=True)  # noqa: T201
        return printed

    try:
        now = typed(page, run)
    except ValueError as error:
        sys.exit(f"A command of {path} {error}")
    finally:
        shell.close()
    if "--write" in sys.argv[2:]:
        path.write_text(now)
    elif shape(now) != shape(page):
        pair = (shape(page).splitlines(), shape(now).splitlines())
        sys.exit(
            "\n".join(difflib.unified_diff(*pair, "shown", "printed", lineterm=""))
        )


if __name__ == "__main__":
    main()
