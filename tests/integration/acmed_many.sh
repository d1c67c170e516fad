#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: dev: many certificates in one capcert-acmed: what it takes when idle, first orders and renewals of all at once, eight at a time,
# none lost, none twice; what was issued together is not renewed together. COUNT=1000 shows it for a thousand (docs/acme.md).

cd "$(dirname "$0")/../.." || exit 1
count=${COUNT:-16}
parallel=8
more_keys=(other:tls-server)
. tests/integration/acmed.inc
export PEBBLE_HTTP_PORT=5003
day=86400
export PEBBLE_LIFETIME=$((20 * day))
pebble_start "$dir" plain || exit 1
ca_trusted || exit 1
: >"$dir/pebble.past"

# A handle for each; the token's keys behind them are two.
each() {
	local i
	for ((i = 1; i <= count; i++)); do "$@" "$i"; done
}
add_handle() { handles+=(--with "k$1=capkey:k$1:SIGN+PUBLIC+INFO+TRANSFER+RESTRICT"); }
add_keys() {
	python3 - "$count" <<-'END'
		import ctypes, os, sys
		add_key = ctypes.CDLL("libkeyutils.so.1", use_errno=True).add_key
		for i in range(1, int(sys.argv[1]) + 1):
		    what = b"pkcs11:token=alpha;object=%s;purpose=tls-server" % (b"web", b"other")[i % 2]
		    if add_key(b"capkey", b"k%d" % i, what, len(what), -3) < 0:
		        sys.exit("k%d: %s" % (i, os.strerror(ctypes.get_errno())))
	END
}
entry() {
	printf '[certificate c%d]\nnames = c%d.example.org\nslot = web/c%d\nkey = k%d\nca = pebble\nsolver = http\n' "$1" "$1" "$1" "$1"
}
add_keys || exit 1
each add_handle
configure "$(each entry)"

# ---- what the daemon takes
# memory FIELD: kB of its processes together, in /proc/PID/smaps_rollup
memory() {
	local pid
	for pid in $(daemon); do cat "/proc/$pid/smaps_rollup" 2>/dev/null; done | awk -v field="$1:" '$1 == field { n += $2 } END { print n + 0 }'
}
daemon() { pgrep -f "^$build/bin/capcert-acmed "; }
modest() {
	local pss anonymous
	pss=$(memory Pss) anonymous=$(memory Anonymous)
	echo "# $count certificates, $1: $(daemon | wc -l) processes, $pss kB (PSS), anonymous $anonymous kB"
	echo "$pss kB" >"$dir/tap.out"
	[ "$pss" -gt 0 ] && [ "$pss" -lt 20000 ]
	result "$1, the daemon takes less than 20 MB" $?
}

# ---- storms
installed() { grep -c 'a new certificate is in slot' "$dir/acmed.log"; }
leaves() { capcert slot list tls --json | jq -r '.slots[] | .name + " " + .leaf' | sort; }
# Pebble 2.4 locks itself up now and then when orders are placed while others are answered: its store takes a lock to read it that it
# already has to read, and who wants to write waits between the two. Then another one takes its place, which knows no order, and
# what was under way is ordered again.
restarts=0
ca_hangs() { ! curl -s -m 15 -o /dev/null --cacert "$dir/ca.pem" https://localhost:15000/cert-status-by-serial/1; }
ca_stops() {
	pebble_stop
	cat "$dir/pebble.log" >>"$dir/pebble.past"
	echo "another one" >>"$dir/pebble.past"
}
ca_starts() { pebble_start "$dir" plain && roots_trusted >"$dir/log"; }
another_ca() {
	ca_stops
	restarts=$((restarts + 1))
	echo "# pebble has locked itself up: another one"
	ca_starts
}
# storm TITLE TOTAL: until so many are in slots, as long as it goes on. $most: processes of orders that were seen at once
storm() {
	local all at_once before now since=$SECONDS last=$SECONDS
	most=0
	before=$(installed)
	now=$before
	while [ "$now" -lt "$2" ] && [ $((SECONDS - last)) -lt 240 ]; do
		sleep $((1 + count / 500))
		at_once=$(pgrep -c -x acmed-network)
		[ "$at_once" -le "$most" ] || most=$at_once
		all=$(installed)
		[ "$all" = "$now" ] || last=$SECONDS
		[ $((all / 100)) = $((now / 100)) ] || echo "# $1: $((all - before)) after $((SECONDS - since)) s; $(memory Pss) kB"
		now=$all
		[ $((SECONDS - last)) -lt 25 ] || ! ca_hangs || ! another_ca || last=$SECONDS
	done
	echo "# $1: $((now - before)) certificates in $((SECONDS - since)) s"
	is "$1: all are in their slots" "$2" "$now"
	echo "$most" >"$dir/tap.out"
	[ "$most" -le $parallel ]
	result "$1: at most $parallel processes for orders were seen" $?
}
# The CA's own record: how many orders, and how many of them at once, from their placing to their certificate.
orders_of_ca() {
	cat "$dir/pebble.past" "$dir/pebble.log" | awk '/ Added order / { n++; all++; if (n > most) most = n }
		/ Issued certificate serial / { n-- }
		/^another one/ { n = 0 }
		END { print all + 0, most + 0, n + 0 }'
}
judged_by_ca() { # TITLE TOTAL
	local all at_once open
	read -r all at_once open < <(orders_of_ca)
	echo "# $1, says the CA: $all orders, $at_once at once at most, $open open"
	echo "$all orders for $2 certificates, $open open, $restarts restarts" >"$dir/tap.out"
	[ "$all" -ge "$2" ] && [ "$all" -le $(($2 + restarts * parallel)) ] && [ "$open" = 0 ]
	result "$1: the CA has as many orders as certificates" $?
	echo "$at_once" >"$dir/tap.out"
	[ "$at_once" -gt 1 ] && [ "$at_once" -le $parallel ]
	result "$1: it had more than one at once, and at most $parallel" $?
}
# Each slot has a certificate of its own; for its own name, as one or two dozen show.
right() {
	[ $(($1 % (count / 24 + 1))) != 0 ] || [ "$(capcert slot get tls "web/c$1" --pem | openssl x509 -noout -ext subjectAltName 2>&1 | tail -1 | tr -d ' ')" = "DNS:c$1.example.org" ] ||
		echo "c$1"
}
all_right() {
	each right | tee "$dir/wrong"
	[ ! -s "$dir/wrong" ] && [ "$(leaves | wc -l)" = "$count" ] && [ "$(leaves | cut -d' ' -f2 | sort -u | wc -l)" = "$count" ]
}
# Nothing to do: no part lives, no certificate is under way.
idle() { [ "$(daemon | wc -l)" = 2 ] && acme status --json | jq -e '.jobs == 0' && [ "$(daemon | wc -l)" = 2 ]; }

start_acmed
ok "acmed answers" soon acme status
storm "first orders" "$count"
judged_by_ca "first orders" "$count"
ok "each slot has its own" all_right
leaves >"$dir/first"
ok "nothing is left to do" soon idle
modest "after its orders"

# ---- what was issued together is not renewed together: by a 24th of the lifetime at most
spread() {
	acme status --json | jq -e --argjson n "$count" --argjson life "$PEBBLE_LIFETIME" '
		[.certificates[] | .not_after - .next] | (length == $n) and (unique | length > $n * 0.9)
			and (max - min <= $life / 24 + 1) and (max - min > $life / 48)'
}
ok "the next renewals are spread" spread
stop_acmed
start_acmed
ok "it starts again" soon idle
modest "after a start"
is "which orders nothing" "$count" "$(installed)"

# ---- all of them were slept through: a machine that was off for two weeks, with a clock that is right. The CA is down at first: those
# that find out fail, and the others wait instead of failing as well
ca_stops
python3 - $((14 * day)) <<-'END' || exit 1
	import ctypes, struct, sys, time
	time.clock_settime(time.CLOCK_REALTIME, time.time() + int(sys.argv[1]))
	# struct timex: modes = ADJ_MAXERROR | ADJ_ESTERROR | ADJ_STATUS, all 0: synchronised
	t = ctypes.create_string_buffer(struct.pack("I", 0x1c), 256)
	assert ctypes.CDLL(None).adjtimex(t) == 0
END
failed() { acme status --json | jq -r '.certificates[] | select(.failures > 0) | .name'; }
two_more_failed() { [ "$(failed | wc -l)" -ge $((parallel + 2)) ]; }
ok "the CA is down: those that go first find out, then one after the other" soon two_more_failed
failed >"$dir/failed"
echo "$(wc -l <"$dir/failed") failed" >"$dir/tap.out"
[ "$(wc -l <"$dir/failed")" -le $((parallel + 4)) ]
result "and the others wait" $?
ok "the CA is back" ca_starts
again() { while read -r name; do acme renew "$name" || return 1; done <"$dir/failed"; }
ok "who failed is asked for again" again
storm "renewals" $((2 * count))
judged_by_ca "renewals" $((2 * count))
ok "each slot has its own" all_right
leaves >"$dir/second"
is "and another one than before" 0 "$(comm -12 "$dir/first" "$dir/second" | wc -l)"
ok "nothing is left to do" soon idle
modest "after renewals"
is "no order failed" 0 "$(acme status --json | jq '[.certificates[] | select(.failures > 0 or .failure != "" or .trouble != "")] | length')"
finish
