#!/usr/bin/env bash
# SPDX-FileCopyrightText: minova contributors
# SPDX-License-Identifier: Apache-2.0
#
# Fails if a generated sample is out of date. With --write, updates it.
#
# Usage: etc/minova/check_samples.sh [--write] (from the top of the checkout)
set -euo pipefail

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

# Choose the threads before oslo.messaging is imported for its options.
python -W ignore -c 'import minova.native_threads; from oslo_config import generator; generator.main()' \
    --config-file etc/minova/config-generator.conf --output-file "$fresh/minova.conf"
python -W ignore -c 'import minova.native_threads; from oslo_policy import generator; generator.generate_sample()' \
    --config-file etc/minova/policy-generator.conf --output-file "$fresh/policy.yaml"
# Replace values that libraries take from this machine. They are not defaults.
sed -i -E "s/$(hostname)/<your_hostname>/; /^#processname =/s/= .*/= <your_program>/" "$fresh/minova.conf"

python -W ignore docs/generate_states.py >"$fresh/states.md"

if [[ ${1:-} == --write ]]; then
    cp "$fresh"/{minova.conf,policy.yaml} etc/minova/
    cp "$fresh/states.md" docs/
fi
for sample in etc/minova/minova.conf etc/minova/policy.yaml docs/states.md; do
    if ! diff -u "$sample" "$fresh/${sample##*/}"; then
        echo "$sample is stale: run etc/minova/check_samples.sh --write" >&2
        exit 1
    fi
done
