# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
"""No growing table is read from end to end, by MariaDB's log of every statement.

There are 20,000 living servers and half as many deleted ones, with their history.
"""

import datetime
from collections.abc import Iterator
from typing import Any, Final

import pytest
import sqlalchemy as sa

from minova import conf as options
from minova.api.servers.filters import _CONSTANT, _EXACT, _REGEX, _SORTED_BY
from minova.api.servers.query_schema import SORT_KEYS
from minova.db import migrate
from minova.db.api import Database
from minova.db.connection import engine as engines
from minova.db.connection import health
from minova.db.instances.claimed import Claimed
from minova.objects.instance_filter import InstanceFilter
from minova.vocabulary.task_states import TaskState
from minova.vocabulary.vm_states import VMState
from tests import many_servers
from tests.functional import every_question
from tests.many_servers import PROJECT
from tests.real_mariadb import MariaDB
from tests.slow_log import EVERYTHING, SlowLog, Statement

SERVERS: Final = 20_000
GROWING: Final = frozenset(
    {
        *("instances", "marker", "tags", "subnets", "instance_actions"),
        *("instance_actions_events", "instance_faults", "key_pairs", "quotas"),
        *("quota_locks", "instance_groups", "instance_group_member"),
    }
)
"""Tables that grow with servers, projects, users or time. Flavors and hosts are few."""

FEW: Final = 20
"""Rows that may be read for one server, project or user."""
ALL_HOSTS: Final = 5 * 200
"""Rows that may be read for all hosts. Tables that do not grow are not larger."""
ONE_HOST: Final = 5 * PROJECT
"""Rows that may be read for a project's servers, two hosts, or the next free subnet."""
OF_MANY: Final = ("sum(instances.", "WHERE instances.host ", "FROM subnets ")

PAGE: Final = 50
INDEXED: Final = frozenset(
    {
        *("tags", "tags-any", "not-tags", "not-tags-any", "exact uuid", "exact host"),
        *("changes-since", "changes-before", "changes"),
    }
)
EXACT_VALUES: Final = {
    "locked": True,
    "launch_index": 1,
    "vm_state": VMState.ERROR,
    "task_state": TaskState.PAUSING,
}

COLUMNS: Final = sorted(
    {_SORTED_BY.get(key, key) for key in (*SORT_KEYS, "locked")} - _CONSTANT
)
"""Sort keys of a list."""


@pytest.fixture(scope="module")
def log(mariadb: MariaDB) -> SlowLog:
    return SlowLog(mariadb)


@pytest.fixture(scope="module")
def engine(mariadb: MariaDB, log: SlowLog) -> Iterator[sa.Engine]:
    url = mariadb.new_database("query_plans")
    plain = sa.create_engine(url)
    migrate.sync(plain)
    many_servers.fill(plain, hosts=200, servers=SERVERS, deleted=SERVERS // 2)
    plain.dispose()
    logged = sa.make_url(url).update_query_dict({"init_command": EVERYTHING})
    conf = options.create("")
    conf([], default_config_files=[], default_config_dirs=[])
    conf.set_override(
        "connection", logged.render_as_string(hide_password=False), group="database"
    )
    made: sa.Engine = engines.create(conf)
    with engines.to_read(made) as connection:
        reader = connection.engine
    _allow_one_statement(reader)
    sa.event.listen(reader, "reset", _wait_for_log)
    yield made
    Database(made).close()
    mariadb.sql("DROP DATABASE query_plans")


def _wait_for_log(connection: Any, _record: object, _state: object) -> None:
    """Let the server log the statement, which it does after it has answered."""
    connection.ping()


def _allow_one_statement(reader: sa.Engine) -> None:
    """Fail if a question asks more, for each statement could see another state."""

    @sa.event.listens_for(reader, "checkout")
    def _begin(_raw: object, record: sa.pool.ConnectionPoolEntry, _: object) -> None:
        record.info["asked"] = None

    @sa.event.listens_for(reader, "before_cursor_execute")
    def _count(
        connection: sa.Connection, _cursor: object, statement: str, *_: object
    ) -> None:
        assert connection.info["asked"] is None, f"after it: {statement}"
        connection.info["asked"] = statement


def check(statements: list[Statement], page: int = 0) -> None:
    """Fail if a statement scans a table that grows, or reads many rows.

    It may follow an index in order until the page is full.

    Args:
        page: how many servers were asked for, or may be read.
    """
    assert statements
    for statement in statements:
        growing = [each for each in statement.accesses if each.table in GROWING]
        of_many = any(words in statement.text for words in OF_MANY)
        most = ONE_HOST if of_many else FEW if growing else ALL_HOSTS
        assert statement.examined <= most + 4 * page, str(statement)
        for access in growing:
            stopped = access.type == "index" and 0 < access.rows <= 2 * page
            assert not access.whole or stopped, str(statement)


def test_queries_for_one_server_or_host_read_few_rows(
    engine: sa.Engine, log: SlowLog
) -> None:
    """All methods except lists of servers. It also fails if a method is not tested."""
    db = every_question.Asked(engine)
    for ask in every_question.STEPS:
        log.read()
        ask(db)
        try:
            check(log.read())
        except AssertionError as error:
            error.add_note(f"at: {ask.__name__}")
            raise

    assert every_question.QUESTIONS - db.asked == {"instance_list", "usage_list"}


def test_the_doctor_asks_with_one_statement_at_a_time(engine: sa.Engine) -> None:
    """See ``_allow_one_statement``."""
    asked = health.Health(engine)

    assert asked.now() is not None
    assert asked.is_read_only() is False
    assert asked.long_transactions() in ([], None)
    assert isinstance(Claimed(engine).claims(), list)


@pytest.mark.parametrize("limit", [10, 100, 1000])
@pytest.mark.parametrize(
    "wanted",
    [
        InstanceFilter(project_id="library"),
        InstanceFilter(),
        InstanceFilter(deleted=True),
    ],
    ids=["project", "all", "deleted"],
)
def test_pages_cost_what_they_contain(
    engine: sa.Engine, log: SlowLog, limit: int, wanted: InstanceFilter
) -> None:
    """The first and the second page, also of a project that has all servers."""
    if wanted.project_id is not None:
        with engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE instances SET project_id = 'library' WHERE NOT deleted"
                " AND project_id IN ("
                + ", ".join(f"'project-{number}'" for number in range(100, 130))
                + ")"
            )
    db = Database(engine)
    log.read()
    first = db.instance_list(wanted, limit)
    second = db.instance_list(wanted, limit, first[-1].uuid)
    db.tags_of([server.uuid for server in second])

    assert len(first) == len(second) == limit
    assert not {server.uuid for server in first} & {server.uuid for server in second}
    check(log.read(), limit)


def test_a_page_of_all_groups_costs_what_it_contains(
    engine: sa.Engine, log: SlowLog
) -> None:
    db = Database(engine)
    log.read()

    (group, *more) = db.server_group_list(None, 5, 5)

    assert len(more) == 4
    assert len(group.members) == 10
    check(log.read(), PAGE)


def lists(project_id: str | None) -> Iterator[tuple[str, InstanceFilter]]:
    """Yield lists by each filter and by each sort key, and the remaining ones."""
    recently = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    recently -= datetime.timedelta(minutes=5)
    kinds: dict[str, dict[str, Any]] = {
        "tags": {"tags": ["tag-5", "tag-6"]},
        "tags-any": {"tags_any": ["tag-5", "tag-6"]},
        "not-tags": {"not_tags": ["tag-5", "tag-6"]},
        "not-tags-any": {"not_tags_any": ["tag-5", "tag-6"]},
        "changes-since": {"changed_since": recently, "deleted": None},
        "changes-before": {"changed_before": recently, "deleted": None},
        "changes": {
            "changed_since": recently - datetime.timedelta(minutes=5),
            "changed_before": recently,
            "deleted": None,
        },
    }
    for column in {*_EXACT.values(), "locked", "disk_config", "flavor_uuid"}:
        value = EXACT_VALUES.get(column, "none")
        kinds[f"exact {column}"] = {"exact": {column: {value}}}
    for column in _REGEX.values():
        kinds[f"regex {column}"] = {"regex": {column: "none"}}
    for column in COLUMNS:
        kinds[f"sort {column}"] = {"sort": [(column, False)]}
    for name, values in kinds.items():
        yield name, InstanceFilter(project_id=project_id, **values)


def test_lists_of_a_project_read_only_its_servers(
    engine: sa.Engine, log: SlowLog
) -> None:
    """Whatever the filter or sort key is. A quota limits how many there are."""
    db = Database(engine)
    for name, which in lists("project-5"):
        log.read()
        for _ in two_pages(db, which):
            try:
                check(log.read(), PROJECT)
            except AssertionError as error:
                error.add_note(f"at: {name}")
                raise


def test_lists_of_all_projects_use_an_index_or_read_living_servers(
    engine: sa.Engine, log: SlowLog
) -> None:
    """Only a client that asks for deleted servers makes the query read them."""
    db = Database(engine)
    for name, which in lists(None):
        log.read()
        for _ in two_pages(db, which):
            try:
                check(log.read(), PAGE if name in INDEXED else SERVERS // 3)
            except AssertionError as error:
                error.add_note(f"at: {name}")
                raise
            if name not in INDEXED:
                break  # the second page takes as long as the first


def two_pages(db: Database, which: InstanceFilter) -> Iterator[None]:
    found = db.instance_list(which, PAGE)
    yield
    if found:
        db.instance_list(which, PAGE, found[-1].uuid)
        yield


def test_usage_reads_what_ran_in_the_period(engine: sa.Engine, log: SlowLog) -> None:
    """Servers deleted before the period are not read; their number keeps growing."""
    db = Database(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE instances SET project_id = 'project-90' WHERE deleted"
            " AND project_id IN ("
            + ", ".join(f"'project-{number}'" for number in range(50, 90))
            + ")"
        )
        connection.exec_driver_sql("ANALYZE TABLE instances")
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    begin = now - datetime.timedelta(minutes=5)
    for project_id, running in (("project-90", PROJECT), (None, SERVERS)):
        log.read()
        first = db.usage_list(begin, now, project_id, PAGE)
        after = (first[-1].project_id, first[-1].uuid)
        second = db.usage_list(begin, now, project_id, PAGE, after)

        assert len(first) == len(second) == PAGE
        statements = log.read()
        assert len(statements) == 2
        for statement in statements:
            assert statement.examined <= running + 10 + 2 * PAGE, str(statement)
            (access,) = statement.accesses
            assert not access.whole, str(statement)
