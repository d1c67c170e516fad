#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: dev: capcert-acmed, and each of its processes, killed before system calls that write, on the way of an order; only on demand:
# with CUTS=1 at a fixed part of them, with ALL=1 at every one. It goes on where it was: no order twice, no certificate lost, nothing left published.

cd "$(dirname "$0")/../.." || exit 1
[ -n "${CUTS:-}${ALL:-}" ] || {
	echo "skipped: it takes minutes: CUTS=1 for a part of the calls, ALL=1 for every one; acmed_crash.sh kills the keeper in every run"
	exit 77
}
. tests/integration/acmed.inc
export PEBBLE_HTTP_PORT=5003 DIR=$dir BUILD=$build WWW=
pebble_start "$dir" plain || exit 1
ca_trusted || exit 1
: >"$dir/acmed.log"

# sweep TITLE PATTERN WHO FIRST STEP MOST: cuts at the calls FIRST, FIRST + STEP, ... of WHO
sweep() {
	local calls=("${@:4}")
	[ -z "${ALL:-}" ] || calls=(1 1 100000)
	says "$1" "$2.* 0 wrong" python3 tests/integration/acmed_cut.py "$3" "${calls[@]}" -- "$build/bin/capcert" exec "${handles[@]}" -- \
		"$build/bin/capcert-acmed" --config "$dir/acme.conf" --control "$dir/control" --user nobody
	sed -n '$s/^/# /p' "$dir/tap.out"
}

# ---- an http-01 solver of the daemon's own: what it publishes ends with it
configure "$(certificate www 'www.example.org, example.org')"
sweep "a power cut at the first start, at the registration" '' new 60 1 1
sweep "the starter dies" '' starter 2 1 1
sweep "the keeper dies; an order that was placed unheard is found in the CA's list" ' [1-9][0-9]* orders unheard of;' keeper 12 3 5
sweep "the network process dies" '' network 25 1 1
sweep "the installer dies" '' installer 4 5 2
sweep "the solver dies" '' solver 3 1 1
finish
