#!/usr/bin/env bash
# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
#
# Installs Tempest, configures it for the running stack, runs it and prints how
# many tests passed, failed and were skipped. The stack must have Keystone:
# IDENTITY=keystone ./devstack/stack.sh
#
# include.txt in tests/tempest says what is run; exclude.txt says what is left out, and
# why. The changes that the run makes in the stack are removed again.
#
# Tempest writes images, so a real Glance is installed beside it, and the daemons are
# restarted to use it. Servers made from the stack's own images cannot be rebuilt
# meanwhile. With --slice the stack's own images are used.
#
# Usage: [SETTING=VALUE ...] ./devstack/tempest.sh [--slice] [REGEX...]
#   --slice   only tests/tempest/slice.txt, a few minutes
#   REGEX     only tests whose name matches one of these
# Settings, besides those of stack.sh: TEMPEST_DIR (default /opt/stack/tempest) holds
# Tempest, Glance, their configuration and their output; GLANCE_PORT (9292).
set -euo pipefail
umask 022

DEVSTACK_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/load
source "$DEVSTACK_DIR/lib/load"

TEMPEST_DIR=${TEMPEST_DIR:-/opt/stack/tempest}
TEMPEST_VENV=$TEMPEST_DIR/venv
GLANCE_VENV=$TEMPEST_DIR/glance-venv
GLANCE_PORT=${GLANCE_PORT:-9292}
# minova's settings while Tempest runs.
GLANCE_SETTINGS=$CONFIG_FILES_OF_YOUR_OWN/of-tempest.conf

main() {
    case "${1:-}" in
        -h | --help) sed -n '/^# Installs/,/^[^#]/{s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" && exit ;;
    esac
    begin_run "$@"
    runs_with_keystone ||
        fail "deployment $DEPLOYMENT does not run with Keystone" \
            "run: $(deployment_prefix)IDENTITY=keystone $DEVSTACK_DIR/stack.sh"
    install_environment Tempest "$TEMPEST_VENV" tempest
    if [[ " $* " == *" --slice "* ]]; then
        run_tempest "$@"
    else
        run_tempest_with_glance "$@"
    fi
}

runs_with_keystone() {
    [[ $IDENTITY == keystone ]] && daemon_runs n-api && daemon_runs keystone
}

# install_environment NAME FOLDER PACKAGE...
install_environment() {
    local name=$1 venv=$2 stamp=$2/.installed-from current
    local constraints=$DEVSTACK_DIR/${name,,}-constraints.txt
    shift 2
    current=$({ "$PYTHON" --version && cat "$constraints"; } | sha256sum)
    if [[ $(cat "$stamp" 2>/dev/null) == "$current" ]]; then
        say "$name" "already installed in $venv"
        return
    fi
    install_packages "$name" python3 python3-venv
    say "$name" "installing in $venv"
    mkdir -p "${venv%/*}"
    run_or_fail "the Python environment $venv could not be created" "see above" \
        "$PYTHON" -m venv --clear "$venv"
    run_or_fail "pip could not install $*" \
        "see the lines above; is the Python package index reachable?" \
        "$venv/bin/pip" --disable-pip-version-check install \
        --constraint "$constraints" "$@"
    echo "$current" >"$stamp"
}

run_tempest_with_glance() {
    install_environment Glance "$GLANCE_VENV" glance gunicorn
    fail_if_port_taken "$GLANCE_PORT" 127.0.0.1 "$(deployment_prefix)GLANCE_PORT=9293 $0"
    trap leave_glance EXIT
    glance_settings | write_file "$GLANCE_SETTINGS" "$SERVICE_GROUP" 0640
    start_daemons # again, because their settings have changed
    run_tempest --glance-venv "$GLANCE_VENV" --glance-port "$GLANCE_PORT" \
        --service-password-file "$(password_file minova)" "$@"
}

# n-cpu downloads images as the user with which n-api asks Keystone. run.py makes this
# user an admin.
glance_settings() {
    cat <<-EOF
	[glance]
	endpoint = http://127.0.0.1:$GLANCE_PORT
	auth_section = keystone_authtoken
	EOF
}

leave_glance() {
    rm -f "$GLANCE_SETTINGS"
    start_daemons
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
