# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Types the commands of a page, and writes behind each block what it printed.

All blocks of ``sh`` go into one bash, from the first to the last.  The plain block that
follows one is its output, and is real.  Ids, times and the like are other ones in each
run: what two runs have in common is their shape.

Usage: python docs/typed.py PAGE [--write]
From the top of the checkout, as root, with a stack.sh that runs.  Without ``--write`` it
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

_WHICH: Final = {
    "request": re.compile(r"req-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "uuid": re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "tick": re.compile(r"(?<=tick )\d+"),
}
"""What is another one in each run, but the same wherever it is the same in one run."""
_ANY: Final = (
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?Z?"), "TIME"),
    (re.compile(r"(?<=\nDate: ).*"), "TIME"),
    (re.compile(r"\w{3} +\d+ \d\d:\d\d"), "TIME"),
    (re.compile(r"(?<=LifecycleEvent: )[\d.]+"), "TIME"),
    (re.compile(r"[+-]?\d+\.\d{3,6}"), "SECONDS"),
    (re.compile(r"\[ *\d+ s\]|(?<=answers after )\d+(?= s)"), "SECONDS"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "HEX"),
    (re.compile(r"\b0x[0-9a-f]+"), "HEX"),
    (re.compile(r"(?<=pid=)\d+"), "PID"),
    (re.compile(r"(?<=compute\.)[\w-]+(?=['\t])"), "HOST"),
    (re.compile(r"(?<=n-cpu )[\w-]+|(?<=database )[\w-]+"), "HOST"),
    (re.compile(r"instance-[0-9a-f]{8}"), "GUEST"),
    (re.compile(r"^ \d+(?= +GUEST)", re.MULTILINE), " N"),
    (re.compile(r"\b\d{7,9}\b|(?<=^total )\d+", re.MULTILINE), "BYTES"),
    (re.compile(r"(?<=len: )\d+|(?<=ength: )\d+"), "BYTES"),
    (re.compile(r'(?<="adminPass": ")\w+'), "PASSWORD"),
    # Columns and rules are as wide as what stands in them.
    (re.compile(r"[ \t]+"), " "),
    (re.compile(r"-{9,}"), "----"),
)
"""What is another one each time it is printed."""
# Lines that n-cpu writes beside a request, by what hears of a guest; arrows for them.
_BESIDE: Final = re.compile(r"n-cpu HOST ?\* |event: |power state\?|◀─|├─+▶│ │$")


class Shell:
    """One bash, into which all is typed as a reader would.

    It has no terminal.  Where somebody is root, ``sudo`` need not be there.
    """

    def __init__(self, folder: pathlib.Path, environment: Mapping[str, str]) -> None:
        self._bash = subprocess.Popen(
            ["bash"],
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
            ValueError: the last of them failed, or they took too long; with the output.
        """
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        self._bash.stdin.write(
            f"{{ {commands}\n}} </dev/null; status=$?; echo; echo {_DONE}$status\n"
        )
        self._bash.stdin.flush()
        too_long = threading.Timer(_LONGEST, self._bash.kill)
        too_long.start()
        printed: list[str] = []
        for line in self._bash.stdout:
            if line.startswith(_DONE):
                too_long.cancel()
                break
            printed.append(line)
        else:
            raise ValueError(f"took too long:\n{commands}\n{''.join(printed)}")
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
    numbers: dict[str, dict[str, int]] = {kind: {} for kind in _WHICH}
    blocks = []
    for block in _BLOCK.finditer(page):
        printed = "\n" + (block["printed"] or "")
        for kind, pattern in _WHICH.items():
            seen = numbers[kind]

            def number(found: re.Match[str], kind: str = kind) -> str:
                known = numbers[kind]
                return f"{kind}#{known.setdefault(found[0], len(known) + 1)}"

            printed = pattern.sub(number, printed)
        for pattern, name in _ANY:
            printed = pattern.sub(name, printed)
        if "minova trace" in block["commands"]:
            printed = _in_any_order(printed)
        blocks.append(block["commands"] + printed)
    return "\n".join(blocks)


def _in_any_order(printed: str) -> str:
    """Of a trace: which thread is first, and which says more, is a race."""
    lines = {line.strip() for line in printed.splitlines()}
    return "\n".join(sorted(line for line in lines if not _BESIDE.search(line)))


def main() -> None:
    path = pathlib.Path(sys.argv[1])
    page = path.read_text()
    shell = Shell(pathlib.Path.cwd(), os.environ)
    try:
        now = typed(page, shell.run)
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
