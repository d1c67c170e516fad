#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Debian's testssl.sh on this machine against capcert-tlsd in the guest, through forwarded ports: once for each of two
# cipher policies. What it finds and exceptions.json does not have fails, and so does an entry that it does not find.
# run.sh DIR: its reports are kept there.

# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck disable=SC2154 # from lib.sh
cd "$root"
out=$1
rm -rf "$out" && mkdir -p "$out"
base=$((20000 + RANDOM % 10000))
scripts/vm --dev --load --timeout 1500 --out "$out/guest" --forward $base:443 --forward $((base + 1)):444 \
	--forward $((base + 2)):445 tests/testssl/guest >"$out/guest.log" 2>&1 &
vm=$!
trap 'kill $vm 2>/dev/null || true' EXIT
until grep -q '^# ready' "$out/guest.log"; do
	kill -0 $vm 2>/dev/null || { cat "$out/guest.log" && exit 1; }
	sleep 0.2
done

# What depends on the service behind it (headers), on the outside (DNS), or repeats itself (client simulation, every
# single cipher: tests/integration/tls_ciphers.c tries all that OpenSSL has) is not asked; TESTSSL_MORE has more options,
# as "--std --pfs". Nor is GOST, for which OpenSSL needs an engine that some machines have and others do not.
scan() { # NAME PORT
	# shellcheck disable=SC2086 # several options
	NO_ENGINE=true testssl --quiet --color 0 --warnings batch --nodns none --ip 127.0.0.1 --assume-http --openssl-timeout 60 \
		--connect-timeout 60 --jsonfile "$out/$1.json" --protocols --server-preference --server-defaults --vulnerable \
		${TESTSSL_MORE:-} "www.example.org:$2" >"$out/$1.log" 2>&1 </dev/null || true
}
scan intermediate $base &
first=$!
scan modern $((base + 1))
wait $first
: 2>/dev/null <"/dev/tcp/127.0.0.1/$((base + 2))" || true
status=0
wait $vm || status=$?
cat "$out/guest.log"
tests/testssl/judge.py tests/testssl/exceptions.json "$out" || status=1
exit $status
