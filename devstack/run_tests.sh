#!/usr/bin/env bash
# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
#
# Installs what the tests need on Debian 12 or Ubuntu 24.04 and runs all of them: checks
# of the code, unit, functional and e2e tests. It can be repeated at any time.
#
# It uses its own ports, folders, broker, databases, vhost and deployment id. A running
# stack and its servers are left alone.
#
# Usage: [SETTING=VALUE ...] ./devstack/run_tests.sh [--all] [PYTEST ARGUMENT...]
#   --all   every cell of every campaign instead of fixed slices, in parts. An interrupted
#           run resumes with the part it was at.
# Settings: TEST_DIR (default /opt/stack/minova-test) holds the Python environment, and
# the list of parts that have passed.
set -euo pipefail
umask 022

DEVSTACK_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export DEPLOYMENT=minova-test
TEST_DIR=${TEST_DIR:-/opt/stack/minova-test}
TEST_VENV=$TEST_DIR/test-venv
export KEYSTONE_VENV=${KEYSTONE_VENV:-$TEST_DIR/keystone-venv}
# shellcheck source-path=SCRIPTDIR source=lib/load
source "$DEVSTACK_DIR/lib/load"
# shellcheck source-path=SCRIPTDIR source=lib/test_parts
source "$DEVSTACK_DIR/lib/test_parts"
# shellcheck source-path=SCRIPTDIR source=lib/test_lanes
source "$DEVSTACK_DIR/lib/test_lanes"

# The parts of --all: a name, and pytest's arguments or a command (see lib/test_parts).
PARTS=(
    "unit|tests/unit --ignore=tests/unit/compute/test_random_actions.py"
    "functional|tests/functional --ignore=tests/functional/test_random_actions.py"
    "random-actions|tests/unit/compute/test_random_actions.py tests/functional/test_random_actions.py"
    "e2e|tests/e2e"
    "clients|tests/clients"
    "faults-n-api|tests/faults/test_matrix.py -k n_api_killed"
    "faults-n-cpu|tests/faults/test_matrix.py -k n_cpu_killed"
    "faults-broker|tests/faults/test_matrix.py -k broker_killed"
    "faults-mariadb|tests/faults/test_matrix.py -k MariaDB_killed"
    "faults-sqlite|tests/faults/test_matrix.py -k SQLite_locked"
    "faults-libvirtd|tests/faults/test_matrix.py -k libvirtd_killed"
    "faults-races|tests/faults --ignore=tests/faults/test_matrix.py"
    "fuzz|MINOVA_FUZZ_REQUESTS=10000 tests/fuzz"
    "chaos|tests/chaos"
    "compose|tests/compose"
)

# The parallel lanes without --all: a name, and its tests. Each lane waits for servers
# most of the time, so the longest lane runs two files at once. e2e alone uses the
# machine's libvirtd and broker. On a new machine its stack.sh has much to install and
# build, so the container image is not built at the same time.
LANES=(
    "stack|tests/e2e --timeout 600"
    "servers|tests/functional -n 2 --dist loadfile"
    "campaigns|tests/unit tests/fuzz tests/faults tests/chaos tests/clients tests/compose"
)

main() {
    require_root
    install_packages "Tests" ca-certificates python3 python3-venv python3-dev gcc \
        libc6-dev pkg-config libvirt-dev libvirt-daemon-system libvirt-clients \
        qemu-system-x86 qemu-system-arm qemu-efi-aarch64 qemu-utils rabbitmq-server \
        mariadb-server libmariadb-dev haproxy curl iproute2 procps cpio git
    install_docker
    install_test_environment
    install_keystone_environment "$KEYSTONE_VENV"
    install_client_environment
    [[ " $* " != *" --all "* && " $* " != *tests/clients* ]] || install_more_clients
    cd "$SOURCE_DIR"
    check_code
    run_pytest "$@"
}

# An existing Docker engine is used. One from another source is not replaced by
# Debian's. The tests start the engine if it does not run.
install_docker() {
    local packages=()
    command -v dockerd >/dev/null || docker info >/dev/null 2>&1 ||
        packages+=(docker.io iptables)
    command -v docker-compose >/dev/null || packages+=(docker-compose)
    ((${#packages[@]} == 0)) || install_packages "Tests" "${packages[@]}"
}

# Editable: the tests and the processes they start use the code in the checkout.
install_test_environment() {
    local stamp=$TEST_VENV/.installed-from current
    current=$(cat "$SOURCE_DIR/pyproject.toml" "$SOURCE_DIR/constraints.txt" <(echo "$SOURCE_DIR") |
        sha256sum)
    if [[ $(cat "$stamp" 2>/dev/null) == "$current" ]] &&
        "$TEST_VENV/bin/python" -c 'import gabbi, hypothesis, libvirt, mypy, MySQLdb, pytest' 2>/dev/null; then
        say "Tests" "Python environment already installed in $TEST_VENV"
        return
    fi
    say "Tests" "installing the Python environment in $TEST_VENV"
    rm -f "$stamp"
    mkdir -p "$TEST_DIR"
    "$PYTHON" -m venv --clear "$TEST_VENV"
    run_or_fail "pip could not install what the tests need" \
        "see the lines above; is the Python package index reachable?" \
        "$TEST_VENV/bin/pip" --disable-pip-version-check install \
        --constraint "$SOURCE_DIR/constraints.txt" --editable "${SOURCE_DIR}[libvirt,mysqlclient,dev]"
    echo "$current" >"$stamp"
}

# The clients as users install them, without minova.
install_client_environment() {
    local venv=$TEST_DIR/client-venv current stamp
    local constraints=$SOURCE_DIR/tests/clients-constraints.txt
    stamp=$venv/.installed-from
    current=$({ "$PYTHON" --version && cat "$constraints"; } | sha256sum)
    if [[ $(cat "$stamp" 2>/dev/null) == "$current" ]]; then
        say "Tests" "clients already installed in $venv"
        return
    fi
    say "Tests" "installing the clients in $venv"
    rm -f "$stamp"
    run_or_fail "the Python environment $venv could not be created" "see above" \
        "$PYTHON" -m venv --clear "$venv"
    run_or_fail "pip could not install the clients" \
        "see the lines above; is the Python package index reachable?" \
        "$venv/bin/pip" --disable-pip-version-check install --constraint "$constraints" \
        python-openstackclient openstacksdk python-novaclient
    echo "$current" >"$stamp"
}

# More clients for tests/clients. Ansible has a separate openstacksdk, because its
# modules (2.5.0) do not work with later versions.
install_more_clients() {
    local venv=$TEST_DIR/more-clients-venv current
    local packages=(ansible==12.3.0 openstacksdk==4.4.1 apache-libcloud==3.9.1)
    install_packages "Tests" golang-go golang-github-gophercloud-gophercloud-dev nodejs \
        ruby-fog-openstack
    current="$("$PYTHON" --version) ${packages[*]}"
    [[ $(cat "$venv/.installed-from" 2>/dev/null) != "$current" ]] || return 0
    say "Tests" "installing more clients in $venv"
    rm -f "$venv/.installed-from"
    run_or_fail "the Python environment $venv could not be created" "see above" \
        "$PYTHON" -m venv --clear "$venv"
    run_or_fail "pip could not install ${packages[*]}" \
        "see the lines above; is the Python package index reachable?" \
        "$venv/bin/pip" --disable-pip-version-check install "${packages[@]}"
    echo "$current" >"$venv/.installed-from"
}

check_code() {
    local bin=$TEST_VENV/bin
    say "Checks" "ruff, mypy, import-linter, codespell, proselint, shellcheck, samples"
    "$bin/ruff" format --check --quiet .
    "$bin/ruff" check --quiet .
    "$bin/mypy" --no-error-summary
    "$bin/lint-imports" --no-logo >"$STEP_LOG" || { cat "$STEP_LOG" && return 1; }
    "$bin/codespell" README.md CONTRIBUTING.md docs etc minova tests benchmarks devstack
    "$bin/proselint" --config .proselintrc.json check README.md CONTRIBUTING.md docs releasenotes
    "$bin/shellcheck" --external-sources devstack/*.sh devstack/lib/*
    PATH=$bin:$PATH ./etc/minova/check_samples.sh
}

# run_pytest [--all] ARGUMENT...
run_pytest() {
    local all=false arguments=()
    while (($#)); do
        if [[ $1 == --all ]]; then all=true; else arguments+=("$1"); fi
        shift
    done
    if $all; then
        run_parts "${PARTS[@]}"
    elif ((${#arguments[@]})); then
        run_once_more_what_fails "${arguments[@]}"
    else
        say "Tests" "unit, functional and e2e tests, and a fixed slice of the campaigns (--all runs them all):"
        echo "fuzz: 120 requests to each method of each route, more than 10,000 in all, seed minova"
        echo "Tempest: tests/tempest/slice.txt"
        echo "chaos: two minutes"
        echo "random actions: six sequences, the same each time"
        echo "clients: a server's life with openstacksdk, openstack and Terraform's requests"
        echo "docker-compose: the commands of docs/laptop.md"
        "$TEST_VENV/bin/python" -m tests.faults.matrix
        run_lanes "${LANES[@]}"
    fi
}

main "$@"
