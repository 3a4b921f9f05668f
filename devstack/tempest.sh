#!/usr/bin/env bash
# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
#
# Installs Tempest, configures it for the running stack, runs it and prints how
# many tests passed, failed and were skipped. The stack must have Keystone:
# IDENTITY=keystone ./devstack/stack.sh
#
# What is run: tests/tempest/include.txt; what is left out, and why:
# tests/tempest/exclude.txt. What is made for it in the stack is removed again.
#
# Usage: [DEPLOYMENT=NAME ...] ./devstack/tempest.sh [--slice] [REGEX...]
#   --slice   only tests/tempest/slice.txt, a few minutes
#   REGEX     only tests whose name matches one of these
# Settings: TEMPEST_DIR (default /opt/stack/tempest) holds Tempest, its
# configuration and what it printed.
set -euo pipefail
umask 022

DEVSTACK_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/load
source "$DEVSTACK_DIR/lib/load"

TEMPEST_DIR=${TEMPEST_DIR:-/opt/stack/tempest}
TEMPEST_VENV=$TEMPEST_DIR/venv
TEMPEST_CONSTRAINTS=$DEVSTACK_DIR/tempest-constraints.txt

main() {
    case "${1:-}" in
        -h | --help) sed -n '/^# Installs/,/^[^#]/{s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" && exit ;;
    esac
    begin_run "$@"
    runs_with_keystone ||
        fail "deployment $DEPLOYMENT does not run with Keystone" \
            "run: $(deployment_prefix)IDENTITY=keystone $DEVSTACK_DIR/stack.sh"
    install_tempest
    run_tempest "$@"
}

runs_with_keystone() {
    [[ $IDENTITY == keystone ]] && daemon_runs n-api && daemon_runs keystone
}

install_tempest() {
    local stamp=$TEMPEST_VENV/.installed-from current
    current=$({ "$PYTHON" --version && cat "$TEMPEST_CONSTRAINTS"; } | sha256sum)
    if [[ $(cat "$stamp" 2>/dev/null) == "$current" ]]; then
        say "Tempest" "already installed in $TEMPEST_VENV"
        return
    fi
    install_packages "Tempest" python3 python3-venv
    say "Tempest" "installing in $TEMPEST_VENV"
    mkdir -p "$TEMPEST_DIR"
    run_or_fail "the Python environment $TEMPEST_VENV could not be created" "see above" \
        "$PYTHON" -m venv --clear "$TEMPEST_VENV"
    run_or_fail "pip could not install Tempest" \
        "see the lines above; is the Python package index reachable?" \
        "$TEMPEST_VENV/bin/pip" --disable-pip-version-check install \
        --constraint "$TEMPEST_CONSTRAINTS" tempest
    echo "$current" >"$stamp"
}

run_tempest() {
    say "Tempest" "running against $(endpoint)"
    cd "$SOURCE_DIR"
    PYTHONPATH=$SOURCE_DIR "$TEMPEST_VENV/bin/python" -m tests.tempest.run \
        --auth-url "$(keystone_url)" --compute-url "$(endpoint)" \
        --password-file "$(password_file admin)" --images "$DATA_DIR/images" \
        --workspace "$TEMPEST_DIR/workspace" "$@" || exit
}

main "$@"
