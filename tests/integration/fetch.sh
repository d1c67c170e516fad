#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: revocation status fetched for verifications: openssl's responder, lists over http, capcert-statusd, the kernel between.

cd "$(dirname "$0")/../.." || exit 1
if [ -z "${FETCH_SESSION:-}" ]; then
	export FETCH_SESSION=1
	exec keyctl session fetch "$0" 2>&1
fi
grep -q '^capcert ' /proc/modules || insmod "$CAPCERT_KO" || exit 1
bin=$(mktemp -d /tmp/fetch-bin.XXXXXX)
chmod 755 "$bin"
install -m 755 build/bin/capcert build/bin/capcert-verifyd build/bin/capcert-statusd build/tests/integration/fetch_many build/tests/integration/verify_async "$bin/"
export PATH=$bin:$PATH
dir=$(mktemp -d /tmp/fetch.XXXXXX)
chmod 755 "$dir"
verifyd='' statusd='' server='' keeper=''
# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc
logs=("$dir/statusd.log")
cleanup() {
	for pid in $verifyd $statusd $server $keeper; do kill "$pid" 2>/dev/null; done
	keyctl clear @s 2>/dev/null
	umount "$dir/cache" 2>/dev/null
	rm -rf "$dir" "$bin"
}
trap cleanup EXIT

# ---- a CA; its responder and its lists behind one port, every request in a log ----
port=8080
at=http://127.0.0.1:$port
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/ca.key" -out "$dir/ca.pem" -days 30 -subj /CN=CA \
	-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign,digitalSignature 2>/dev/null || exit 1
cat >"$dir/ca.cnf" <<-END
	[ca]
	default_ca = it
	[it]
	database = $dir/index
	serial = $dir/serial
	crlnumber = $dir/crlnumber
	new_certs_dir = $dir
	default_md = sha256
	default_crl_days = 7
	policy = any
	crl_extensions = list
	[any]
	commonName = supplied
	[list]
	authorityKeyIdentifier = keyid
END
: >"$dir/index"
echo 1000 >"$dir/serial"
echo 01 >"$dir/crlnumber"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$dir/key" 2>/dev/null
issue() { # NAME DAYS EXTENSION...
	local name=$1 days=$2
	shift 2
	openssl req -new -key "$dir/key" -subj "/CN=$name" -out "$dir/req" 2>/dev/null
	printf '%s\n' 'basicConstraints = CA:FALSE' 'keyUsage = critical, digitalSignature' 'extendedKeyUsage = serverAuth' \
		"subjectAltName = DNS:$name.example" 'authorityKeyIdentifier = keyid' 'subjectKeyIdentifier = hash' "$@" >"$dir/ext"
	openssl ca -batch -config "$dir/ca.cnf" -cert "$dir/ca.pem" -keyfile "$dir/ca.key" -in "$dir/req" -notext -days "$days" \
		-extfile "$dir/ext" -out "$dir/$name.pem" 2>/dev/null || echo "# $name was not issued"
}
ocsp="authorityInfoAccess = OCSP;URI:$at/ocsp" list="crlDistributionPoints = URI:$at/ca.crl"
issue good 20 "$ocsp"
issue bad 20 "$ocsp"
issue listed 20 "$list"
issue struck 20 "$list"
issue stapled 20 "$ocsp" 'tlsfeature = status_request'
issue lost 20 'authorityInfoAccess = OCSP;URI:http://127.0.0.1:9/' 'crlDistributionPoints = URI:http://127.0.0.1:9/ca.crl'
issue inner 20 'authorityInfoAccess = OCSP;URI:http://169.254.7.7/'
issue brief 5
issue many 20 "$ocsp"
issue later 20 "$ocsp"
issue twice 20 "$ocsp"
issue kept 20 "$list"
issue spare 20 "$list?again"
issue other 20 "$list?again"
issue quiet 20 "$ocsp"
for name in bad struck; do
	openssl ca -config "$dir/ca.cnf" -cert "$dir/ca.pem" -keyfile "$dir/ca.key" -revoke "$dir/$name.pem" 2>/dev/null
done
openssl ca -config "$dir/ca.cnf" -cert "$dir/ca.pem" -keyfile "$dir/ca.key" -gencrl -out "$dir/crl.pem" 2>/dev/null
openssl crl -in "$dir/crl.pem" -outform DER -out "$dir/ca.crl"
: >"$dir/requests"
tests/responder "$port" "$dir" >"$dir/server.out" 2>"$dir/server.log" &
server=$!
requests() { wc -l <"$dir/requests"; }

# A disk that can be filled, and is the agent's as tmpfiles.d makes it. It starts with the capabilities that its unit gives.
uid=$(id -u capcert-statusd 2>/dev/null || id -u nobody)
mkdir "$dir/cache" && mount -t tmpfs -o "size=64k,mode=700,uid=$uid,gid=$uid" none "$dir/cache" || exit 1
caps=$(sed -n 's/^CapabilityBoundingSet=//p' data/systemd/capcert-statusd.service | tr 'A-Z ' 'a-z,' | sed 's/cap_/+/g')
start_statusd() {
	setpriv --bounding-set "-all,$caps" capcert-statusd --allow 127.0.0.0/8 --any-port --timeout 30 --cache "$dir/cache" >/dev/null 2>>"$dir/statusd.log" &
	statusd=$!
	for _ in {1..600}; do
		served && return
		kill -0 "$statusd" || break
		sleep 0.1
	done
}
served() { capcert feature --json | grep -q '"status": [1-9]'; }
capcert-verifyd >/dev/null 2>"$dir/verifyd.log" &
verifyd=$!
start_statusd
ok "the status agent starts" served
confined() {
	local status
	status=$(cat "/proc/$statusd/status")
	grep -q '^CapEff:.0000000000000000' <<<"$status" && grep -q '^NoNewPrivs:.1' <<<"$status" && grep -q '^Seccomp:.2' <<<"$status" &&
		grep -q '^Uid:.[1-9]' <<<"$status"
}
ok "locked in, and nobody of consequence" confined
for _ in {1..600}; do
	grep -q ready "$dir/server.out" && break
	sleep 0.1
done

capcert trust new web >/dev/null && capcert trust add web "$dir/ca.pem" --pin-from-cert >/dev/null || exit 1
policy='profile=rfc5280;revocation=staple,ocsp,crl,short-lived'
capcert verifier new hard "$policy;revocation_mode=hard" >/dev/null || exit 1
capcert verifier new soft "$policy;revocation_mode=soft" >/dev/null || exit 1
capcert verifier new nonced "$policy;revocation_mode=hard;ocsp_nonce=require" >/dev/null || exit 1

# verifies STATUS REQUESTS VERIFIER NAME TEXT [OPTION...]: the exit status, how many requests the network saw, what is said.
verifies() {
	local want=$1 most=$2 verifier=$3 name=$4 text=$5 out status=0 before
	shift 5
	before=$(requests)
	out=$(capcert verify --store web --verifier "$verifier" --name "$name.example" "$@" "$dir/$name.pem" 2>&1) || status=$?
	printf '%s\n' "$out"
	[ "$status" = "$want" ] || { echo "exit status $status, not $want"; return 1; }
	grep -qF -- "$text" <<<"$out" || { echo "does not say: $text"; return 1; }
	[ $(($(requests) - before)) = "$most" ] || { echo "$(($(requests) - before)) requests, not $most"; return 1; }
}
ok "not allowed to fetch: refused, nobody asked"	verifies 1 0 hard good ocspUnavailable --no-fetch
# A verifier without FETCH, as a program inherits it.
without() {
	local before
	before=$(requests)
	capcert exec --with store=captrust:web:VERIFY --with "verifier=capverify:hard:$1" -- \
		capcert verify --name good.example "$dir/good.pem" >"$dir/out" 2>&1
	cat "$dir/out"
	grep -q "$2" "$dir/out" && [ $(($(requests) - before)) = "$3" ]
}
ok "a verifier without FETCH: the same"			without VERIFY ocspUnavailable 0
ok "good by OCSP"			verifies 0 1 hard good "good by ocsp, fetched"
ok "again: no network"			verifies 0 0 hard good "as fetched for an earlier verification"
ok "again, with another policy: no network"	verifies 0 0 soft good "good by ocsp, shared"
ok "an inherited verifier with FETCH"	without VERIFY+FETCH valid 0
hits() { capcert feature --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["module"]["cache"]["hits"])'; }
one_hit() {
	local before
	before=$(hits)
	verifies 0 0 hard good valid || return 1
	[ $(($(hits) - before)) = 1 ] || { echo "$(($(hits) - before)) hits of the cache, not 1"; return 1; }
}
ok "again: one hit of the cache"	one_hit
ok "a policy that wants nonces asks for itself"	verifies 0 1 nonced good "good by ocsp, fetched"
ok "again: no network"			verifies 0 0 nonced good "as fetched for an earlier verification"
# status --fetch by the module: what it knows already serves.
by_module() { # STATUS REQUESTS NAME TEXT
	local out status=0 before
	before=$(requests)
	out=$(capcert status --fetch --verifier hard "$dir/$3.pem" --issuer "$dir/ca.pem" 2>&1) || status=$?
	printf '%s\n' "$out" "exit status $status, $(($(requests) - before)) requests"
	[ "$status" = "$1" ] && [ $(($(requests) - before)) = "$2" ] && grep -qE "$4" <<<"$out"
}
ok "status through the module: fetched"	by_module 0 1 twice 'status +good'
ok "the same again, nobody asked"	by_module 0 0 twice 'status +good'
ok "revoked by OCSP"			verifies 1 1 hard bad revoked
ok "in soft mode as well, no network"	verifies 1 0 soft bad revoked
ok "good by a list"			verifies 0 1 hard listed "good by crl, fetched"
ok "revoked by the same list, which is there"	verifies 1 0 hard struck "revoked by crl, kept"
ok "must-staple without a staple"	verifies 1 0 hard stapled mustStapleMissing
openssl ocsp -issuer "$dir/ca.pem" -cert "$dir/stapled.pem" -no_nonce -reqout "$dir/staple.req" >/dev/null 2>&1
openssl ocsp -index "$dir/index" -rsigner "$dir/ca.pem" -rkey "$dir/ca.key" -CA "$dir/ca.pem" -ndays 1 -reqin "$dir/staple.req" \
	-respout "$dir/staple" >/dev/null 2>&1
ok "with one: no network"		verifies 0 0 hard stapled valid --staple "$dir/staple"
ok "unreachable, hard"			verifies 1 0 hard lost ocspUnavailable
ok "... says why"			verifies 1 0 hard lost "no connection"
ok "unreachable, soft"			verifies 0 0 soft lost "nobody answered"
ok "status through the module: nobody there"	by_module 3 0 lost 'no connection|a short while ago'
ok "a network that is not public"	verifies 1 0 hard inner "the host is on no public address"
ok "short-lived, without addresses"	verifies 0 0 hard brief valid
ok "eight side by side, waited for with poll"	verify_async "$(keyctl search @s capverify hard)" "$(keyctl search @s captrust web)" \
	"$dir/good.pem" good.example
summary() {
	capcert audit summary --json >"$dir/summary" && python3 - "$dir/summary" <<-'END'
		import json, sys
		[s] = [s for s in json.load(open(sys.argv[1]))['services'] if s['command'] == 'capcert' and s['uid'] == 0]
		assert s['fetches'] > 5 and s['shared'] and s['unanswered'] and s['lastFetch'], s
		assert s['failures']['revoked'] and s['failures']['mustStapleMissing'] and s['failures']['ocspUnavailable'], s
	END
}
ok "all of it is on record"		summary
# One that asks, and then is given a verifier that may not.
stopped() {
	local quiet=(capcert exec --user nobody --with store=captrust:web:VERIFY --with)
	"${quiet[@]}" verifier=capverify:hard:VERIFY+FETCH -- capcert verify --name quiet.example "$dir/quiet.pem" >/dev/null || return 1
	sleep 1.1
	"${quiet[@]}" verifier=capverify:hard:VERIFY -- capcert verify --name quiet.example "$dir/quiet.pem" >/dev/null
	capcert audit summary --json >"$dir/summary" && python3 - "$dir/summary" <<-'END'
		import json, sys
		[s] = [s for s in json.load(open(sys.argv[1]))['services'] if s['command'] == 'capcert' and s['uid'] == 65534]
		assert s['verifications'] >= 2 and s['fetches'] == 1 and s['lastFetch'] < s['lastVerification'], s
	END
}
ok "who has stopped asking is seen"	stopped
# after the summary: a thousand records push the older ones out of the ring
many() {
	local before
	before=$(requests)
	fetch_many "$(keyctl search @s capverify hard)" "$(keyctl search @s captrust web)" "$dir/many.pem" 500 || return 1
	[ $(($(requests) - before)) = 1 ] || { echo "$(($(requests) - before)) requests"; return 1; }
}
ok "500 at once: one request"		many
kill -9 "$statusd"
wait "$statusd" 2>/dev/null
ok "the agent killed: what is known stays known"	verifies 0 0 hard good "as fetched for an earlier verification"
start_statusd
ok "restarted: it goes on"		verifies 0 1 hard later "good by ocsp, fetched"
ok "with the lists that it had"		verifies 0 0 hard kept "good by crl, kept"

# ---- what an administrator does not want ----
head -c 100k /dev/zero >"$dir/cache/full" 2>/dev/null
ok "a full disk: the list is fetched"	verifies 0 1 hard spare "good by crl, fetched"
ok "kept in memory"			verifies 0 0 hard other "good by crl, kept"
ok "which is said once"			test "$(grep -c 'in memory, not on disk: No space' "$dir/statusd.log")" = 1
rm "$dir/cache/full"
now=$(date +%s)
at_day() { date -s "@$((now + $1 * 86400))" >/dev/null; }
at_day 2
ok "two days later the response is stale, and asked for anew"	verifies 0 1 hard good "good by ocsp, fetched"
at_day 8
ok "eight days later the list is stale, which is seen"	verifies 1 1 hard listed ocspUnavailable
ok "it was not transferred to say so"	grep -qx '/ca.crl 304' "$dir/requests"
at_day 0
ok "the clock set back: it counts again, at once"	verifies 0 1 hard listed "good by crl, fetched"
ok "and what was fetched in the future does not"	verifies 0 1 hard good "good by ocsp, fetched"

# ---- the staple of a slot, by a program with no right to anything but that slot ----
www=web/www.example.org
capcert slot new tls >/dev/null || exit 1
for name in good later; do
	cat "$dir/$name.pem" "$dir/ca.pem" >"$dir/$name.chain"
	capcert slot put tls "$www" --chain "$dir/$name.chain" >/dev/null
done
keep=(capcert exec --with s=capslot:tls:GET+PUT+WATCH --restrict "s=slots:$www" -- \
	capcert ocsp staple --slots fd:s --slot "$www" --allow 127.0.0.0/8 --any-port --timeout 60)
has_staple() { # NAME: openssl believes that the slot has one about this certificate
	rm -f "$dir/slot.staple"
	capcert slot get tls "$www" --staple "$dir/slot.staple" &&
		openssl ocsp -respin "$dir/slot.staple" -issuer "$dir/ca.pem" -cert "$dir/$1.pem" -CAfile "$dir/ca.pem" -no_nonce 2>&1 | grep ': good'
}
has_chain() { capcert slot get tls "$www" --pem | openssl x509 -outform DER | cmp - <(openssl x509 -in "$dir/$1.pem" -outform DER); }
refuses_others() {
	local status=0
	capcert exec --with s=capslot:tls:GET+PUT+WATCH --restrict s=slots:mail/ -- \
		capcert ocsp staple --slots fd:s --slot "$www" --once >"$dir/out" 2>&1 || status=$?
	cat "$dir/out"
	[ "$status" = 3 ] && grep -q 'cannot watch' "$dir/out"
}
ok "another slot's handle is of no use"	refuses_others
ok "a slot without a staple gets one"	"${keep[@]}" --once
ok "which openssl believes"		has_staple later
asked() { # MOST CMD...
	local before status=0
	before=$(requests)
	"${@:2}" || status=$?
	[ $(($(requests) - before)) = "$1" ] && return "$status"
}
ok "fresh enough: nobody is asked"	asked 0 "${keep[@]}" --once
"${keep[@]}" --json >"$dir/keeper.log" 2>&1 &
keeper=$!
ok "it stays, and says when it looks again"	soon grep -q '"due":{' "$dir/keeper.log"
capcert slot put tls "$www" --chain "$dir/good.chain" >/dev/null
ok "another certificate is asked about at once"	soon has_staple good
cp "$dir/slot.staple" "$dir/first.staple"
at_hour() { date -s "@$((now + $1 * 3600))" >/dev/null; }
kept() { has_staple good && cmp "$dir/slot.staple" "$1"; }
refreshed() { has_staple good && ! kept "$dir/first.staple" >/dev/null; }
before=$(requests)
at_hour 11
ok "before half of its life it is kept"	kept "$dir/first.staple"
at_hour 14
ok "past half of it, it is asked for again"	soon refreshed
ok "once"				test $(($(requests) - before)) = 1
rotations() {
	for name in later good later good later good; do
		capcert slot put tls "$www" --chain "$dir/$name.chain" || return 1
	done
	soon has_staple good && has_chain good
}
ok "rotations, one upon the other: none is undone"	rotations
# A responder that is none: of the same name, by another key.
cp "$dir/slot.staple" "$dir/last.staple"
mv "$dir/ca.pem" "$dir/ca.pem.true"
mv "$dir/ca.key" "$dir/ca.key.true"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/ca.key" -out "$dir/ca.pem" -days 30 -subj /CN=CA 2>/dev/null
at_hour 28
ok "a wrong responder is not believed"	soon grep -q '"why":"[^"]*sign' "$dir/keeper.log"
mv "$dir/ca.pem" "$dir/ca.pem.wrong"
mv "$dir/ca.pem.true" "$dir/ca.pem"
ok "the last good response stays"	kept "$dir/last.staple"
at_hour 72
ok "to its end, and is not given out then"	soon sh -c "capcert slot get tls $www | grep -q 'staple *none'"
mv "$dir/ca.key.true" "$dir/ca.key"
at_hour 73
ok "the responder is back"		soon has_staple good
kill "$keeper"
wait "$keeper"
ok "it ends when told"			test $? = 0
at_hour 0
finish
