#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: dev: capcert-acmed with pebble and keys in a token: orders into slots, renewal, what is lost comes back, revocation,
# accounts, external account binding.

# shellcheck disable=SC2119 # functions with optional arguments
cd "$(dirname "$0")/../.." || exit 1
. tests/integration/acmed.inc
export PEBBLE_HTTP_PORT=5003
pebble_start "$dir" plain || exit 1
ca_trusted || exit 1
configure "$(certificate www 'www.example.org, example.org')"

says "the configuration is right" 'slot web/www' "$build/bin/capcert-acmed" --check --config "$dir/acme.conf"
start_acmed
ok "acmed answers" soon acme status
ok "there is a certificate" soon certified www
says "status tells the story" 'renewal +20..-.*lifetime' acme status
is "the slot has it" 1 "$(version www)"
second() { # CONTROL: another one
	capcert exec "${handles[@]}" -- "$build/bin/capcert-acmed" --config "$dir/acme.conf" --control "$1" --user nobody
}
fails "a second daemon refuses to start" 'another capcert-acmed answers there' second "$dir/control"
sed 's/127.0.0.1:5003/127.0.0.1:5004/' "$dir/acme.conf" >"$dir/other.conf" && chmod 644 "$dir/other.conf"
fails "at another socket, too" 'another capcert-acmed has it' capcert exec "${handles[@]}" -- \
	"$build/bin/capcert-acmed" --config "$dir/other.conf" --control "$dir/control2" --user nobody

says "renewed when somebody asks" '^www: (idle|asking)' acme renew www --wait
is "the slot has the new one" 2 "$(version www)"
is "two orders so far" 2 "$(orders)"
says "the account is known" 'https://localhost:14000/' acme accounts
fails "no other certificate is renewed" 'no such certificate' acme renew other

# ---- what is lost
has_version() { [ "$(version www)" = "$1" ]; }
ok "the slot's certificate is deleted" capcert slot delete tls web/www
ok "it comes back" soon has_version 4
ok "the daemon ends" stop_acmed
ok "it is deleted meanwhile" capcert slot delete tls web/www
start_acmed
ok "it comes back at the start" soon has_version 6
is "no order was made for that" 2 "$(orders)"

# ---- other names, although nobody vouches for the clock
ok "the daemon ends" stop_acmed
configure "$(certificate www 'www.example.org, www2.example.org')"
start_acmed
ok "other names are ordered at once" soon has_version 7
names() { capcert slot get tls "web/$1" --pem | openssl x509 -noout -text | grep DNS: | tr -d ' '; }
says "the certificate is for them" 'DNS:www2.example.org' names www

# ---- revocation
says "it is revoked, and another obtained" '^www: (idle|asking)' acme revoke www --reason superseded --wait
is "which is in the slot" 8 "$(version www)"
ok "says pebble" grep -q 'POST /revoke-cert' "$dir/pebble.log"
fails "that is no reason" 'keyCompromise' acme revoke www --reason boredom

# ---- a solver dies with something published: who validates is kept waiting until another one has taken its place
cat >"$dir/proxy.py" <<-'END'
	import os, socket, subprocess, sys
	s = socket.create_server(("127.0.0.1", 5005))
	print("ready", flush=True)
	first = True
	while True:
	    c, _ = s.accept()
	    if first:
	        subprocess.run(["pkill", "-KILL", "-x", "acmed-solver"], check=True)
	        print("killed", flush=True)
	    first = False
	    b = socket.create_connection(("127.0.0.1", 5003))
	    c.settimeout(120)
	    b.settimeout(120)
	    b.sendall(c.recv(65536))
	    while d := b.recv(65536):
	        c.sendall(d)
	    c.close()
END
python3 "$dir/proxy.py" >"$dir/proxy" 2>&1 &
pids+=($!)
ok "a proxy before the solver" soon grep -q ready "$dir/proxy"
# A CA that waits for the answer as long as it takes: pebble gives up after some seconds.
pebble_stop
ACMED_CA_HTTP=5005 acmed_ca_start "$dir" "$build/tests/acmed-ca" && roots_trusted >"$dir/log" || exit 1
says "an order goes on with another solver" '^www: (idle|asking)' acme renew www --wait
ok "the solver was killed" grep -q killed "$dir/proxy"
ok "which was noticed" grep -q 'solver http ended' "$dir/acmed.log"
is "the slot has it" 9 "$(version www)"
is "by one order" '1 1' "$(curl -s http://localhost:15000/orders) $(curl -s http://localhost:15000/issued)"

# ---- a CA that has forgotten the account
pebble_stop
pebble_start "$dir" plain && roots_trusted >"$dir/log" || exit 1
says "another account is made" '^www: (idle|asking)' acme renew www --wait
is "the slot has it" 10 "$(version www)"

# ---- a CA that wants its customer's own account bound
pebble_stop
pebble_start "$dir" eab && roots_trusted >"$dir/log" || exit 1
fails "without a binding there is none" 'failed +1 times.*[Ee]xternal' acme renew www --wait
is "and the slot stays" 10 "$(version www)"
ok "the daemon ends" stop_acmed
printf 'a secret of thirty-two octets...' | base64 | tr -d '=' | tr +/ -_ >"$dir/eab"
chmod 600 "$dir/eab"
configure "$(certificate www 'www.example.org, www2.example.org')" 'eab-kid = kid-1' "eab-key-file = $dir/eab"
start_acmed
ok "acmed answers" soon acme status
says "with one there is" '^www: (idle|asking)' acme renew www --wait
finish
