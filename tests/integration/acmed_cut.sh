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

# ---- a program that publishes: what it did is there until it is taken back, by whoever comes next
export WWW=$dir/http/.well-known/acme-challenge
mkdir -p "$WWW" && chmod -R 755 "$dir/http" && chown nobody "$WWW"
python3 -m http.server -d "$dir/http" -b 127.0.0.1 5003 >"$dir/http.log" 2>&1 &
pids+=($!)
cat >"$dir/program" <<-END
	#!/bin/sh
	read -r line
	token=\${line#*'"token":"'} text=\${line#*'"key_authorization":"'}
	case \$line in
	*'"action":"publish"'*) printf %s "\${text%%'"'*}" >"$WWW/\${token%%'"'*}" ;;
	*) rm -f "$WWW/\${token%%'"'*}" ;;
	esac
END
chmod 755 "$dir/program"
configure "$(
	printf '[solver program]\ntype = exec\nchallenge = http-01\nprogram = %s\n' "$dir/program"
	certificate www 'www.example.org, example.org' | sed 's/^solver = .*/solver = program/'
)"
sed -i "s|^listen = .*|listen = unix:$dir/unused|" "$dir/acme.conf"
ok "who serves what a program publishes" listens 5003
sweep "a power cut at any time" '' daemon 15 30 6
sweep "the program dies" '' program 1 1 1
pebble_stop

# ---- a CA that has no list of its orders: one that was placed and never heard of is left there, and is the only loss
acmed_ca_start "$dir" "$build/tests/acmed-ca" && roots_trusted >"$dir/log" || exit 1
count() { curl -s "http://localhost:15000/$1"; }
has() { [ "$(count "$1")" = "$2" ]; }
cut() { # the whole daemon, none of which sees another one die
	local all
	all="$acmed $(pgrep -P "$acmed" -d ' ')"
	# shellcheck disable=SC2086 # several
	kill -STOP $all && kill -KILL $all
	wait "$acmed" 2>/dev/null
	[ "$(wc -w <<<"$all")" -gt 2 ]
}
start_acmed
ok "acmed answers" soon acme status
ok "a renewal by another CA" acme renew www --wait
before=$(version www)
ok "whose answer to an order does not come" curl -sf "http://localhost:15000/?fault=hang&n=1&value=60"
ok "another one is asked for" acme renew www
ok "the CA has its order" soon has orders 2
ok "power cut" cut
ok "the CA answers again" curl -sf "http://localhost:15000/?fault=none"
start_acmed
ok "acmed answers" soon acme status
renewed() { [ "$(version www)" != "$before" ] && certified www; }
ok "there is a certificate" soon renewed
is "for a third order; the second has no certificate" '3 2' "$(count orders) $(count issued)"
ok "the daemon ends" stop_acmed
finish
