# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""Configure Tempest for a stack, run it, and print how many tests passed.

``devstack/tempest.sh`` installs the requirements and passes the arguments.
"""

import argparse
import configparser
import contextlib
import pathlib
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

from tests.tempest import glance, network_stand_in
from tests.tempest.cloud import Cloud, second_image

HERE = pathlib.Path(__file__).parent
BIN = pathlib.Path(sys.executable).parent


def main(arguments: Sequence[str]) -> int:
    """Run the chosen tests. The exit status is 0 when nothing failed."""
    asked = _parser().parse_args(arguments)
    password = asked.password_file.read_text().strip()
    with contextlib.ExitStack() as stack:
        cloud = Cloud.log_in(asked.auth_url, asked.compute_url, password)
        enter = stack.enter_context
        enter(cloud.network_endpoint(enter(network_stand_in.running())))
        flavors = (
            enter(cloud.flavor("tempest-nano", 128)),
            enter(cloud.flavor("tempest-micro", 160)),
        )
        images = _images(asked, cloud, enter)
        conf = _configuration(asked.auth_url, password, images, flavors)
        return _run(asked, conf)


def _images(
    asked: argparse.Namespace, cloud: Cloud, enter: Callable[[Any], Any]
) -> tuple[str, str]:
    """Return the ids of two images: from the stack's own folder, or from a Glance."""
    tick: pathlib.Path = asked.images / "minova-tick"
    if asked.glance_venv is None:
        first: tuple[str, str] = enter(second_image(tick))
        return first
    enter(cloud.admin_among_services("minova"))
    url = enter(
        glance.running(
            asked.glance_venv,
            asked.workspace / "glance",
            asked.glance_port,
            asked.auth_url,
            asked.service_password_file.read_text().strip(),
        )
    )
    enter(cloud.image_endpoint(url))
    return glance.upload(cloud, url, tick)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tempest.sh", description=__doc__)
    parser.add_argument("--auth-url", required=True, help="Keystone, with /v3")
    parser.add_argument("--compute-url", required=True, help="n-api, with /v2.1")
    parser.add_argument("--password-file", required=True, type=pathlib.Path)
    parser.add_argument("--images", required=True, type=pathlib.Path)
    parser.add_argument("--glance-venv", type=pathlib.Path, help="n-api asks a Glance")
    parser.add_argument("--glance-port", type=int)
    parser.add_argument("--service-password-file", type=pathlib.Path)
    parser.add_argument("--workspace", required=True, type=pathlib.Path)
    parser.add_argument("--slice", action="store_true", help="only slice.txt")
    parser.add_argument("regex", nargs="*", help="only tests that match one of these")
    return parser


def _configuration(
    auth_url: str,
    password: str,
    images: tuple[str, str],
    flavors: tuple[str, str],
) -> configparser.RawConfigParser:
    conf = configparser.RawConfigParser()
    conf.read(HERE / "tempest.conf")
    conf["auth"]["admin_password"] = password
    conf["identity"]["uri_v3"] = auth_url
    compute = conf["compute"]
    compute["image_ref"], compute["image_ref_alt"] = images
    compute["flavor_ref"], compute["flavor_ref_alt"] = flavors
    return conf


def _run(asked: argparse.Namespace, conf: configparser.RawConfigParser) -> int:
    workspace: pathlib.Path = asked.workspace
    workspace.mkdir(parents=True, exist_ok=True)
    workspace.chmod(0o700)  # it contains the admin's password
    conf["DEFAULT"]["log_dir"] = str(workspace)
    conf["oslo_concurrency"]["lock_path"] = str(workspace)
    with (workspace / "tempest.conf").open("w") as file:
        conf.write(file)
    include = workspace / "include.txt"
    include.write_text(
        "\n".join(asked.regex)
        if asked.regex
        else (HERE / ("slice.txt" if asked.slice else "include.txt")).read_text()
    )
    (workspace / ".stestr.conf").write_text(_stestr_conf())
    done = subprocess.run(
        [
            BIN / "tempest",
            "run",
            *("--config-file", workspace / "tempest.conf"),
            *("--include-list", include),
            *("--exclude-list", HERE / "exclude.txt"),
            *("--concurrency", "2"),
        ],
        cwd=workspace,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    (workspace / "output").write_text(done.stdout)
    return _say(done.stdout, workspace)


def _stestr_conf() -> str:
    import tempest  # noqa: PLC0415 - installed in Tempest's environment alone

    top = pathlib.Path(tempest.__path__[0])
    # Tests of a class share a server or two, so one worker runs all of them.
    return (
        f"[DEFAULT]\ntest_path={top}/test_discover\ntop_dir={top}\n"
        r"group_regex=([^\.]*\.)*" + "\n"
    )


def _say(output: str, workspace: pathlib.Path) -> int:
    """Print failures and counts. A run in which no test passed is a failure."""
    counts = {
        word.lower(): int(count)
        for word, count in re.findall(
            r"^ - (Passed|Failed|Skipped): (\d+)$", output, re.M
        )
    }
    for name in re.findall(r"^\{\d+\} (\S.*) \.\.\. FAILED$", output, re.M):
        print(f"FAILED {name}")
    for name in re.findall(r"^\{\d+\} (\S.*) \.\.\. SKIPPED: (.*)$", output, re.M):
        print(f"skipped {name[0]}: {name[1]}")
    if not counts:
        print(output[-4000:])
    passed, failed = counts.get("passed", 0), counts.get("failed", 0)
    print(f"All of it: {workspace}/output")
    print(
        f"tempest: {passed} passed, {failed} failed, {counts.get('skipped', 0)} skipped"
    )
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
