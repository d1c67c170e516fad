#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: TLS clients that believe by handles: servers of openssl refused for each reason, outcomes passed on, sessions resumed.

cd "$(dirname "$0")/../.." || exit 1
if [ -z "${TLS_SESSION:-}" ]; then
	export TLS_SESSION=1
	exec keyctl session tls "$0" 2>&1
fi
grep -q '^capcert ' /proc/modules || insmod "$CAPCERT_KO" || exit 1
capcert=$PWD/build/bin/capcert client=$PWD/build/tests/integration/tls_client
dir=$(mktemp -d)
verifyd='' servers=()
# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc
cleanup() {
	for pid in $verifyd "${servers[@]}"; do kill "$pid" 2>/dev/null; done
	keyctl clear @s
	rm -rf "$dir"
}
trap cleanup EXIT
ip link set lo up

# ---- a CA, and servers of its making ----
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/ca.key" -out "$dir/ca.pem" -days 30 -subj /CN=CA \
	-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign,digitalSignature 2>/dev/null || exit 1
cat >"$dir/ca.cnf" <<-END
	[ca]
	default_ca = it
	[it]
	database = $dir/index
	serial = $dir/serial
	new_certs_dir = $dir
	default_md = sha256
	policy = any
	[any]
	commonName = supplied
END
: >"$dir/index"
echo 1000 >"$dir/serial"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$dir/key" 2>/dev/null
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$dir/other.key" 2>/dev/null
issue() { # NAME HOST KEY [EXTENSION...] [-- OPTION...]
	local name=$1 host=$2 key=$3
	shift 3
	printf '%s\n' 'basicConstraints = CA:FALSE' 'keyUsage = critical, digitalSignature' 'extendedKeyUsage = serverAuth' \
		"subjectAltName = DNS:$host" >"$dir/ext"
	while [ $# -gt 0 ] && [ "$1" != -- ]; do echo "$1" >>"$dir/ext" && shift; done
	[ $# = 0 ] || shift
	openssl req -new -key "$dir/$key" -subj "/CN=$name" -out "$dir/req" 2>/dev/null
	openssl ca -batch -config "${config:-$dir/ca.cnf}" -cert "$dir/ca.pem" -keyfile "$dir/ca.key" -in "$dir/req" -notext -days 20 \
		-extfile "$dir/ext" -out "$dir/$name.pem" "$@" 2>/dev/null || echo "# $name was not issued"
}
issue good www.example key
issue elsewhere elsewhere.example key
issue old www.example key -- -startdate 20200101000000Z -enddate 20210101000000Z
issue struck www.example key
issue pinless www.example other.key
openssl ca -config "$dir/ca.cnf" -cert "$dir/ca.pem" -keyfile "$dir/ca.key" -revoke "$dir/struck.pem" 2>/dev/null
staple() { # NAME
	openssl ocsp -issuer "$dir/ca.pem" -cert "$dir/$1.pem" -no_nonce -reqout "$dir/req" 2>/dev/null &&
		openssl ocsp -index "$dir/index" -CA "$dir/ca.pem" -rsigner "$dir/ca.pem" -rkey "$dir/ca.key" -reqin "$dir/req" \
			-ndays 1 -respout "$dir/$1.ocsp" >/dev/null 2>&1
}
staple good && staple struck || exit 1

# ---- two logs of two operators, known to the system by a signed bundle, and what they say of certificates ----
keys=$PWD/build/dev-bundle
grep -q development <("$capcert" feature 2>/dev/null) || keys=$PWD/build/test-bundle
for log in log1 log2 log3; do openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$dir/$log" 2>/dev/null; done
logs_known() {
	tests/log-signs list "$dir/log1" "$dir/log2" >"$dir/logs.json" &&
		"$capcert" ctlogs bundle "$dir/logs.json" --name tls-logs --number "$(date +%s)" -o "$dir/content" &&
		openssl cms -sign -binary -nodetach -nocerts -noattr -md sha256 -outform DER -signer "$keys/cert.pem" \
			-inkey "$keys/key.pem" -in "$dir/content" -out "$dir/bundle" && keyctl padd captrust tls-logs @s <"$dir/bundle"
}
anew() { # ARG...: issue, with serial number and dates that are always the same
	: >"$dir/index.scts" && echo 77 >"$dir/serial.scts"
	config=$dir/ca.scts.cnf issue "$@" -- -startdate "$(date -u +%Y%m%d000000Z)" -enddate "$(date -u -d '+20 days' +%Y%m%d000000Z)"
}
sed "s|^database.*|database = $dir/index.scts|; s|^serial.*|serial = $dir/serial.scts|" "$dir/ca.cnf" >"$dir/ca.scts.cnf"
with_scts() { # NAME LOG...: issued twice, as a CA does: what the logs sign is the certificate without their SCTs
	anew "$1" www.example key
	tests/log-signs sct -i "$dir/ca.pem" "$dir/$1.pem" "${@:2}" >"$dir/scts" || return
	anew "$1" www.example key "1.3.6.1.4.1.11129.2.4.2 = ASN1:FORMAT:HEX,OCT:$(xxd -p "$dir/scts" | tr -d '\n')"
}
ok "the logs are known to the system" logs_known
ok "a certificate with two logs' SCTs" with_scts logged "$dir/log1" "$dir/log2"
ok "openssl reads them" grep -q 'Signed Certificate Timestamp' <(openssl x509 -in "$dir/logged.pem" -noout -text)
ok "one with those of a log that nobody knows" with_scts strange "$dir/log1" "$dir/log3"
# In TLS 1.2 they may come in an extension of the handshake.
tests/log-signs sct "$dir/good.pem" "$dir/log1" "$dir/log2" >"$dir/scts"
python3 -c '
import base64, sys
scts = open(sys.argv[1], "rb").read()
print("-----BEGIN SERVERINFO FOR 18-----\n" + base64.encodebytes(b"\0\x12" + len(scts).to_bytes(2, "big") + scts).decode() + "-----END SERVERINFO FOR 18-----")' \
	"$dir/scts" >"$dir/serverinfo"

declare -A port
serve() { # LABEL CERT KEY [OPTION...]
	local label=$1 cert=$2 key=$3 i
	shift 3
	openssl s_server -accept 127.0.0.1:0 -cert "$dir/$cert.pem" -key "$dir/$key" -www "$@" >"$dir/$label.log" 2>&1 </dev/null &
	servers+=($!)
	for ((i = 0; i < 400; i++)); do
		port[$label]=$(sed -nE 's/^ACCEPT .*:([0-9]+)$/\1/p' "$dir/$label.log" | head -1)
		[ -z "${port[$label]}" ] || return
		sleep 0.05
	done
	echo "# no server: $(cat "$dir/$label.log")"
}
serve good good key -status_file "$dir/good.ocsp"
serve elsewhere elsewhere key
serve old old key
serve struck struck key -status_file "$dir/struck.ocsp"
serve pinless pinless other.key
serve tls12 good key -tls1_2
serve alpn good key -alpn http/1.1
serve logged logged key
serve strange strange key
serve extension good key -tls1_2 -serverinfo "$dir/serverinfo"

# ---- whom to believe: handles alone ----
"$PWD/build/bin/capcert-verifyd" >/dev/null 2>"$dir/verifyd.log" &
verifyd=$!
for _ in {1..400}; do
	grep -q ready "$dir/verifyd.log" && break
	sleep 0.05
done
"$capcert" trust new web >/dev/null && "$capcert" trust add web "$dir/ca.pem" --pin-from-cert >/dev/null || exit 1
"$capcert" verifier new plain profile=rfc5280 >/dev/null || exit 1
"$capcert" verifier new hard 'profile=rfc5280;revocation=staple;revocation_mode=hard' >/dev/null || exit 1
"$capcert" verifier new ct 'profile=rfc5280;min_scts=2;ct_logs=tls-logs' >/dev/null || exit 1
"$capcert" pins new mine --expires never --cert "$dir/good.pem" >/dev/null || exit 1
sees() { # REASON SERVER [OPTION...]: what tls connect finds, by handles named one by one
	local want=$1 at=$2 out
	shift 2
	out=$(timeout 60 "$capcert" tls connect --store web "$@" --servername www.example --json "127.0.0.1:${port[$at]}" 2>&1)
	printf '%s\n' "$out"
	[ "$(jq -r 'if .valid then "valid" else .reason end' <<<"$out")" = "$want" ]
}
ok "good, by the verifier's handle"		sees valid good --verifier plain
ok "good, with its staple"			sees valid good --verifier hard
ok "and its pin"				sees valid good --verifier plain --pins mine
ok "another name"				sees nameMismatch elsewhere --verifier plain
ok "expired"					sees expired old --verifier plain
ok "revoked, says the staple"			sees revoked struck --verifier hard
ok "no staple, and one is required"		sees ocspUnavailable pinless --verifier hard
ok "another key than is pinned"			sees pinMismatch pinless --verifier plain --pins mine
ok "no SCTs"					sees insufficientScts good --verifier ct
ok "SCTs of two logs, in the certificate"	sees valid logged --verifier ct
ok "... of one log too few"			sees insufficientScts strange --verifier ct
ok "... in the handshake of TLS 1.2"		sees valid extension --verifier ct --tls1.2
"$capcert" tls config logged --client --verifier ct --store web --host www.example >/dev/null || exit 1
ok "by a config that asks for them"		timeout 60 "$capcert" exec --with tls=captls:logged:USE+INFO -- \
	"$capcert" tls connect --config fd:tls --look "127.0.0.1:${port[logged]}"
fails "... which refuses a server without" insufficientScts "$capcert" tls connect --config logged --look "127.0.0.1:${port[good]}"

# ---- records by the kernel's TLS ----
modprobe tls
ok "records by the kernel: every cipher, tickets, ends, refusals" build/tests/unit/test_tls_kernel must-have

# ---- a config, and who has nothing else ----
"$capcert" tls config out --client --verifier plain --store web --pins mine --host www.example --min-version 1.2 >/dev/null || exit 1
by_config() { timeout 60 "$capcert" exec --with tls=captls:out:USE+INFO -- "$capcert" tls connect --config fd:tls "$@"; }
ok "good, by a config alone" by_config --look "127.0.0.1:${port[good]}"
ok "which refuses what its parts refuse" bash -c "! $capcert tls connect --config out --look 127.0.0.1:${port[pinless]} >$dir/out"
ok "... for their reason" grep -q pinMismatch "$dir/out"
too_much() {
	"$capcert" tls connect --config out --store web "127.0.0.1:${port[good]}"
	[ $? = 2 ]
}
ok "a config says all" too_much
"$capcert" tls config late --client --verifier plain --store web --host www.example --min-version 1.3 --alpn h2,http/1.1 >/dev/null || exit 1
fails "a config's least version is kept to" 'version' "$capcert" tls connect --config late --look "127.0.0.1:${port[tls12]}"
says "and its protocols are asked for" '"alpn": "http/1.1"' timeout 60 "$capcert" tls connect --config late --json "127.0.0.1:${port[alpn]}"
"$capcert" tls config modern --client --verifier plain --store web --host www.example --policy modern >/dev/null || exit 1
fails "and its ciphers" 'version' "$capcert" tls connect --config modern --look "127.0.0.1:${port[tls12]}"
# The outcome as a handle, for a process that believes the kernel alone.
"$capcert" outcome recv "$dir/socket" --json >"$dir/outcome" &
servers+=($!)
for _ in {1..400}; do
	[ -S "$dir/socket" ] && break
	sleep 0.05
done
ok "the outcome goes to a back end as a handle" by_config --look --pass-outcome "$dir/socket" "127.0.0.1:${port[good]}"
wait "${servers[-1]}"
ok "... which sees for whom it holds" jq -e '.valid and .name == "www.example" and .purpose == "tlsServerAuth"' "$dir/outcome"

# ---- resumption: only while all that the server was believed by is the same ----
coproc AGAIN { exec "$capcert" exec --with tls=captls:out:USE+INFO -- "$client"; }
again() { # SERVER WANT
	local line
	echo "${port[$1]}" >&"${AGAIN[1]}"
	read -r -t 60 line <&"${AGAIN[0]}"
	echo "$line"
	[ "$line" = "$2" ]
}
fresh13='open version=0304 resumed=0 reason=valid outcome=holds' more13='open version=0304 resumed=1 reason=valid outcome=holds'
fresh12='open version=0303 resumed=0 reason=valid outcome=holds' more12='open version=0303 resumed=1 reason=valid outcome=holds'
ok "a first connection"					again good "$fresh13"
ok "the next one resumes, with an outcome of its own"	again good "$more13"
ok "and the one after that"				again good "$more13"
ok "TLS 1.2 likewise"					again tls12 "$fresh12"
ok "... resumes"					again tls12 "$more12"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/more.key" -out "$dir/more.pem" -days 30 -subj /CN=more \
	-addext basicConstraints=critical,CA:TRUE 2>/dev/null
ok "the store changes" "$capcert" trust add web "$dir/more.pem" --pin-from-cert
ok "a full handshake"					again good "$fresh13"
ok "... in TLS 1.2 as well"				again tls12 "$fresh12"
ok "then it resumes again"				again good "$more13"
ok "the pins change" "$capcert" pins add mine "$dir/pinless.pem"
ok "a full handshake again"				again good "$fresh13"
ok "... and resumed"					again good "$more13"
ok "the anchor is taken away" "$capcert" trust remove web --subject-of "$dir/ca.pem"
ok "nothing is resumed, and the server refused"		again good 'refused version=0000 resumed=0 reason=unknownAnchor outcome=none'
ok "the config is revoked" keyctl revoke %captls:out
ok "and nobody connects by it any more"			again good 'refused version=0000 resumed=0 reason=- outcome=none'
finish
