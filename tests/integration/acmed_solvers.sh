#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: dev: capcert-acmed's other ways to prove a name, with pebble: a socket that a service manager holds, dns-01 in BIND, and a
# program (examples/acme_exec_solver.py).

cd "$(dirname "$0")/../.." || exit 1
for program in /usr/sbin/named /usr/bin/nsupdate /usr/bin/systemd-socket-activate; do
	[ -x $program ] || { echo "skipped: $program is not installed" && exit 77; }
done
. tests/integration/acmed.inc
. tests/integration/acmed_dns.inc
PATH=$PATH:/usr/sbin

# ---- named has a zone, and nobody else does
dns_zones=example.org
dns_zone example.org
sed -i 's,.*ns2.*,,' "$dir/example.org.zone"
dns_named
ok "named is there" dns_named_start
logs+=("$dir/named.log")
PEBBLE_DNS=127.0.0.2:53 PEBBLE_HTTP_PORT=5003 pebble_start "$dir" plain || exit 1
ca_trusted || exit 1

# ---- the example, as it is
cp examples/acme_exec_solver.py "$dir/solver.py"
mkdir "$dir/web" && chown nobody "$dir/web"
printf 'key "one" { algorithm hmac-sha256; secret "%s"; };\n' "$(dns_secret one)" >"$dir/one.key"
dns_secret acme >"$dir/acme.tsig"
chmod 600 "$dir/one.key" "$dir/acme.tsig" && chown nobody "$dir/one.key"
cat >"$dir/solver.py.conf" <<-END
	[dns-01]
	zone = example.org
	server = 127.0.0.2 # the primary
	key = $dir/one.key
	[http-01]
	folder = $dir/web
END
configure "$(
	printf '[solver dns]\ntype = dns-01\nserver = 127.0.0.2\nzone = example.org\ntsig-key-name = acme\ntsig-key-file = %s\n' "$dir/acme.tsig"
	printf '[solver own]\ntype = exec\nprogram = %s\nchallenge = dns-01\n' "$dir/solver.py"
	certificate www www.example.org
	certificate dns 'dns.example.org, *.dns.example.org' | sed 's/^solver = .*/solver = dns/'
	certificate one one.example.org | sed 's/^solver = .*/solver = own/'
)"
# One after the other: pebble fails now and then when one account is registered twice at once.
sed -i 's|^listen = .*|socket = acme-http|' "$dir/acme.conf"
daemon=("$build/bin/capcert" exec "${handles[@]}" -- "$build/bin/capcert-acmed" --config "$dir/acme.conf" --control "$dir/control" --user nobody)
fails "without a manager: no such socket" 'solver http.*acme-http: no inherited socket has this name' "${daemon[@]}"
systemd-socket-activate -l 127.0.0.1:5003 --fdname=acme-http "${daemon[@]}" 2>>"$dir/acmed.log" &
acmed=$!
# It is started by whoever comes first.
ok "the manager listens" soon grep -q 'Listening on 127.0.0.1:5003' "$dir/acmed.log"
(: </dev/tcp/127.0.0.1/5003)
ok "acmed answers" soon acme status

# changed add|delete NAME KEY: named says so
changed() { grep -qE "/key $3: updating zone 'example.org/IN': $1 an RR at '?$2'? TXT" "$dir/named.log"; }
# The names of a slot's certificate, sorted.
named_of() { capcert slot get tls "web/$1" --pem | openssl x509 -noout -ext subjectAltName | grep -o 'DNS:[^,]*' | LC_ALL=C sort | tr '\n' ' '; }
ok "http-01 at the manager's socket" soon certified www
ok "dns-01: a name and its wildcard" soon certified dns
is "both are in the slot's certificate" "DNS:*.dns.example.org DNS:dns.example.org " "$(named_of dns)"
ok "the record was there, by the solver's key" changed adding _acme-challenge.dns.example.org acme
ok "and is taken back" soon changed deleting _acme-challenge.dns.example.org acme
ok "no value is left" soon dns_none 127.0.0.2 _acme-challenge.dns.example.org TXT
ok "a program: the example" soon certified one
is "the slot has it" "DNS:one.example.org " "$(named_of one)"
ok "its record was there, by a key that can do no more" changed adding _acme-challenge.one.example.org one
ok "and is gone" soon dns_none 127.0.0.2 _acme-challenge.one.example.org TXT

ok "acmed ends" stop_acmed
finish
