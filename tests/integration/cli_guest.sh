#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: the capcert command on the real module, as root and as others: stores, verifiers, exec, outcomes, audit.

# shellcheck disable=SC2016 # programs for another shell
cd "$(dirname "$0")/../.." || exit 1
if [ -z "${CLI_SESSION:-}" ]; then
	export CLI_SESSION=1
	exec keyctl session cli "$0" 2>&1
fi
# Others must reach the programs too, wherever the tree lies.
bin=$(mktemp -d /tmp/cli-bin.XXXXXX)
chmod 755 "$bin"
install -m 755 build/bin/capcert build/bin/capcert-verifyd build/tests/demo/service build/tests/demo/backend "$bin/"
export PATH=$bin:$PATH
dir=$(mktemp -d /tmp/cli.XXXXXX)
chmod 755 "$dir"
verifyd=
# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc
cleanup() {
	[ -z "$verifyd" ] || kill "$verifyd" 2>/dev/null
	keyctl clear @s 2>/dev/null
	rm -rf "$dir" "$bin"
}
trap cleanup EXIT

# jsonl EXPRESSION CMD...: CMD prints one object per line.
jsonl() {
	local expression=$1
	shift
	"$@" >"$dir/json" || return 1
	python3 -c 'import json, sys
j = [json.loads(l) for l in open(sys.argv[1])]
assert eval(sys.argv[2]), j' "$dir/json" "$expression"
}

make_certs() {
	local name
	cat >"$dir/ext" <<-END
		[ca]
		basicConstraints = critical, CA:TRUE
		keyUsage = critical, keyCertSign, cRLSign
		subjectKeyIdentifier = hash
		[leaf]
		basicConstraints = CA:FALSE
		keyUsage = critical, digitalSignature
		extendedKeyUsage = serverAuth
		subjectAltName = DNS:www.example.org
		authorityKeyIdentifier = keyid
	END
	for name in one two leaf; do
		openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$dir/$name.key" || return 1
	done
	for name in one two; do
		openssl req -new -x509 -key "$dir/$name.key" -subj "/CN=root $name" -days 3000 -out "$dir/$name.pem" || return 1
	done
	openssl req -new -key "$dir/leaf.key" -subj /CN=www.example.org -out "$dir/req" &&
		openssl x509 -req -in "$dir/req" -CA "$dir/one.pem" -CAkey "$dir/one.key" -days 80 -set_serial 77 \
			-extfile "$dir/ext" -extensions leaf -out "$dir/leaf.pem" &&
		cat "$dir/one.pem" "$dir/two.pem" >"$dir/both.pem" && chmod 644 "$dir"/*.pem
}
make_certs >"$dir/log" 2>&1 || { cat "$dir/log"; echo "Bail out! openssl could not make the certificates"; exit 1; }
spki() { openssl x509 -in "$1" -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1; }
print_of() { openssl x509 -in "$1" -outform DER | sha256sum | cut -d' ' -f1; }
pin1=$(spki "$dir/one.pem") print1=$(print_of "$dir/one.pem") print2=$(print_of "$dir/two.pem")

if ! capcert feature --json | grep -q '"verify": [1-9]'; then
	capcert-verifyd >"$dir/verifyd.log" 2>&1 &
	verifyd=$!
	for _ in {1..600}; do
		capcert feature --json | grep -q '"verify": [1-9]' && break
		sleep 0.1
	done
fi
ok "feature: module and agent" holds "j['module']['abi']==1 and j['module']['agents']['verify']>=1 and j['landlockAbi']>=1" \
	capcert feature --json

# ---- stores ----
ok "trust new"			ends 0 '' capcert trust new web
store=$(keyctl search @s captrust web)
ok "the new key is its possessor's alone"	bash -c "keyctl rdescribe $store | grep -q '^captrust;0;0;3f000000;web$'"
ok "trust list of an empty store"	ends 0 '0 anchors' capcert trust list web
ok "add with a wrong pin"	ends 3 'pinned' capcert trust add web "$dir/one.pem" --pin "sha256:$print1"
ok "... adds nothing"		ends 0 '0 anchors' capcert trust list web
ok "add with the right pin"	ends 0 '1 added' capcert trust add web "$dir/one.pem" --pin "sha256:$pin1"
ok "add again"			ends 0 '1 there already' capcert trust add web "$dir/one.pem" --pin "sha256:$pin1"
ok "add all of a file"		ends 0 '1 added, 1 there already' capcert trust add web "$dir/both.pem" --all --pin-from-cert
ok "add for another purpose"	ends 0 '1 added' capcert trust add web "$dir/two.pem" --pin-from-cert --purpose codeSigning
ok "trust list as JSON"		holds "{a['fingerprint'] for a in j['anchors']}=={'$print1','$print2'} and [len(a['purposes']) for a in j['anchors'] if a['fingerprint']=='$print2']==[2]" \
	capcert trust list web --json
ok "keyctl print agrees"	bash -c "keyctl print $store | grep -q $print1"
ok "trust list by serial"	ends 0 '2 anchors' capcert trust list "$store"
ok "trust list by type:name"	ends 0 '2 anchors' capcert trust list captrust:web
ok "trust list of a stranger"	ends 3 'keyctl show' capcert trust list nothing
ok "a verifier is no store"	ends 2 'trust store is needed' capcert trust list capverify:web
ok "trust export is what was added" bash -c "capcert trust export web | openssl storeutl -noout -certs /dev/stdin | grep -q 'Total found: 2'"
ok "trust export --der"		bash -c "capcert trust export web --der | capcert cert show --json - | grep -q $print2"
ok "restrict: by fingerprint"	ends 0 '1 anchors' capcert trust restrict web --fingerprint "$print1"
ok "restrict: by exclusion"	ends 0 "$print2" capcert trust restrict web --exclude "$print1"
ok "restrict: by subject"	ends 0 "$print2" capcert trust restrict web --subject-of "$dir/two.pem"
ok "restrict: by purpose"	ends 0 "$print2" capcert trust restrict web --purpose codeSigning
ok "restrict: all must hold"	ends 0 '0 anchors' capcert trust restrict web --purpose codeSigning --fingerprint "$print1"
ok "restrict: to a program"	holds "j['view']=='snapshot' and j['count']==1 and j['rights']==['INFO','READ']" \
	capcert trust restrict web --fingerprint "$print1" --rights INFO+READ --as one -- capcert handle info fd:one --json
ok "restrict: more than the kind may hold"	ends 2 'are no rights' capcert trust restrict web --rights FLY -- true
ok "remove: none matches"	ends 3 '' capcert trust remove web --fingerprint "$pin1"
ok "remove by subject"		ends 0 '1 removed' capcert trust remove web --subject-of "$dir/two.pem"
ok "remove by fingerprint"	ends 0 '1 removed' capcert trust remove web --fingerprint "$print1"
ok "... and it is gone"		ends 0 '0 anchors' capcert trust list web
roots=/etc/ssl/certs/ca-certificates.crt
ok "150 roots in one go"	ends 0 "$(grep -c BEGIN $roots) added" capcert trust add web $roots --all --pin-from-cert
ok "... and all of them back"	holds "len(j['anchors'])==$(grep -c BEGIN $roots)" capcert trust list web --json

# ---- verifiers ----
ok "verifier new"		ends 0 '' capcert verifier new judge 'preset=webpki-lenient;time=any'
ok "verifier show: canonical text"	bash -c "diff <(capcert verifier show judge | grep -v '^#') <(capcert verifier check 'preset=webpki-lenient;time=any')"
ok "verifier show as JSON"	holds "j['callerMayChooseTime'] and j['policy']['time']=='any'" capcert verifier show judge --json
ok "verifier new with a preset"	ends 0 '' capcert verifier new now --preset webpki-lenient @s
ok "verifier new: bad text"	ends 2 'no policy' capcert verifier new bad 'preset=webpki-lenient;x=1'

# ---- verify: through the kernel and in this process ----
capcert trust new one >/dev/null
capcert trust add one "$dir/one.pem" --pin-from-cert >/dev/null
# same STATUS ARG...: both ways agree in every field but those that only the kernel has.
same() {
	local want=$1 kernel=0 inside=0
	shift
	capcert verify --store "${store_name:-one}" --verifier judge --json "$@" >"$dir/k" || kernel=$?
	capcert verify --local --roots "$dir/one.pem" --policy 'preset=webpki-lenient;time=any' --json "$@" >"$dir/l" || inside=$?
	[ "$kernel,$inside" = "$want,$want" ] || { echo "exit statuses $kernel and $inside"; return 1; }
	python3 -c '
import json, sys
k, l = (json.load(open(p)) for p in sys.argv[1:])
only = {"engine", "cached", "fetchedBefore", "storeId", "storeVersion", "storeOrigin", "policyId", "policyOrigin",
	"distrustGeneration", "auditSequence", "clock"}
if k["timeChosenBy"] == "now":
	only |= {"time", "validFrom"}
for key in (set(k) | set(l)) - only:
	assert k.get(key) == l.get(key), (key, k.get(key), l.get(key))' "$dir/k" "$dir/l"
}
later=$(($(date +%s) + 86400))
ok "verify: valid, now"		same 0 --name www.example.org "$dir/leaf.pem"
ok "verify: valid, at a time"	same 0 --name www.example.org --time $later "$dir/leaf.pem"
ok "verify: wrong name"		same 1 --name www.example.net --time $later "$dir/leaf.pem"
ok "verify: expired"		same 1 --name www.example.org --time 2099-01-01 "$dir/leaf.pem"
ok "verify: not yet valid"	same 1 --time 2001-01-01 "$dir/leaf.pem"
capcert trust new client >/dev/null
capcert trust add client "$dir/one.pem" --pin-from-cert --purpose tlsClientAuth >/dev/null
store_name=client
ok "verify: wrong purpose of the leaf"	same 1 --purpose tlsClientAuth --time $later "$dir/leaf.pem"
store_name=
ok "verify: wrong purpose of the anchor"	ends 1 unknownAnchor capcert verify --store client --verifier judge "$dir/leaf.pem"
ok "verify: unknown anchor"	ends 1 unknownAnchor capcert verify --store web --verifier judge "$dir/leaf.pem"
ok "verify: answered from the cache"	bash -c "capcert verify --store one --verifier now '$dir/leaf.pem' && capcert verify --store one --verifier now '$dir/leaf.pem' | grep -q 'from the cache'"
ok "verify: the policy forbids a time"	ends 3 'time=any' capcert verify --store one --verifier now --time 0 "$dir/leaf.pem"
ok "verify: a store is no verifier"	ends 2 'is needed here' capcert verify --store one --verifier captrust:one "$dir/leaf.pem"

# ---- exec ----
with=(--with store=captrust:one:VERIFY --with verifier=capverify:judge:VERIFY)
verify=(capcert verify --name www.example.org "$dir/leaf.pem")
ok "exec: a program verifies with what it inherits"	ends 0 valid capcert exec "${with[@]}" -- "${verify[@]}"
ok "exec: as nobody"		ends 0 valid capcert exec "${with[@]}" --user nobody -- "${verify[@]}"
ok "exec: CAPCERT_FDS"		ends 0 'store=3,verifier=4' capcert exec "${with[@]}" -- sh -c 'echo $CAPCERT_FDS'
many=()
for ((i = 1; i <= 1000; i++)); do many+=(--with "h$i=captrust:one:VERIFY"); done
ok "exec: a thousand handles"	ends 0 'h1000=1002' capcert exec "${many[@]}" -- sh -c 'ls /proc/self/fd | grep -q 1002 && echo "${CAPCERT_FDS##*,}"'
install -D -m 644 data/curl/.curlrc "${bin%/*}/share/capcert/curl/.curlrc"
ok "exec: 64 beside a CA file"	ends 0 'h64=66' capcert exec "${many[@]:0:128}" --ca-file one -- sh -c 'echo $CAPCERT_FDS'
ok "exec: ... and not 65"	ends 2 'more than 64 handles and inherited sockets, with --ca-file' capcert exec "${many[@]:0:130}" --ca-file one -- true
ok "exec: more than may be open"	ends 3 'ulimit -Hn' bash -c 'ulimit -Hn 1500 && exec capcert "$@"' - exec "${many[@]}" -- true
ok "exec: five files and the one that ls opens"	bash -c "[ \"\$(capcert exec ${with[*]} -- ls /proc/self/fd | xargs)\" = '0 1 2 3 4 5' ]"
ok "exec: ids of nobody"	ends 0 'uid=65534' capcert exec --user nobody -- id
ok "exec: no capabilities, no new privileges"	ends 0 '' capcert exec --user nobody -- sh -c \
	'grep -q "^CapEff:.0000000000000000" /proc/self/status && grep -q "^NoNewPrivs:.1" /proc/self/status'
ok "exec: a session of its own"	ends 0 '' capcert exec "${with[@]}" -- sh -c '! keyctl show @s | grep -q captrust'
ok "exec: a child does not have a bound handle"	ends 3 TRANSFER capcert exec "${with[@]}" -- sh -c "${verify[*]}; exit \$?"
ok "exec: with TRANSFER it has"	ends 0 valid capcert exec --with store=captrust:one:VERIFY+TRANSFER \
	--with verifier=capverify:judge:VERIFY+TRANSFER -- sh -c "${verify[*]}; exit \$?"
ok "exec: no right to read"	ends 3 '' capcert exec "${with[@]}" -- capcert trust list fd:store
ok "exec: no right to look"	ends 3 '' capcert exec "${with[@]}" -- capcert handle info fd:store
ok "exec: no right to add"	ends 3 '' capcert exec "${with[@]}" -- capcert trust add fd:store "$dir/two.pem" --pin-from-cert
ok "exec: rights cannot grow"	ends 3 '' capcert exec --with store=captrust:one:VERIFY+RESTRICT -- \
	capcert exec --with more=fd:store:VERIFY+ADD -- true
ok "exec: passing on with fewer"	holds "j['rights']==['INFO']" capcert exec --with store=captrust:one:ALL -- \
	capcert exec --with less=fd:store:INFO -- capcert handle info fd:less --json
ok "exec: a narrower view"	ends 1 unknownAnchor capcert exec "${with[@]}" --restrict "store=exclude:$print1" -- "${verify[@]}"
ok "exec: two restrictions together"	holds "j['count']==0 and j['view']=='live'" capcert exec --with store=captrust:one:INFO \
	--restrict "store=fingerprint:$print1/purpose:codeSigning" --restrict store=live -- capcert handle info fd:store --json

# ---- verify --explain ----
why=(capcert verify --explain --name www.example.org "$dir/leaf.pem")
ok "explain: through the kernel"	ends 1 'the certificate is for www.example.org' capcert verify --explain --store one --verifier judge \
	--name www.example.net "$dir/leaf.pem"
ok "explain: says who says it"	ends 1 'asked again in this process, at the time of the verdict' capcert verify --explain --store one \
	--verifier now --name www.example.net "$dir/leaf.pem"
ok "explain: what would help"	ends 1 'would be valid without the name' capcert verify --explain --store one --verifier now \
	--name www.example.net "$dir/leaf.pem"
readable=(--with store=captrust:one:VERIFY+READ+INFO --with verifier=capverify:now:VERIFY+READ --with parent=captrust:one:READ+INFO)
ok "explain: excluded by the restriction"	ends 1 'is in fd:parent but not in this store; it is excluded by the restriction' \
	capcert exec "${readable[@]}" --restrict "store=exclude:$print1" -- "${why[@]}" --beyond fd:parent
ok "explain: a restricted view, and a file"	ends 1 "is in $dir/one.pem but not in this store; this store is a restricted view" \
	capcert exec "${readable[@]}" --restrict "store=exclude:$print1" -- "${why[@]}" --beyond "$dir/one.pem"
ok "explain: JSON, and the kernel's own fields"	holds "j['engine']=='kernel' and j['explained'] and j['advice'][0]['beyond']=='fd:parent'" \
	capcert exec "${readable[@]}" --restrict "store=exclude:$print1" -- "${why[@]}" --beyond fd:parent --json
ok "explain: which right is missing"	ends 1 'with the right READ on the store more could be said' \
	capcert exec "${with[@]}" --restrict "store=exclude:$print1" -- "${why[@]}"
ok "explain: ... and on the verifier"	ends 0 'with the right READ on the verifier more could be said' \
	capcert exec --with store=captrust:one:VERIFY+READ --with verifier=capverify:judge:VERIFY -- "${why[@]}"
ok "explain: an anchor for another purpose"	ends 1 'is in the store, but trusted for tlsClientAuth only, not for tlsServerAuth' \
	capcert verify --explain --store client --verifier judge "$dir/leaf.pem"
ok "explain: ... which would do for this one"	ends 1 'which this store has, were trusted for tlsServerAuth' \
	capcert verify --explain --store client --verifier judge --beyond "$dir/one.pem" "$dir/leaf.pem"
ok "explain: a valid chain"	ends 0 'its life ends first with' capcert verify --explain --store one --verifier judge "$dir/leaf.pem"

# service STATEMENT... [-- EXEC-ARG...]: run the demo's service under exec, tell it, print its answers.
service() {
	local said=()
	while [ $# -gt 0 ] && [ "$1" != -- ]; do said+=("$1") && shift; done
	[ $# = 0 ] || shift
	printf '%s\n' "${said[@]}" | capcert exec "$@" -- service
}
# finds_nothing EXEC-ARG...: no way to the original from inside.
finds_nothing() {
	service "find one:$(keyctl search @s captrust one)" -- "${with[@]}" "$@" >"$dir/found"
	cat "$dir/found"
	[ "$(grep -c 'ENO\|EACCES\|EPERM' "$dir/found")" = 11 ] && ! grep -q FOUND "$dir/found"
}
ok "as another user nothing is found, described or opened"	finds_nothing --user nobody
ok "... nor with the key calls denied"	finds_nothing --user nobody --no-keyctl
ok "--no-keyctl: every key call is EPERM"	bash -c "[ \$(printf 'find one:1\n' | capcert exec --no-keyctl -- service | grep -c 'key.*EPERM') = 8 ]"

# The same user: what an ordinary user gives to his own program.
cat >"$dir/same-user" <<-END
	export PATH=$bin:\$PATH
	capcert trust new mine >/dev/null && capcert verifier new tls --preset webpki-lenient >/dev/null &&
	capcert trust add mine $dir/one.pem --pin-from-cert >/dev/null || exit 9
	find=\$(keyctl search @s captrust mine)
	for option in "" --no-keyctl; do
		echo "find mine:\$find" | capcert exec --with store=captrust:mine:VERIFY --with verifier=capverify:tls:VERIFY \$option -- service
	done
	capcert exec --with store=captrust:mine:VERIFY --with verifier=capverify:tls:VERIFY -- ${verify[*]}
END
same_user() {
	setpriv --reuid 65534 --regid 65534 --clear-groups keyctl session user bash "$dir/same-user" >"$dir/found" 2>&1 || { cat "$dir/found"; return 1; }
	cat "$dir/found"
	[ "$(grep -c 'ENO\|EACCES\|EPERM' "$dir/found")" = 22 ] && ! grep -q FOUND "$dir/found" && grep -q '^valid' "$dir/found"
}
ok "an ordinary user's own program finds nothing either"	same_user
ok "an ordinary user may not read the audit log"	ends 3 CAP_AUDIT_READ setpriv --reuid 65534 --regid 65534 --clear-groups \
	"$bin/capcert" audit tail

# ---- snapshot and live ----
views() {
	local pid before after
	capcert trust new views >/dev/null || return 1
	mkfifo "$dir/in" "$dir/out"
	capcert exec --with "store=captrust:views:VERIFY" --restrict "store=$1" --with verifier=capverify:judge:VERIFY -- \
		service <"$dir/in" >"$dir/out" &
	pid=$!
	exec 7>"$dir/in" 8<"$dir/out"
	echo "verify www.example.org $dir/leaf.pem" >&7
	read -r before <&8 && read -r _ <&8
	capcert trust add views "$dir/one.pem" --pin-from-cert >/dev/null
	echo "verify www.example.org $dir/leaf.pem" >&7
	read -r after <&8
	exec 7>&- 8<&-
	wait "$pid"
	rm -f "$dir/in" "$dir/out"
	keyctl unlink "$(keyctl search @s captrust views)" @s
	echo "before: $before; after: $after"
	[[ $before == invalid:\ unknownAnchor* ]] && [[ $after == $2* ]]
}
ok "a live view follows its store"	views live valid:
ok "a snapshot does not"		views purpose:tlsServerAuth 'invalid: unknownAnchor'

# ---- outcomes ----
pass=(capcert verify --store one --verifier judge --name www.example.org "$dir/leaf.pem" --)
ok "outcome show"		ends 0 'superseded       no' "${pass[@]}" capcert outcome show
ok "outcome: no handle for an invalid chain"	ends 1 nameMismatch capcert verify --store one --verifier judge --name x.example \
	"$dir/leaf.pem" -- touch "$dir/must-not-run"
ok "... and no program"		test ! -e "$dir/must-not-run"
ok "outcome require: holds"	ends 0 holds "${pass[@]}" capcert outcome require --name www.example.org
ok "outcome require: another name"	ends 1 'of another name' "${pass[@]}" capcert outcome require --name www.example.net
ok "outcome require: another purpose"	ends 1 'of another' "${pass[@]}" capcert outcome require --purpose codeSigning
ok "outcome require: another policy"	ends 1 'of another' "${pass[@]}" capcert outcome require --policy-digest "$print1"
ok "outcome require: the system's store"	ends 1 'of another' "${pass[@]}" capcert outcome require --system-store
ok "outcome require: a time of the caller's"	ends 1 'or time' capcert verify --store one --verifier judge --time $later \
	"$dir/leaf.pem" -- capcert outcome require
ok "outcome require: not an outcome"	ends 1 'not an outcome' capcert exec --with outcome=captrust:one:READ -- capcert outcome require
passed() {
	timeout 120 capcert outcome recv "$dir/socket" --json >"$dir/received" 2>&1 &
	local peer=$!
	for _ in {1..600}; do [ -S "$dir/socket" ] && break; sleep 0.1; done
	"${pass[@]}" capcert outcome send "$dir/socket" || { kill "$peer"; return 1; }
	wait "$peer" || return 1
	holds "j['valid'] and j['name']=='www.example.org' and not j['superseded']" cat "$dir/received"
}
ok "outcome send and recv"	passed
superseded() {
	local status=0 pid
	rm -f "$dir/started" "$dir/changed"
	"${pass[@]}" sh -c "touch $dir/started; while [ ! -e $dir/changed ]; do sleep 0.1; done
		capcert outcome show; capcert outcome require; capcert outcome require --allow-superseded" >"$dir/said" 2>&1 &
	pid=$!
	for _ in {1..600}; do [ -e "$dir/started" ] && break; sleep 0.1; done
	capcert trust add one "$dir/two.pem" --pin-from-cert >/dev/null
	touch "$dir/changed"
	wait "$pid" || status=$?
	cat "$dir/said"
	[ "$status" = 0 ] && grep -q 'superseded.*yes' "$dir/said" && grep -q '^no: superseded' "$dir/said"
}
ok "outcome: superseded by a change of the store" superseded

# ---- revocation, expiry ----
capcert trust new gone >/dev/null
capcert trust add gone "$dir/one.pem" --pin-from-cert >/dev/null
gone=$(keyctl search @s captrust gone)
ok "a revoked store"		bash -c "keyctl revoke $gone; capcert verify --store $gone --verifier judge '$dir/leaf.pem' 2>&1 | grep -q revoked"
capcert trust new short >/dev/null
keyctl timeout "$(keyctl search @s captrust short)" 1
sleep 2
ok "an expired store"		ends 3 '' capcert trust list short

# ---- handles, audit ----
ok "handle info of a key"	holds "j['kind']=='trust store' and j['serial']==$store and j['count']>100 and j['origin']=='user'" \
	capcert handle info captrust:web --json
held() {
	capcert exec "${with[@]}" -- sleep 300 &
	local pid=$! status=0
	for _ in {1..600}; do [ "$(readlink "/proc/$pid/exe")" = "$(readlink -f "$(command -v sleep)")" ] && break; sleep 0.1; done
	holds "[(h['fd'],h['kind'],h['rights']) for h in j]==[(3,'trust store','VERIFY'),(4,'verifier','VERIFY')]" \
		capcert handle list "$pid" --json || status=1
	kill "$pid"
	return "$status"
}
ok "handle list of a process"	held
ok "audit tail: ten records"	jsonl "len(j)>=10" capcert audit tail -n 10 --json
ok "audit tail: no gaps"	jsonl "[r['sequence'] for r in j if 'sequence' in r]==list(range([r for r in j if 'sequence' in r][0]['sequence'],j[-1]['sequence']+1))" \
	capcert audit tail --all --json
ok "audit tail: denials with who and what"	jsonl "any(r.get('operation')=='deny' and r['error']=='EACCES' and r['uid']==0 for r in j)" \
	capcert audit tail --all --json
ok "audit tail: verdicts with their reasons"	jsonl "{'valid','nameMismatch','expired','unknownAnchor'} <= {r.get('reason') for r in j}" \
	capcert audit tail --all --json
ok "audit tail: added anchors"	jsonl "any(r.get('operation')=='add' and r['digest']=='$print1' for r in j)" capcert audit tail --all --json
followed() {
	capcert audit tail -f -n 1 --json >"$dir/follow" &
	local tail=$! status=1
	for _ in {1..600}; do [ -s "$dir/follow" ] && break; sleep 0.1; done
	capcert verify --store one --verifier judge --name follow.example "$dir/leaf.pem" >/dev/null
	for _ in {1..600}; do grep -q follow.example "$dir/follow" && status=0 && break; sleep 0.1; done
	kill "$tail"
	return "$status"
}
ok "audit tail -f"		followed

# ---- distrust ----
if capcert feature --json | grep -q '"profile": "development"'; then
	ok "distrust add"	ends 0 'done' capcert distrust add "$dir/one.pem" --by key
	ok "... holds at once"	ends 1 distrusted capcert verify --store one --verifier judge "$dir/leaf.pem"
	ok "... explained"	ends 1 'the kernel says distrusted, this process valid: the system'"'"'s distrust list' \
		capcert verify --explain --store one --verifier judge "$dir/leaf.pem"
	ok "distrust remove"	ends 0 'done' capcert distrust remove "$dir/one.pem" --by key
	ok "... holds at once"	ends 0 valid capcert verify --store one --verifier judge "$dir/leaf.pem"
	ok "distrust by serial"	ends 0 'done' capcert distrust add "$dir/leaf.pem" --by serial
	ok "... holds at once"	ends 1 distrusted capcert verify --store one --verifier judge "$dir/leaf.pem"
	ok "distrust remove"	ends 0 'done' capcert distrust remove "$dir/leaf.pem" --by serial
else
	ok "distrust: refused in production"	ends 3 'signed bundles' capcert distrust add "$dir/one.pem"
fi

# ---- certificates as keys ----
openssl x509 -in "$dir/leaf.pem" -outform DER | keyctl padd capcert leaf @s >/dev/null
ok "cert show of a key"		ends 0 'CN=www.example.org' capcert cert show --key capcert:leaf
ok "cert export of a key"	bash -c "capcert cert export --key capcert:leaf | cmp - '$dir/leaf.pem'"

finish
