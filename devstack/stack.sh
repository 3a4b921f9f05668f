#!/usr/bin/env bash
# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
#
# Turns a fresh Debian 12 or Ubuntu 24.04 into a running minova: RabbitMQ, libvirt with
# QEMU, a database, n-api and n-cpu. It can be run again at any time and then does what
# is missing. Settings: stackrc, or the environment.
#
# Usage: [SETTING=VALUE ...] ./devstack/stack.sh          as root
#        sudo [SETTING=VALUE ...] ./devstack/stack.sh     by sudo
set -euo pipefail
umask 022

DEVSTACK_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib/load
source "$DEVSTACK_DIR/lib/load"

usage() {
    sed -n '/^# Usage:/,/^[^#]/{s/^# //p}' "${BASH_SOURCE[0]}"
    echo "All settings and their defaults: $DEVSTACK_DIR/stackrc"
}

main() {
    case "$*" in
        "") ;;
        -h | --help) usage && exit ;;
        *) fail "unknown argument: $*" "put settings before the command: DATABASE=mysql $0" ;;
    esac
    begin_run "$@"
    check_settings
    check_operating_system
    check_disk_space
    install_basics
    check_api_port
    check_keystone_port

    install_rabbitmq
    configure_rabbitmq
    start_rabbitmq

    install_libvirt
    start_libvirt

    install_database
    configure_database
    start_database

    install_minova
    link_command
    install_keystone
    prepare_minova
    make_identity_secrets
    configure_rabbitmq_account
    configure_database_account
    check_libvirt_access

    install_guest_image
    configure_guest_image
    choose_virt_type

    configure_minova
    migrate_minova

    configure_daemons
    prepare_keystone
    start_keystone
    start_daemons
    write_clouds_yaml

    touch "$DATA_DIR/.complete"
    show_first_steps
}

main "$@"
