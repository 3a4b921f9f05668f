# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Run the commands of a page, and write their output after each block.

All ``sh`` blocks run in one Bash, from first to last. The plain block after each is its
real output. Ids, times and similar values differ between runs, so two runs are compared
by their shape.

Usage: python docs/typed.py PAGE [--write]
Run it from the top of the checkout, as root, with a running stack. Without ``--write``
it says whether the page still shows the output of its commands.
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
"""Values that differ between runs. Equal values on a page stay equal."""
_TICK: Final = re.compile(r"(?<=tick )\d+")
"""Values that differ between runs. Equal values in a block stay equal."""
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
    # The columns of a table are as wide as their contents.
    (re.compile(r"[ \t]+"), " "),
)
"""Values that differ each time they are printed."""
_COMPARED: Final = 90
"""Characters of a trace line.

How much the page shows depends on the length of the host's name.
"""
# Lines of n-cpu outside a request, and requests of an API, which may be slow.
_BESIDE: Final = re.compile(
    r"n-cpu HOST ?\* |event: |power state\?|◀─|├─+▶│ │$|database HOST|● record"
)


class Shell:
    """One Bash for all commands, as a reader would type them.

    It has no terminal. A root user does not need ``sudo`` to be installed.
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
        """Run commands and return their output.

        Raises:
            ValueError: with the output, if the last command failed or they did not end
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
    """Return the page with the current output of its commands.

    Args:
        run: runs commands and returns their output.
    """

    def again(block: re.Match[str]) -> str:
        printed = "\n".join(
            line.rstrip() for line in run(block["commands"]).rstrip().splitlines()
        )
        output = f"\n```\n{printed}\n```\n" if printed else ""
        return f"```sh\n{block['commands']}```\n{output}"

    return _BLOCK.sub(again, page)


def shape(page: str) -> str:
    """Return a page's commands and outputs without the values that differ."""
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
    """Replace each match by a number, in the order of appearance."""
    return pattern.sub(
        lambda found: seen.setdefault(found[0], f"#{len(seen)}"), printed
    )


def _in_any_order(printed: str) -> str:
    """Sort the lines of a trace, because threads may run in any order."""
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
