#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The solvers dns-01 and dns-persist-01 of capcert-acmed, each as a process behind its walls, with BIND and Knot as the authoritative
# servers and pebble (dns-persist-01: acmed-ca) as the CA that reads what they have, in a network of its own.

if [ -z "${CAPCERT_ACMED_NET:-}" ]; then
	[ "$(id -u)" = 0 ] && own=-n || own=-rn
	unshare "$own" true 2>/dev/null || { echo "skipped: no network namespace of its own" && exit 77; }
	CAPCERT_ACMED_NET=1 exec unshare "$own" "$0" "$@"
fi
cd "$(dirname "$0")/../.." || exit 1
for program in named knotd knotc dig pebble python3; do
	PATH=$PATH:/usr/sbin command -v $program >/dev/null || { echo "skipped: $program is not installed" && exit 77; }
done
PATH=$PATH:/usr/sbin
build=$PWD/${BUILD:-build}
dir=$(mktemp -d)
pids=()
trap 'kill -9 "${pids[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT
ip link set lo up
# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc
# shellcheck source=tests/integration/pebble.inc
. tests/integration/pebble.inc
# shellcheck source=tests/integration/acmed_dns.inc
. tests/integration/acmed_dns.inc
logs=("$dir/named.log" "$dir/knot.log")

dns_zone example.org "_acme-challenge.alias IN CNAME _acme-challenge.alias.deleg.example." \
	"_acme-challenge.astray IN CNAME www.example.org." "_acme-challenge.loop IN CNAME _acme-challenge.loop.deleg.example." \
	"_acme-challenge.only IN CNAME only.deleg.example."
dns_zone lag.example
dns_zone deleg.example "_acme-challenge.loop IN CNAME _acme-challenge.loop.example.org."
sed -i 's,.*ns2.*,,' "$dir/deleg.example.zone"
dns_zone dead.example "ns1 IN A 127.0.0.10" "ns1 IN A 127.0.0.11"
sed -i 's,.*ns2.*,,' "$dir/dead.example.zone"
dns_zone example.net
dns_zones="example.org lag.example deleg.example dead.example"
dns_named
dns_knot
ok "named is there" dns_named_start
ok "knotd is there, with named's zones" dns_knot_start
ok "and named with knotd's" soon dns_has 127.0.0.2 www.example.net A 127.0.0.1
ok "and a resolver" dns_resolver_start
[ $failed = 0 ] || finish

# ---- solvers
for key in acme one big; do dns_secret $key >"$dir/$key.key"; done
printf 'another secret, as long as it has to be' | base64 >"$dir/wrong.key"
chmod 600 "$dir"/*.key
# conf NAME KEY LINE...: a solver of its own in NAME.conf
conf() {
	local name=$1 key=$2
	shift 2
	{
		printf '[solver %s]\nresolver = 127.0.0.4\n' "$name"
		[ "$key" = - ] || printf 'tsig-key-name = %s\ntsig-key-file = %s\n' "${key%%:*}" "$dir/${key##*:}.key"
		printf '%s\n' "$@"
	} >"$dir/$name.conf"
}
conf org acme 'type = dns-01' 'server = 127.0.0.2' 'zone = example.org' 'ttl = 1'
conf net acme 'type = dns-01' 'server = 127.0.0.3' 'zone = example.net'
conf v6 acme 'type = dns-01' 'server = [::1]:53' 'zone = example.org'
conf one one 'type = dns-01' 'server = 127.0.0.2' 'record = _acme-challenge.one.example.org'
conf onenet one 'type = dns-01' 'server = 127.0.0.3' 'record = _acme-challenge.one.example.net' 'zone = example.net'
conf greedy one 'type = dns-01' 'server = 127.0.0.2' 'zone = example.org'
conf greedynet one 'type = dns-01' 'server = 127.0.0.3' 'zone = example.net'
conf big big 'type = dns-01' 'server = 127.0.0.3' 'zone = example.net' 'tsig-algorithm = hmac-sha512'
conf deleg acme 'type = dns-01' 'server = 127.0.0.2' 'zone = deleg.example'
conf only acme 'type = dns-01' 'server = 127.0.0.2' 'record = only.deleg.example'
conf lag acme 'type = dns-01' 'server = 127.0.0.2' 'zone = lag.example' 'timeout = 120'
conf lagshort acme 'type = dns-01' 'server = 127.0.0.2' 'zone = lag.example' 'timeout = 1'
conf wrong acme:wrong 'type = dns-01' 'server = 127.0.0.2' 'zone = example.org'
conf wrongnet acme:wrong 'type = dns-01' 'server = 127.0.0.3' 'zone = example.net'
conf nokey other:acme 'type = dns-01' 'server = 127.0.0.2' 'zone = example.org'
conf nokeynet other:acme 'type = dns-01' 'server = 127.0.0.3' 'zone = example.net'
conf nobody acme 'type = dns-01' 'server = 127.0.0.8' 'zone = example.org'
conf secondary acme 'type = dns-01' 'server = 127.0.0.2' 'zone = example.net'
conf persist acme 'type = dns-persist-01' 'server = 127.0.0.2' 'zone = example.org'
conf look - 'type = dns-persist-01'

# solve NAME LINE...: what the solver answers to each, one line each
solve() {
	local name=$1
	shift
	printf '%s\n' "$@" | timeout 120 "$build/tests/integration/acmed_solver" "$dir/$name.conf" "$name"
}
put() { solve "$1" "publish $2 _acme-challenge.$2 $3"; } # SOLVER NAME TEXT
take() { solve "$1" "withdraw $2 _acme-challenge.$2 $3"; }
txt() { dig +short @"$1" "_acme-challenge.$2" TXT; }

# What is gone is asked for at a primary: resolvers remember.
round() { # SOLVER NAME SERVERS...: it publishes, all servers have it, it takes it back
	local solver=$1 name=$2 server
	shift 2
	put "$solver" "$name" "value-of-$solver" | grep -qx '0 ' || { put "$solver" "$name" "value-of-$solver"; return 1; }
	for server; do txt "$server" "$name" | grep -x "\"value-of-$solver\"" || return 1; done
	take "$solver" "$name" "value-of-$solver" | grep -qx '0 ' || return 1
	! txt "${1/%4/2}" "$name" | grep value
}
ok "BIND: published everywhere, and taken back" round org www.example.org 127.0.0.2 127.0.0.3
ok "Knot: the same" round net www.example.net 127.0.0.3 127.0.0.2
ok "over IPv6" round v6 www.example.org 127.0.0.2 127.0.0.3
ok "Knot with hmac-sha512" round big www.example.net 127.0.0.3 127.0.0.2
ok "one record of BIND by a key that can do no more; its zone is found" round one one.example.org 127.0.0.2 127.0.0.3
ok "one record of Knot" round onenet one.example.net 127.0.0.3 127.0.0.2
ok "a CNAME record leads into the zone" round deleg alias.example.org 127.0.0.4
is "and out of it" "" "$(txt 127.0.0.2 alias.deleg.example)"
ok "and to one record" round only only.example.org 127.0.0.4
is "and out" "" "$(dig +short @127.0.0.2 only.deleg.example TXT)"

# ---- several values at one name; more than a datagram holds
many() {
	local i lines=()
	for i in $(seq 10); do lines+=("publish x.example.org _acme-challenge.x.example.org value-$i-0123456789012345678901234567890123456789"); done
	solve org "${lines[@]}" | sort | uniq -c | grep -qE '^ *10 0 $' && [ "$(txt 127.0.0.3 x.example.org | wc -l)" = 10 ] || return 1
	solve org "withdraw x.example.org _acme-challenge.x.example.org value-3-0123456789012345678901234567890123456789" | grep -qx '0 ' &&
		[ "$(txt 127.0.0.2 x.example.org | wc -l)" = 9 ] && ! txt 127.0.0.2 x.example.org | grep -q value-3-
}
ok "values stand side by side, past 512 octets, and one is taken away" many
twice() { # two orders with one authorization
	solve org "publish t.example.org _acme-challenge.t.example.org v" "publish t.example.org _acme-challenge.t.example.org v" \
		"withdraw t.example.org _acme-challenge.t.example.org v" >/dev/null
	txt 127.0.0.2 t.example.org | grep -qx '"v"'
}
ok "what was published twice is there until it was taken back twice" twice

# ---- what a solver may not
says "another zone" 'may not change _acme-challenge.www.example.com.*authority is TXT records _acme-challenge.\* in the zone example.org' \
	put org www.example.com v
says "a zone that ends alike" 'may not change' put org wwwexample.org v
says "another name in its zone" 'may not change www.example.org' solve org "publish www.example.org www.example.org v"
says "a CNAME that leads out" 'may not change _acme-challenge.astray.example.org.*by CNAME www.example.org' put org astray.example.org v
says "CNAMEs without end" 'more than 8 CNAME' put deleg loop.example.org v
says "another record than its own" 'authority is one record, _acme-challenge.one.example.org' put one two.example.org v
says "the other kind of name" 'may not change _validation-persist' solve org "publish www.example.org _validation-persist.www.example.org v"
says "no name at all" '-22 ' solve org "publish x ../../etc v"
is "nothing of that was done" "" "$(dig +short @127.0.0.2 www.example.org TXT)$(txt 127.0.0.2 two.example.org)"
says "the server's policy counts as well: BIND" 'REFUSED.*update-policy' put greedy www.example.org v
says "Knot" 'BADKEY.*acl' put greedynet www.example.net v

# ---- keys, clocks, servers
says "a wrong key: BIND" 'BADSIG.*tsig-key-file' put wrong www.example.org v
says "Knot" 'BADSIG.*tsig-key-file' put wrongnet www.example.net v
says "an unknown key: BIND" 'BADKEY.*same name and algorithm' put nokey www.example.org v
says "Knot" 'BADKEY.*same name and algorithm' put nokeynet www.example.net v
says "a wrong clock: BIND" '(36[0-9][0-9]|359[0-9]) s apart.*synchronise' env SKEW=3600 bash -c "printf '%s\n' 'publish w _acme-challenge.www.example.org v' |
	'$build/tests/integration/acmed_solver' '$dir/org.conf' org"
says "Knot" 'BADTIME.*synchronise' env SKEW=-3600 bash -c "printf '%s\n' 'publish w _acme-challenge.www.example.net v' |
	'$build/tests/integration/acmed_solver' '$dir/net.conf' net"
says "no server" '127.0.0.8: no name server listens there' put nobody www.example.org v
says "not the primary" 'REFUSED.*not the primary' put secondary www.example.net v
conf everybody acme 'type = dns-01' 'server = 127.0.0.2' 'zone = example.org'
cp "$dir/acme.key" "$dir/open.key" && chmod 644 "$dir/open.key" && sed -i "s,/acme.key,/open.key," "$dir/everybody.conf"
fails "a key that everybody can read" 'everybody can read this key' put everybody www.example.org v
says "a second withdrawal is none's loss" '^0 $' take org www.example.org never

# ---- servers that are late, or away
put lag www.lag.example late >"$dir/late" &
late=$!
ok "a secondary that was not told: the primary has it" soon dns_has 127.0.0.2 _acme-challenge.www.lag.example TXT '"late"'
is "and nobody is told that it is published" "" "$(cat "$dir/late")"
ok "the secondary takes the zone" knotc -s "$dir/knot.sock" zone-refresh lag.example
wait $late
is "now it is published" "0 " "$(cat "$dir/late")"
says "or the time is over, and it says whose fault that is" 'after 1 s: ns2.lag.example \(127.0.0.3\) does not have it' put lagshort x.lag.example v
is "then it is gone from the primary" "" "$(txt 127.0.0.2 x.lag.example)"
# killed between publication and validation: whoever comes next takes it away, by what was written down
mkfifo "$dir/pipe"
"$build/tests/integration/acmed_solver" "$dir/org.conf" org <>"$dir/pipe" >"$dir/killed" 2>&1 &
killed=$!
echo "publish k.example.org _acme-challenge.k.example.org left" >"$dir/pipe"
ok "a solver is killed after it published" soon grep -qx '0 ' "$dir/killed"
kill -9 $killed "$(pgrep -P $killed)" && wait $killed 2>/dev/null
is "its record is there" '"left"' "$(txt 127.0.0.2 k.example.org)"
says "the next one takes it away" '^0 $' take org k.example.org left
is "it is gone" "" "$(txt 127.0.0.2 k.example.org)"

# ---- servers that make no sense: each answer by UDP and TCP
python3 tests/integration/acmed_dns_odd.py 127.0.0.9 127.0.0.10 127.0.0.11 127.0.0.12 >"$dir/odd.log" 2>&1 &
pids+=($!)
ok "odd servers" soon grep -q ready "$dir/odd.log"
odd=("noise|makes no sense" "another id|makes no sense" "cut, and no TCP|needs TCP, and there no name server listens"
	"the head alone|makes no sense" "no signature|is not signed" "a name that points at itself|makes no sense"
	"the connection ends in the middle|ended the connection")
asked=()
for i in "${!odd[@]}"; do
	conf "odd$i" acme 'type = dns-01' "server = 127.0.0.9:$((5301 + i))" 'zone = example.org'
	put "odd$i" www.example.org v >"$dir/odd$i" 2>&1 &
	asked+=($!)
done
wait "${asked[@]}"
for i in "${!odd[@]}"; do says "${odd[i]%|*}" "${odd[i]#*|}" cat "$dir/odd$i"; done
# ---- and servers that say nothing: two addresses of one that has another; one that has no other
conf dead acme 'type = dns-01' 'server = 127.0.0.2' 'zone = dead.example'
conf silent acme 'type = dns-01' 'server = 127.0.0.2' 'zone = dead.example' 'check = 127.0.0.2, 127.0.0.12' 'timeout = 1'
put silent silent.dead.example v >"$dir/silent" 2>&1 &
silent=$!
ok "addresses without an answer do not count beside one with" round dead www.dead.example 127.0.0.2
heard=$(grep -E '127.0.0.1[01]$' "$dir/odd.log")
is "none is waited for before the others are asked" "udp 127.0.0.10 udp 127.0.0.11 " "$(head -2 <<<"$heard" | sort | tr '\n' ' ')"
is "and each was asked in every way" "tcp 127.0.0.10 tcp 127.0.0.11 " "$(grep tcp <<<"$heard" | sort -u | tr '\n' ' ')"
wait $silent
says "a server that has no other: it says which" '127.0.0.12 .*it does not answer' cat "$dir/silent"

# ---- a CA that reads it: pebble
pebble_certificate "$dir" || exit 1
softhsm_token "$dir" || exit 1
export PEBBLE_DNS=127.0.0.4:53
# order SOLVER TYPE NAMES
order() {
	DNS_SOLVER="$build/tests/integration/acmed_solver $dir/$1.conf $1" DNS_TYPE=$2 DNS_NAMES=$3 timeout 120 "$build/tests/acme_client" \
		https://localhost:14000/dir "$dir/ca.pem" "$dir/roots.pem" dns
}
pebble_start "$dir" plain || exit 1
ok "pebble: a name, its wildcard, another" order org dns-01 "www.example.org *.www.example.org example.org"
ok "by Knot" order net dns-01 "www.example.net *.www.example.net"
ok "by a CNAME record" order deleg dns-01 alias.example.org
is "all is taken back" "" "$(txt 127.0.0.2 www.example.org)$(txt 127.0.0.2 example.org)$(txt 127.0.0.2 alias.deleg.example)$(txt 127.0.0.3 www.example.net)"
pebble_stop

# ---- dns-persist-01
export ACMED_CA_DNS=127.0.0.4
acmed_ca_start "$dir" "$build/tests/acmed-ca" || exit 1
account='ca.example; accounturi=https://localhost:14000/account/1'
persist() { dig +short @127.0.0.2 "_validation-persist.$1" TXT; }
says "without a key: the line that has to be added" "add the record: _validation-persist.www.example.org. IN TXT \"$account\"" \
	solve look "publish www.example.org _validation-persist.www.example.org $account"
ok "published once, and the CA believes it" order persist dns-persist-01 "www.example.org *.example.org"
is "it stays" "\"$account\"" "$(persist www.example.org)"
is "the wildcard's as well" "\"$account; policy=wildcard\"" "$(persist example.org)"
ok "again: nothing new" order persist dns-persist-01 "www.example.org"
is "one record" 1 "$(persist www.example.org | wc -l)"
ok "now the solver without a key finds it" order look dns-persist-01 "www.example.org"
says "another account's will not do" 'add the record' \
	solve look "publish www.example.org _validation-persist.www.example.org ca.example; accounturi=https://localhost:14000/account/2"
pebble_stop
finish
