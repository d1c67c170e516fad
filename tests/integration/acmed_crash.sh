#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: dev: capcert-acmed's keeper killed before commits and between messages. After the next start it goes on where it was: no
# order twice, no certificate lost.

cd "$(dirname "$0")/../.." || exit 1
[ -x /usr/bin/strace ] || { echo "skipped: strace is not installed" && exit 77; }
. tests/integration/acmed.inc
export PEBBLE_HTTP_PORT=5003
pebble_start "$dir" plain || exit 1
ca_trusted || exit 1
configure "$(certificate www 'www.example.org, example.org')"
start_acmed
ok "there is a certificate" soon certified www

# tracing PROCESS CALLS N [OPTION]...: whoever of it makes its Nth of these calls is killed before it is made
tracing() {
	strace -qq -e trace="$2" -e inject="$2:signal=KILL:when=$3" -o "$dir/strace" "${@:4}" -p "$1" 2>"$dir/tracing" &
	tracer=$!
	soon traced "$1"
}
traced() { ! grep -q '^TracerPid:[^0-9]*0$' "/proc/$1/status"; }
gone() { ! kill -0 "$1" 2>/dev/null; }
# A renewal that came to an end, or a daemon that has.
over() { gone "$acmed" || { [ "$(version www)" != "$before" ] && certified www; }; }
settled() { acme status www | grep -qE '^www: (idle|waiting|asking)'; }

# kept TITLE: whatever happened since $before, $placed: one order at most, and what was ordered is in the slot.
kept() {
	local new=$(($(orders) - placed)) changed=0
	[ "$(version www)" = "$before" ] || changed=1
	echo "$new orders, slot changed: $changed" >"$dir/tap.out"
	[ $new -le 1 ] && [ $new = $changed ]
	result "$1" $?
}
# keeper_dies CALLS N: Return: 1 = it had no Nth, or something is wrong, which is a result then.
keeper_dies() {
	before=$(version www) placed=$(orders)
	tracing "$(pgrep -x acmed-keeper)" "$1" "$2" || { result "the keeper is traced for $1 number $2" 1 && return 1; }
	acme renew www >/dev/null
	soon over || { result "with the keeper's $1 number $2 to be its last, something ends" 1 && return 1; }
	kill "$tracer" 2>/dev/null
	wait "$tracer" 2>/dev/null
	gone "$acmed" || return 1
	wait "$acmed" 2>/dev/null
	start_acmed
	soon settled
	kept "the keeper dies at $1 number $2"
	return 0
}
# each CALLS STEP LEAST: at the first of these calls, and each STEP further ones, as long as there are any
each() {
	local at=1
	while [ $at -lt 100 ] && keeper_dies "$1" $at; do at=$((at + $2)); done
	echo "number $at was not reached" >"$dir/tap.out"
	[ $at -gt "$3" ]
	result "there were more than $3 times $1" $?
}
each fdatasync 2 4
each sendmsg 4 10

# Killed after a revocation: who starts next knows that a new certificate is wanted.
revoked() { curl -s --cacert "$dir/ca.pem" "https://localhost:15000/cert-status-by-serial/$serial" | grep -q '"Status": *"Revoked"'; }
serial=$(capcert slot get tls web/www --pem | openssl x509 -noout -serial | cut -d= -f2)
before=$(version www)
# Its second message is the answer to who has revoked.
ok "the keeper is traced" tracing "$(pgrep -x acmed-keeper)" sendmsg 2
acme revoke www >/dev/null
ok "the keeper dies when it is told of the revocation" soon gone "$acmed"
wait "$acmed" 2>/dev/null
ok "which the CA has done" revoked
is "the slot has no other one yet" "$before" "$(version www)"
start_acmed
renewed() { [ "$(version www)" != "$before" ] && certified www; }
ok "the next daemon orders another one" soon renewed
finish
