#!/usr/bin/env bash
# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
#
# Stops what stack.sh started: n-api, n-cpu and Keystone. RabbitMQ, libvirt and MariaDB
# are also stopped if stack.sh started them and no other deployment of minova runs.
# Guests keep running. With --clean it also removes this deployment's guests, vhost,
# database, settings, data and logs, but nothing of others. With the name of a daemon it
# stops only that daemon, which stack.sh starts again.
#
# Usage: [DEPLOYMENT=NAME ...] ./devstack/unstack.sh [--clean | n-api | n-cpu | keystone]
set -euo pipefail
umask 022

DEVSTACK_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/load
source "$DEVSTACK_DIR/lib/load"

main() {
    local clean=no usage="[DEPLOYMENT=NAME] $0 [--clean | n-api | n-cpu | keystone]" daemon=
    case "$*" in
        "") ;;
        --clean) clean=yes ;;
        n-api | n-cpu | keystone) daemon=$1 ;;
        -h | --help)
            echo "Usage: $usage"
            exit
            ;;
        *) fail "unknown argument: $*" "run: $usage" ;;
    esac
    begin_run "$@"
    check_settings
    if [[ -n $daemon ]]; then
        stop_one_daemon "$daemon"
        return
    fi

    stop_daemons
    clean_daemons
    if [[ $clean == yes ]]; then
        clean_libvirt
        clean_rabbitmq
        clean_keystone
        clean_database
        clean_clouds_yaml
        clean_minova
    fi
    forget_deployment

    local other
    other=$(other_running_deployment)
    if [[ -n $other ]]; then
        say "Shared" "keeping RabbitMQ, libvirt and MariaDB for the running deployment $other"
    else
        stop_database
        stop_libvirt
        stop_rabbitmq
    fi
    say "Done" "$DEPLOYMENT is stopped$([[ $clean == no ]] || echo ' and removed')"
}

main "$@"
