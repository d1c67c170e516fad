#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Runs the conformance suites that are there: run.sh [BUILD]; CAPCERT_SUITES names their folder.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$root/build}
suites=${CAPCERT_SUITES:-$root/../shared/suites}
bin=$build/tests/conformance
here=$root/tests/conformance
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

# run NAME PROGRAM ARGS...: the suite NAME.json or NAME.json.xz, decompressed, as first argument
run() {
	name=$1
	program=$2
	shift 2
	if [ -r "$suites/$name.json" ]; then
		file=$suites/$name.json
	elif [ -r "$suites/$name.json.xz" ]; then
		file=$work/$name.json
		xz -dc "$suites/$name.json.xz" >"$file"
	else
		echo "ok - $name # SKIP no $name.json.xz in $suites (set CAPCERT_SUITES)"
		return
	fi
	"$bin/$program" "$file" "$@" || status=1
}

run limbo limbo --exceptions "$here/exceptions.txt"
run pkits pkits --exceptions "$here/exceptions.txt"
run real-chains real_chains
[ "$status" = 0 ] && echo "conformance: ok" || echo "conformance: FAILED"
exit "$status"
