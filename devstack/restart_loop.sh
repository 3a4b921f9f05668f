#!/usr/bin/env bash
# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
#
# Runs a daemon and restarts it whenever it ends, on machines without systemd. SIGTERM
# ends the daemon and then the loop.
#
# Usage: restart_loop.sh NAME COMMAND [ARGUMENT...]
set -euo pipefail
# Each job becomes a process group, by which its children can be found.
set -m

# In seconds. A daemon that ran for SETTLED_AFTER is restarted at once. After a shorter
# run the loop waits longer each time.
readonly SETTLED_AFTER=5 LONGEST_PAUSE=30
# Running work may be finished. minova-compute gives itself a minute.
readonly STOP_WITHIN=70 LEFTOVERS_STOP_WITHIN=5

stopping=no
daemon=

note() {
    printf '%(%F %T)T restart loop of %s: %s\n' -1 "$name" "$1"
}

ask_to_stop() {
    stopping=yes
    [[ -z $daemon ]] || kill -TERM "$daemon" 2>/dev/null || true
}

# Return the daemon's status. `wait` also returns when a signal arrives.
wait_for_daemon() {
    local status=0 deadline=
    wait "$daemon" || status=$?
    while kill -0 "$daemon" 2>/dev/null; do
        if [[ $stopping == yes ]]; then
            deadline=${deadline:-$((SECONDS + STOP_WITHIN))}
            if ((SECONDS >= deadline)); then
                note "killing it, because it did not stop within $STOP_WITHIN s"
                kill -KILL -- "-$daemon" 2>/dev/null || true
            fi
            pause 0.2
        else
            status=0
            wait "$daemon" || status=$?
        fi
    done
    return "$status"
}

# A killed daemon leaves children, which hold its port.
end_leftovers() {
    local deadline=$((SECONDS + LEFTOVERS_STOP_WITHIN))
    kill -TERM -- "-$daemon" 2>/dev/null || return 0
    while kill -0 -- "-$daemon" 2>/dev/null; do
        ((SECONDS < deadline)) || kill -KILL -- "-$daemon" 2>/dev/null || true
        pause 0.2
    done
}

# In the background, so that SIGTERM can interrupt it.
pause() {
    sleep "$1" &
    wait $! || true
}

run_daemon() {
    local status=0
    "$@" &
    daemon=$!
    # The signal may have arrived before the pid was known.
    [[ $stopping == no ]] || ask_to_stop
    wait_for_daemon || status=$?
    end_leftovers
    daemon=
    return "$status"
}

main() {
    local status started pause_length=1
    name=$1
    shift
    trap ask_to_stop TERM INT
    # SIGHUP is for the daemons. The loop ignores it.
    trap : HUP
    while [[ $stopping == no ]]; do
        note "starting $1"
        started=$SECONDS status=0
        run_daemon "$@" || status=$?
        note "it exited with status $status"
        if ((SECONDS - started >= SETTLED_AFTER)); then
            pause_length=1
        elif [[ $stopping == no ]]; then
            pause "$pause_length"
            ((pause_length = pause_length * 2 > LONGEST_PAUSE ? LONGEST_PAUSE : pause_length * 2))
        fi
    done
    note "stopped"
}

# Bash reads the file completely before it runs anything, because the file may be
# replaced meanwhile.
main "$@"
exit
