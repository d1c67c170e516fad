#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The ACME client of the library against pebble, with its challenge test server, in a network of its own: keys in a
# SoftHSM2 token; nonces refused every other time; a CA that wants its own key; alternate chains. Then against a CA that
# goes wrong in every way that it is told to (tests/acmed-ca).
#
# acme.sh [CA-MODE TEST...]: only these tests of acme_client, of a CA that is plain, nonces, reuse, eab, alternates or odd

if [ -z "${CAPCERT_ACME_NET:-}" ]; then
	[ "$(id -u)" = 0 ] && own=-n || own=-rn
	unshare "$own" true || { echo "skipped: no network namespace of its own" && exit 77; }
	CAPCERT_ACME_NET=1 exec unshare "$own" "$0" "$@"
fi
cd "$(dirname "$0")/../.." || exit 1
client=$PWD/build/tests/acme_client
dir=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; rm -rf "$dir"' EXIT
failed=0
ip link set lo up

# shellcheck source=tests/integration/pebble.inc
. tests/integration/pebble.inc
pebble_certificate "$dir" || exit 1
softhsm_token "$dir" || exit 1
challtestsrv "$dir" || exit 1

# run MODE TEST...
run() {
	local mode=$1
	shift
	if [ "$mode" = odd ]; then
		acmed_ca_start "$dir" build/tests/acmed-ca
		export CHALLTESTSRV=15000
	else
		pebble_start "$dir" "$mode"
		export CHALLTESTSRV=8055
	fi || { echo "not ok - pebble does not start"; failed=1; return; }
	timeout 300 "$client" https://localhost:14000/dir "$dir/ca.pem" "$dir/roots.pem" "$@" || failed=1
	pebble_stop
}

if [ $# -gt 0 ]; then
	run "$@"
else
	echo "# plain"
	run plain account issue names refused revoke resume rollover deactivate
	echo "# nonces"
	run nonces repeat
	echo "# reuse"
	run reuse reuse
	echo "# eab"
	run eab eab
	echo "# alternates"
	run alternates alternates
	echo "# a CA that goes wrong"
	run odd odd problems renewal cancel
fi
exit $failed
