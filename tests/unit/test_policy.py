# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""The default policy rules, before an operator changes them."""

import http.server
import os
import pathlib
import threading

import pytest
from oslo_config import cfg
from oslo_policy import policy

from minova import exception
from minova.context import RequestContext
from minova.policy import Enforcer, list_rules
from minova.policy_files import PolicyFiles

_API = "os_compute_api:"
_LATER = 4_000_000_000
"""A second in 2096."""


@pytest.fixture(scope="module")
def enforcer() -> Enforcer:
    conf = cfg.ConfigOpts()
    conf([], default_config_files=[], default_config_dirs=[])
    return Enforcer(conf)


def caller(*roles: str) -> RequestContext:
    return RequestContext(user_id="ann", project_id="mine", roles=list(roles))


ADMIN = caller("admin", "member", "reader")
MEMBER = caller("member", "reader")
READER = caller("reader")
SERVICE = caller("service")
NOBODY = caller()


def who_may(enforcer: Enforcer, rule: str, project_id: str) -> str:
    """Return the initials of the roles that are allowed."""
    callers = {"a": ADMIN, "m": MEMBER, "r": READER, "s": SERVICE, "n": NOBODY}
    return "".join(
        letter
        for letter, context in callers.items()
        if enforcer.allows(context, _API + rule, project_id)
    )


@pytest.mark.parametrize(
    ("rule", "in_own", "in_another"),
    [
        ("servers:create", "am", "a"),
        ("servers:update", "am", "a"),
        ("servers:show", "amr", "a"),
        ("servers:detail:get_all_tenants", "a", "a"),
        ("os-pause-server:pause", "am", "a"),
        ("os-lock-server:unlock", "am", "a"),
        ("os-lock-server:unlock:unlock_override", "a", "a"),
        ("server-metadata:index", "amr", "a"),
        ("server-metadata:update_all", "am", "a"),
        ("os-server-tags:delete_all", "am", "a"),
        ("os-server-groups:create", "am", "a"),
        ("os-server-groups:delete", "am", "a"),
        ("os-server-groups:index", "amr", "a"),
        ("os-server-groups:index:all_projects", "a", "a"),
        ("os-server-groups:show", "amr", "a"),
        ("os-simple-tenant-usage:list", "a", "a"),
        ("os-simple-tenant-usage:show", "amr", "a"),
        ("os-instance-usage-audit-log:list", "a", "a"),
        ("os-instance-usage-audit-log:show", "a", "a"),
        ("os-instance-actions:list", "amr", "a"),
        ("os-instance-actions:events:details", "a", "a"),
        ("os-server-diagnostics", "a", "a"),
        ("os-server-external-events:create", "as", "as"),
        ("os-services:update", "a", "a"),
        ("os-hypervisors:list-detail", "a", "a"),
        ("os-hosts:list", "a", "a"),
        ("os-aggregates:add_host", "a", "a"),
        ("os-server-password:show", "amr", "a"),
        ("os-server-password:clear", "am", "a"),
        ("os-attach-interfaces:create", "am", "a"),
        ("os-volumes-attachments:index", "amr", "a"),
        ("os-volumes-attachments:swap", "as", "as"),
        ("os-migrations:index", "a", "a"),
        ("os-flavor-manage:create", "a", "a"),
        ("os-flavor-extra-specs:index", "amr", "a"),
        ("os-quota-sets:show", "amr", "a"),
        ("os-quota-sets:update", "a", "a"),
        ("limits", "amrsn", "amrsn"),
        ("os-availability-zone:list", "amrsn", "amrsn"),
        ("os-availability-zone:detail", "a", "a"),
        ("extensions", "amrsn", "amrsn"),
    ],
)
def test_roles_and_projects(
    enforcer: Enforcer, rule: str, in_own: str, in_another: str
) -> None:
    assert who_may(enforcer, rule, "mine") == in_own
    assert who_may(enforcer, rule, "another") == in_another


def test_a_manager_sees_migrations_of_the_project(enforcer: Enforcer) -> None:
    manager = caller("manager", "member", "reader")
    rule = f"{_API}os-migrations:index"

    assert enforcer.allows(manager, rule, "mine")
    assert not enforcer.allows(manager, rule, "another")
    assert not enforcer.allows(manager, f"{rule}:all_projects", "mine")


@pytest.mark.parametrize("what", ["index", "create", "show", "delete"])
def test_keypairs_belong_to_a_user(enforcer: Enforcer, what: str) -> None:
    rule = f"{_API}os-keypairs:{what}"

    assert enforcer.allows(NOBODY, rule)
    assert not enforcer.allows(MEMBER, rule, user_id="bob")
    assert enforcer.allows(ADMIN, rule, user_id="bob")


def test_a_refusal_names_the_rule(enforcer: Enforcer) -> None:
    rule = f"{_API}os-services:list"
    with pytest.raises(exception.PolicyNotAuthorized) as refusal:
        enforcer.authorize(MEMBER, rule)

    assert str(refusal.value) == f"Policy doesn't allow {rule} to be performed."


def test_every_rule_exists_once_and_has_a_description() -> None:
    rules = [rule for rule in list_rules() if rule.name.startswith(_API)]

    assert len({rule.name for rule in rules}) == len(rules)
    for rule in rules:
        assert isinstance(rule, policy.DocumentedRuleDefault)
        assert rule.description
        assert rule.operations


def of_file(folder: pathlib.Path) -> Enforcer:
    """An enforcer that reads ``policy.yaml`` in a folder."""
    (folder / "minova.conf").touch()
    conf = cfg.ConfigOpts()
    conf(["--config-file", str(folder / "minova.conf")], project="minova")
    return Enforcer(conf)


def write(folder: pathlib.Path, check: str, second: int) -> None:
    """Write a rule with a modification time in this second."""
    file = folder / "policy.yaml"
    file.write_text(f'"{_API}limits": "{check}"\n')
    os.utime(file, (second, second))


def test_an_answer_is_cached_for_a_request_and_until_the_file_changes(
    tmp_path: pathlib.Path,
) -> None:
    rule = f"{_API}limits"
    write(tmp_path, "!", 1)
    enforcer = of_file(tmp_path)
    first = caller("member")
    assert not enforcer.allows(first, rule)

    write(tmp_path, "role:member", 2)

    assert not enforcer.allows(first, rule)
    assert enforcer.allows(caller("member"), rule)
    assert not enforcer.allows(caller("reader"), rule)
    assert enforcer.allows(caller("member"), rule)


def test_external_rules_are_asked_each_time(tmp_path: pathlib.Path) -> None:
    says = ["True", "False"]

    class Elsewhere(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(says.pop(0).encode())

    with http.server.HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        write(tmp_path, f"http://127.0.0.1:{server.server_port}/ask", 1)
        enforcer = of_file(tmp_path)
        member = caller("member")
        answers = [enforcer.allows(member, f"{_API}limits") for _ in range(2)]
        server.shutdown()

    assert answers == [True, False]


@pytest.mark.parametrize("where", ["beside minova.conf", ".minova", "home", "policy.d"])
def test_a_file_is_noticed_in_each_place_that_oslo_config_searches(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    home, etc = tmp_path / "home", tmp_path / "etc"
    folder = {
        "beside minova.conf": etc,
        ".minova": home / ".minova",
        "home": home,
        "policy.d": etc / "policy.d",
    }[where]
    for each in (etc, folder):
        each.mkdir(parents=True, exist_ok=True)
    monkeypatch.setenv("HOME", str(home))
    enforcer = of_file(etc)
    rule = f"{_API}limits"
    assert enforcer.allows(caller("member"), rule)

    # Later than the folder, whose time oslo.policy compares too.
    write(folder, "!", _LATER)
    assert not enforcer.allows(caller("member"), rule)

    write(folder, "role:member", _LATER + 1)
    assert enforcer.allows(caller("member"), rule)


def test_rules_are_read_only_if_a_file_changed(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[policy.Enforcer] = []
    load = policy.Enforcer.load_rules

    def count(enforcer: policy.Enforcer, *given: bool) -> None:
        loads.append(enforcer)
        load(enforcer, *given)

    monkeypatch.setattr(policy.Enforcer, "load_rules", count)
    rule = f"{_API}limits"
    write(tmp_path, "role:member", 1)
    enforcer = of_file(tmp_path)
    for _ in range(3):
        assert enforcer.allows(caller("member"), rule)
    known = len(loads)

    for _ in range(3):
        assert enforcer.allows(caller("member"), rule)
    assert len(loads) == known

    (tmp_path / "policy.yaml").unlink()
    assert enforcer.allows(caller("reader"), rule), "the default rule allows all"
    assert len(loads) > known


def test_rules_that_could_not_be_read_are_read_again(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for a file that n-api may not read yet."""
    enforcer = of_file(tmp_path)
    rule = f"{_API}limits"
    write(tmp_path, "!", 1)
    with monkeypatch.context() as patched:
        patched.setattr(policy.Enforcer, "load_rules", _cannot_read)
        for _ in range(2):
            with pytest.raises(cfg.ConfigFilesPermissionDeniedError):
                enforcer.allows(caller("member"), rule)

    assert not enforcer.allows(caller("member"), rule)


def test_a_change_of_mode_is_noticed(tmp_path: pathlib.Path) -> None:
    (tmp_path / "minova.conf").touch()
    write(tmp_path, "!", 1)
    conf = cfg.ConfigOpts()
    conf(["--config-file", str(tmp_path / "minova.conf")], project="minova")
    policy.Enforcer(conf)
    files = PolicyFiles(conf)
    before = files.look()
    assert files.look() == before

    (tmp_path / "policy.yaml").chmod(0o600)

    assert files.look() != before


def _cannot_read(_enforcer: policy.Enforcer) -> None:
    raise cfg.ConfigFilesPermissionDeniedError(["policy.yaml"])
