#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Runs the conformance suites that are there: run.sh [BUILD]; CAPCERT_SUITES names their folder.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$root/build}
suites=${CAPCERT_SUITES:-$root/../shared/suites}
status=0

# run NAME PROGRAM: the suite NAME.json or NAME.json.xz
run() {
	for file in "$suites/$1.json" "$suites/$1.json.xz"; do
		[ -r "$file" ] || continue
		"$build/tests/$2" "$file" --exceptions "$root/tests/conformance/exceptions.json" || status=1
		return
	done
	echo "ok - $1 # SKIP no $1.json.xz in $suites (set CAPCERT_SUITES)"
}

"$root/tests/conformance/chain.sh" "$build/tests/chain" || status=1
run limbo limbo
run pkits pkits
run real-chains real_chains
# SCTs in real certificates, against every log that was ever listed; and against OpenSSL
if [ -r "$suites/ct/logs-all-known.json" ] && [ -r "$suites/real-chains.json.xz" ]; then
	"$build/tests/scts" --logs "$suites/ct/logs-all-known.json" "$suites/real-chains.json.xz" --flips 16 |
		grep -E '^(#|scts:)' >"$build/scts.log" || true
	cat "$build/scts.log"
	grep -q 'turned, 0 still passed' "$build/scts.log" && grep -q ' 0 differ' "$build/scts.log" &&
		grep -q ' valid, 0 invalid, 0 unknown log' "$build/scts.log" || status=1
else
	echo "ok - scts # SKIP no ct/logs-all-known.json in $suites (set CAPCERT_SUITES)"
fi
[ "$status" = 0 ] && echo "conformance: ok" || echo "conformance: FAILED"
exit "$status"
