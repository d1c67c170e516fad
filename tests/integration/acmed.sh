#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: dev: capcert-acmed with pebble and keys in a token: an order into a slot, renewal under requests to tlsd, faults.

# shellcheck disable=SC2016,SC2119,SC2120 # programs for another shell; functions with optional arguments
cd "$(dirname "$0")/../.." || exit 1
build=$PWD/${BUILD:-build}
if [ -z "${ACMED_SESSION:-}" ]; then
	exec env ACMED_SESSION=1 keyctl session acmed "$0" "$@" 2>&1
fi
grep -q '^capcert ' /proc/modules || insmod "$CAPCERT_KO" || exit 1
softhsm=$(echo /usr/lib/*/softhsm/libsofthsm2.so)
[ -e "$softhsm" ] || { echo "skipped: softhsm2 is not installed" && exit 77; }
[ -x /usr/bin/pebble ] || { echo "skipped: pebble is not installed" && exit 77; }
if ! "$build/bin/capcert" feature --json | grep -q '"profile": "development"'; then
	echo "skipped: SoftHSM is a development token, which this profile refuses; keyd.sh tests that" && exit 77
fi
dir=$(mktemp -d)
pids=()
acmed=
trap 'kill -9 "${pids[@]}" $acmed 2>/dev/null; keyctl clear @s; rm -rf "$dir"' EXIT
chmod 711 "$dir"
ip link set lo up

n=0 failed=0
report() { # TITLE STATUS WANT
	n=$((n + 1))
	if { [ "$3" = 0 ] && [ "$2" = 0 ]; } || { [ "$3" = 1 ] && [ "$2" -gt 0 ] && [ "$2" -lt 126 ]; }; then
		echo "ok $n - $1"
	else
		head -20 "$dir/out" | sed 's/^/# /'
		tail -5 "$dir/acmed.log" 2>/dev/null | sed 's/^/# acmed: /'
		echo "not ok $n - $1 # exit status $2"
		failed=1
	fi
}
# expect WANT TITLE PATTERN CMD...: and what CMD says has PATTERN.
expect() {
	local want=$1 title=$2 pattern=$3 status=0
	shift 3
	"$@" >"$dir/out" 2>&1 || status=$?
	grep -qE -- "$pattern" "$dir/out" || [ -z "$pattern" ] || status=200
	report "$title" "$status" "$want"
}
ok() { expect 0 "$1" '' "${@:2}"; }
says() { expect 0 "$@"; }
fails() { expect 1 "$@"; }
# soon CMD...: within two minutes it succeeds.
soon() {
	for _ in $(seq "${SOON:-600}"); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.2
	done
	"$@"
}
capcert() { "$build/bin/capcert" "$@"; }
acme() { "$build/bin/capcert" acme "$@" --control "$dir/control"; }

# ---- a token with two keys, and their keeper
mkdir "$dir/tokens" "$dir/pins" && chmod 700 "$dir/pins"
printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' "$dir" >"$dir/conf"
export SOFTHSM2_CONF=$dir/conf
softhsm2-util --init-token --free --label alpha --pin 60521734 --so-pin 87654321 >/dev/null || exit 1
chown -R nobody:nogroup "$dir/tokens"
echo 60521734 >"$dir/pins/pin.alpha" && chmod 400 "$dir/pins/pin.alpha"
vault=(--module "$softhsm" --records "$dir/records" --pin-file "$dir/pins/pin.alpha" --user nobody)
capcert key generate web --token alpha --purpose tls-server "${vault[@]}" >/dev/null || exit 1
capcert key generate acme --token alpha --purpose acme-account "${vault[@]}" >/dev/null || exit 1
"$build/bin/capcert-keyd" --token alpha --module "$softhsm" --path "$dir/tokens" --records "$dir/records" \
	--pin-dir "$dir/pins" --user nobody 2>"$dir/log" &
pids+=($!)
"$build/bin/capcert-verifyd" 2>"$dir/verifyd.log" &
pids+=($!)
ok "keyd is ready" soon grep -q ready "$dir/log"
keyctl add capkey web 'pkcs11:token=alpha;object=web;purpose=tls-server' @s >/dev/null || exit 1
keyctl add capkey acme 'pkcs11:token=alpha;object=acme;purpose=acme-account' @s >/dev/null || exit 1

# ---- pebble, who is to be believed that it is the CA, and by which roots its certificates are judged
# shellcheck source=tests/integration/pebble.inc
. tests/integration/pebble.inc
pebble_certificate "$dir" || exit 1
challtestsrv "$dir" || exit 1
PEBBLE_HTTP_PORT=5003 pebble_start "$dir" plain || exit 1
store=$(keyctl padd capslot tls @s </dev/null) && keyctl setperm "$store" 0x3f000000 || exit 1
{ capcert trust new ca && capcert trust add ca "$dir/ca.pem" --pin-from-cert && capcert trust new roots &&
	capcert trust add roots "$dir/roots.pem" --all --pin-from-cert && capcert verifier new judge 'profile=rfc5280' &&
	capcert tls config ca-tls --client --verifier judge --store ca; } >"$dir/out" 2>&1 || { cat "$dir/out" && exit 1; }

cat >"$dir/acme.conf" <<-END
	[acmed]
	slots = tls
	store = roots
	verifier = judge
	state = $dir/state
	[ca pebble]
	directory = https://localhost:14000/dir
	account-key = acme
	tls = ca-tls
	contact = mailto:hostmaster@example.org
	terms-agreed = yes
	[solver http]
	type = http-01
	listen = 127.0.0.1:5003
	[certificate www]
	names = www.example.org, example.org
	slot = web/www.example.org
	key = web
	ca = pebble
	solver = http
END
start_acmed() { # [OPTION]...
	"$build/bin/capcert" exec --with acme=capkey:acme:SIGN+PUBLIC+RESTRICT+TRANSFER --with web=capkey:web:SIGN+PUBLIC+INFO+TRANSFER+RESTRICT \
		--with tls=capslot:tls:PUT+GET+RESTRICT+TRANSFER --with roots=captrust:roots:VERIFY+RESTRICT+TRANSFER \
		--with judge=capverify:judge:VERIFY+RESTRICT+TRANSFER --with ca-tls=captls:ca-tls:INFO+USE+TRANSFER -- \
		"$build/bin/capcert-acmed" --config "$dir/acme.conf" --control "$dir/control" --user nobody "$@" 2>>"$dir/acmed.log" &
	acmed=$!
}
says "the configuration is right" 'slot web/www.example.org' "$build/bin/capcert-acmed" --check --config "$dir/acme.conf"
start_acmed
ok "acmed answers" soon acme status
certified() { acme status | grep -q '^www: idle'; }
ok "there is a certificate" soon certified
says "status tells the story" 'renewal' acme status
says "and so does the slot" 'www.example.org' capcert slot show tls web/www.example.org
[ $failed = 0 ] && echo "all $n passed"
exit $failed
