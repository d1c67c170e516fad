#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# capcert ctlog against a log of our own, of both kinds: every operation, and every fault with its own error. Certificates are
# openssl's, and openssl validates the SCTs.

cd "$(dirname "$0")/../.." || exit 1
build=$PWD/${BUILD:-build}
capcert=$build/bin/capcert
validate=$build/tests/integration/sct_validate
dir=$(mktemp -d)
n=0 failed=0 log_pid=

cleanup() {
	exec 9>&-
	[ -z "$log_pid" ] || wait "$log_pid"
	rm -rf "$dir"
}
trap cleanup EXIT

report() { # TITLE STATUS: shows $out where it failed
	n=$((n + 1))
	if [ "$2" = 0 ]; then
		echo "ok $n - $kind: $1"
	else
		printf '%s\n' "$out" | head -20 | sed 's/^/# /'
		echo "not ok $n - $kind: $1"
		failed=1
	fi
}
# ok TITLE CMD...: the command must succeed.
ok() {
	local title=$1
	shift
	out=$("$@" 2>&1)
	report "$title" $?
}
# says TITLE STATUS WORDS CMD...: it must end with this status and say these words.
says() {
	local title=$1 status=$2 words=$3 got
	shift 3
	out=$("$@" 2>&1)
	got=$?
	[ $got = "$status" ] && grep -qF -- "$words" <<<"$out"
	report "$title" $?
}
# equal TITLE A B
equal() {
	out="$2 is not $3"
	[ "$2" = "$3" ]
	report "$1" $?
}

# ---- certificates ----
key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$dir/$1.key" 2>/dev/null; }
cat >"$dir/ext" <<-END
	[ca]
	basicConstraints = critical, CA:TRUE
	keyUsage = critical, keyCertSign, cRLSign
	subjectKeyIdentifier = hash
	[signer]
	basicConstraints = critical, CA:TRUE
	keyUsage = critical, keyCertSign
	extendedKeyUsage = critical, 1.3.6.1.4.1.11129.2.4.4
	subjectKeyIdentifier = hash
	authorityKeyIdentifier = keyid
END
leaf_ext() { # NAME [POISON-OR-LIST]...
	printf '%s\n' '[leaf]' 'basicConstraints = CA:FALSE' 'keyUsage = critical, digitalSignature' \
		'extendedKeyUsage = serverAuth' "subjectAltName = DNS:$1" 'authorityKeyIdentifier = keyid'
	[ -z "$2" ] || echo "$2"
}
POISON='1.3.6.1.4.1.11129.2.4.3 = critical, ASN1:NULL'
# issue FILE NAME ISSUER SERIAL [EXT-LINE]: FILE.pem with the key leaf.key, dates fixed for precertificate and final alike
issue() {
	leaf_ext "$2" "$5" >"$dir/leaf.ext"
	openssl req -new -key "$dir/leaf.key" -subj "/CN=$2" -out "$dir/req" 2>/dev/null
	cat >"$dir/ca.cnf" <<-END
		[ca]
		default_ca = it
		[it]
		database = $dir/index
		rand_serial = no
		new_certs_dir = $dir
		default_md = sha256
		policy = any
		unique_subject = no
		[any]
		commonName = supplied
	END
	: >"$dir/index"
	echo "$4" >"$dir/serial"
	sed -i "s|rand_serial = no|serial = $dir/serial|" "$dir/ca.cnf"
	openssl ca -batch -config "$dir/ca.cnf" -cert "$dir/$3.pem" -keyfile "$dir/$3.key" -in "$dir/req" -notext \
		-startdate "$from" -enddate "$until" -extfile "$dir/leaf.ext" -extensions leaf -out "$dir/$1.pem" 2>"$dir/err" ||
		cat "$dir/err"
}
from=$(date -u -d '1 hour ago' +%Y%m%d%H%M%SZ) until=$(date -u -d '80 days' +%Y%m%d%H%M%SZ)
key root && key other && key signer && key leaf
for ca in root other; do
	openssl req -x509 -new -key "$dir/$ca.key" -subj "/CN=$ca" -days 400 -config "$dir/ext" -extensions ca -out "$dir/$ca.pem" 2>/dev/null ||
		openssl req -x509 -new -key "$dir/$ca.key" -subj "/CN=$ca" -days 400 -addext keyUsage=critical,keyCertSign -out "$dir/$ca.pem"
done
openssl req -new -key "$dir/signer.key" -subj "/CN=signer" -out "$dir/req" 2>/dev/null
openssl x509 -req -in "$dir/req" -CA "$dir/root.pem" -CAkey "$dir/root.key" -days 400 -set_serial 7 -extfile "$dir/ext" \
	-extensions signer -out "$dir/signer.pem" 2>/dev/null
issue plain www.example.org root 1001
issue pre pre.example.org root 1002 "$POISON"
issue signed_pre signed.example.org signer 1003 "$POISON"
issue foreign foreign.example.org other 1004
cat "$dir/plain.pem" "$dir/root.pem" >"$dir/plain.chain"
cat "$dir/pre.pem" "$dir/root.pem" >"$dir/pre.chain"
cat "$dir/signed_pre.pem" "$dir/signer.pem" "$dir/root.pem" >"$dir/signed_pre.chain"
cat "$dir/foreign.pem" "$dir/other.pem" >"$dir/foreign.chain"

# ---- the log ----
start_log() {
	mkfifo "$dir/in.$kind"
	"$build/tests/ctlogd" "$dir/root.pem" "$kind" <"$dir/in.$kind" >"$dir/log.$kind" 2>"$dir/log.err.$kind" &
	log_pid=$!
	exec 9>"$dir/in.$kind"
	for _ in {1..600}; do
		[ ! -s "$dir/log.$kind" ] || break
		sleep 0.1
	done
	read -r url log_key <"$dir/log.$kind"
	flag=$([ "$kind" = static ] && echo static-ct || echo rfc6962)
}
stop_log() {
	exec 9>&-
	wait "$log_pid"
	out=$(cat "$dir/log.err.$kind")
	[ -z "$out" ]
	report "the log ends without a word" $?
	log_pid=
}
fault() { curl -sS --noproxy '*' "${url}control?fault=$1&n=${2:-0}&value=${3:-1}" >"$dir/control" || cat "$dir/control"; }
ctlog() { "$capcert" ctlog "$@" --url "$url" --key "$log_key" --kind "$flag" --insecure_http --timeout "${timeout:-60}" --attempts "${attempts:-2}" \
	--patience "${patience:-5}"; }
field() { python3 -c 'import json,sys; v=json.load(sys.stdin)
for k in sys.argv[1].split("."): v = v[int(k)] if k.isdigit() else v[k]
print(v)' "$1"; }

# libcurl is opened when it is needed, and may not be there.
ctlog_without_curl() {
	local lib own=-m
	lib=$(ldconfig -p | awk '$1 == "libcurl-gnutls.so.4" { print $NF; exit }')
	[ "$(id -u)" = 0 ] || own=-rm
	unshare "$own" bash -s -- "$lib" "$capcert" ctlog sth --url "$url" --key "$log_key" --kind "$flag" --insecure_http <<-'END'
		mount --bind /dev/null "$1" && shift && "$@"
	END
}

embed() { # the SCTs of files as a list in an extension of $dir/final.pem
	local list
	list=$(python3 - "$@" <<-'END'
		import sys
		scts = [open(f, 'rb').read() for f in sys.argv[1:]]
		body = b''.join(len(s).to_bytes(2, 'big') + s for s in scts)
		body = len(body).to_bytes(2, 'big') + body
		print('1.3.6.1.4.1.11129.2.4.2 = ASN1:FORMAT:HEX,OCT:' + body.hex())
	END
	)
	issue final pre.example.org root 1002 "$list"
	cat "$dir/final.pem" "$dir/root.pem" >"$dir/final.chain"
}

operations() {
	ok "a head of an empty tree" ctlog sth
	equal "of no entries" "$(ctlog sth --json | field treeSize)" 0
	equal "info names the key's hash" "$(ctlog info --json | field id)" \
		"$(base64 -d <<<"$log_key" | sha256sum | cut -d' ' -f1)"
	ok "add-chain" ctlog submit "$dir/plain.chain" --out "$dir/plain.sct"
	ok "openssl validates that SCT" "$validate" "$log_key" "$dir/plain.pem" <"$dir/plain.sct"
	says "and does not, of another certificate" 1 "invalid" "$validate" "$log_key" "$dir/pre.pem" <"$dir/plain.sct"
	ok "add-pre-chain" ctlog submit "$dir/pre.chain" --out "$dir/pre.sct"
	ok "by a precertificate signing certificate" ctlog submit "$dir/signed_pre.chain" --out "$dir/signed_pre.sct"
	ok "the same again" ctlog submit "$dir/plain.chain" --out "$dir/again.sct"
	equal "adds nothing" "$(ctlog sth --json | field treeSize)" 3
	embed "$dir/pre.sct"
	ok "openssl validates the embedded SCT" "$validate" "$log_key" "$dir/final.pem" "$dir/root.pem"
	ok "capcert proves the embedded SCT" ctlog prove "$dir/final.chain"
	equal "at its index" "$(ctlog prove "$dir/final.chain" --json | field index)" 1
	ok "and the one for the certificate" ctlog prove "$dir/plain.chain" --sct "$dir/plain.sct"
	ok "and the precertificates" ctlog prove "$dir/signed_pre.chain" --sct "$dir/signed_pre.sct"
	says "no SCT is embedded" 1 "no SCT of this log is embedded" ctlog prove "$dir/plain.chain"
	says "another certificate's SCT" 1 "bad-signature" ctlog prove "$dir/plain.chain" --sct "$dir/pre.sct"
	says "a chain of nobody's" 3 "refused: status 400" ctlog submit "$dir/foreign.chain"
	says "a precertificate without issuer" 2 "needs its issuer" ctlog submit "$dir/pre.pem"
	equal "entries: types" "$(ctlog entries 0 3 --json | field 0.type) $(ctlog entries 0 3 --json | field 1.type)" "x509 precertificate"
	equal "entries: the certificate" "$(ctlog entries 0 --json | field 0.certificate)" \
		"$(openssl x509 -in "$dir/plain.pem" -outform DER | od -An -tx1 | tr -d ' \n')"
	equal "entries: the chain" "$(ctlog entries 2 --json | field 0.chain.0)" \
		"$(openssl x509 -in "$dir/signer.pem" -outform DER | sha256sum | cut -d' ' -f1)"
	equal "consistency proof of 1 and 2" "$(ctlog consistency 1 2 --json | field 0)" "$(ctlog entries 1 --json | field 0.leafHash)"
	equal "and of 3 and 3" "$(ctlog consistency 3 3)" ""
	says "none beyond" 3 "the tree is smaller" ctlog consistency 1 4
	says "no entries beyond" 3 "fewer entries" ctlog entries 2 2
	says "another key" 1 "bad-signature" "$capcert" ctlog sth --url "$url" --insecure_http --kind "$flag" \
		--key "$(openssl pkey -in "$dir/leaf.key" -pubout -outform DER | base64 -w0)"
	says "no TLS" 2 "must begin with https" "$capcert" ctlog sth --url "$url" --key "$log_key"
}

# 1000 entries more: several tiles, two levels of them, several batches.
growth() {
	rm -f "$dir/state"
	ok "a small head" ctlog sth --state "$dir/state"
	curl -sS --noproxy '*' "${url}control?fault=none&fill=1000" >"$dir/control"
	ok "a large one, consistent" ctlog sth --state "$dir/state"
	ok "an old entry in it" ctlog prove "$dir/final.chain"
	equal "at the same index" "$(ctlog prove "$dir/final.chain" --json | field index)" 1
	issue last last.example.org root 3001
	cat "$dir/last.pem" "$dir/root.pem" >"$dir/last.chain"
	ok "and a new one" ctlog submit "$dir/last.chain" --out "$dir/last.sct"
	equal "at the end" "$(ctlog prove "$dir/last.chain" --sct "$dir/last.sct" --json | field index)" \
		$(($(ctlog sth --json | field treeSize) - 1))
	equal "entries over a tile's end" "$(ctlog entries 250 300 --json | field 299.index)" 549
	ok "consistent again" ctlog sth --state "$dir/state"
	fault split-view
	says "a split view of a large tree" 1 "inconsistent: its trees of" ctlog sth --state "$dir/state"
	fault none
}

# The log in a list, as Chrome's schema writes it.
listed() {
	local id
	id=$(base64 -d <<<"$log_key" | openssl dgst -sha256 -binary | base64)
	local where='"url": "'$url'"' group=logs
	[ "$kind" = rfc6962 ] || where='"submission_url": "'$url'", "monitoring_url": "'$url'"' group=tiled_logs
	cat >"$dir/list.json" <<-END
		{ "version": "1", "log_list_timestamp": "2026-01-01T00:00:00Z", "operators": [ { "name": "Tests", "email": [], "$group": [
		{ "description": "The log of the tests", "log_id": "$id", "key": "$log_key", $where, "mmd": 86400,
		"state": { "usable": { "timestamp": "2026-01-01T00:00:00Z" } } } ] } ] }
	END
	ok "a log from a list" "$capcert" ctlog sth --logs "$dir/list.json" --log "The log" --insecure_http
	says "none of that name" 2 "0 logs of" "$capcert" ctlog sth --logs "$dir/list.json" --log "Another" --insecure_http
	says "a list without a name" 2 "go together" "$capcert" ctlog sth --logs "$dir/list.json"
}

faults() {
	rm -f "$dir/state"
	ok "a head to remember" ctlog sth --state "$dir/state"
	fault bad-signature
	says "head: bad signature" 1 "bad-signature" ctlog sth
	says "submission: bad signature" 1 "bad-signature" ctlog submit "$dir/plain.chain"
	fault split-view
	says "split view" 1 "inconsistent: its trees of" ctlog sth --state "$dir/state"
	fault rollback
	says "rollback" 1 "inconsistent: its tree went back" ctlog sth --state "$dir/state"
	fault lag
	says "a server that lags" 3 "stale: an older head" ctlog sth --state "$dir/state"
	fault stale
	says "stale head" 3 "stale: the head is" ctlog sth
	fault future
	says "head of the future" 3 "malformed-entry: the head is of the future" ctlog sth
	fault busy 1 1
	ok "429 once, with Retry-After" ctlog sth
	fault busy-date 1 1
	ok "429 once, until a date" ctlog sth
	fault busy 0 3600
	says "429 for an hour" 3 "backlog: status 429, and asks to wait 3600 s" ctlog sth
	fault busy-only 1
	ok "429 once, without a word of when" ctlog sth
	fault busy-only
	says "429 for ever, without Retry-After" 3 "backlog: status 429, 2 attempts" ctlog sth
	fault unavailable 1
	ok "503 once" ctlog sth
	fault unavailable
	says "503 for ever" 3 "backlog: status 503, 2 attempts" ctlog sth
	fault broken
	says "500 for ever" 3 "unreachable: status 500, 2 attempts" ctlog sth
	fault refuse
	says "400" 3 "refused: status 400" ctlog sth
	says "no libcurl" 3 "apt install libcurl3-gnutls" ctlog_without_curl
	fault redirect
	says "redirect" 3 "unreachable: status 302: redirects are refused" ctlog sth
	fault type
	says "another type" 3 "malformed-entry: the answer is not of type" ctlog sth
	fault truncated
	says "truncated" 3 "malformed-entry: malformed" ctlog sth
	fault oversized
	says "oversized" 3 "malformed-entry: the answer is longer than" ctlog sth
	fault hang 0 5
	timeout=1 attempts=1 says "hang" 3 "unreachable: " ctlog sth
	fault short
	equal "short batches" "$(ctlog entries 0 3 --json | field 2.index)" 2
	fault empty
	says "no entries" 3 "backlog: no entry 0" ctlog entries 0 3
	fault garbage
	says "garbage" 3 "malformed-entry: malformed" ctlog entries 0 3
	fault bad-proof
	says "bad inclusion proof" 1 "inconsistent: merkleProofMismatch" ctlog prove "$dir/plain.chain" --sct "$dir/plain.sct"
	fault long-proof
	if [ "$kind" = static ]; then
		says "a tile of a wrong length" 3 "malformed-entry: tile/0/000.p/3 has 97 octets" ctlog prove "$dir/plain.chain" \
			--sct "$dir/plain.sct"
	else
		says "a proof of a wrong length" 1 "inconsistent: merkleProofMismatch" ctlog prove "$dir/plain.chain" --sct "$dir/plain.sct"
	fi
	issue late late.example.org root 2001
	cat "$dir/late.pem" "$dir/root.pem" >"$dir/late.chain"
	fault lost
	ctlog submit "$dir/late.chain" --out "$dir/late.sct" >"$dir/control" 2>&1
	fault none
	says "a promise not kept" 1 "inconsistent: " ctlog prove "$dir/late.chain" --sct "$dir/late.sct"
	issue index index.example.org root 2002
	cat "$dir/index.pem" "$dir/root.pem" >"$dir/index.chain"
	fault no-extension
	if [ "$kind" = static ]; then
		says "an SCT without index" 3 "malformed-entry: malformed SCT" ctlog submit "$dir/index.chain"
	else
		ok "no index is asked for" ctlog submit "$dir/index.chain"
	fi
	issue moved moved.example.org root 2003
	cat "$dir/moved.pem" "$dir/root.pem" >"$dir/moved.chain"
	fault wrong-extension
	ok "an SCT with a wrong index is signed well" ctlog submit "$dir/moved.chain" --out "$dir/moved.sct"
	fault none
	if [ "$kind" = static ]; then
		says "its index is beyond the tree" 3 "backlog: " ctlog prove "$dir/moved.chain" --sct "$dir/moved.sct"
		issue next next.example.org root 2004
		cat "$dir/next.pem" "$dir/root.pem" >"$dir/next.chain"
		ok "another entry takes that place" ctlog submit "$dir/next.chain"
		says "and is not what was promised there" 1 "inconsistent: merkleProofMismatch" ctlog prove "$dir/moved.chain" \
			--sct "$dir/moved.sct"
	else
		ok "where no index is said it is found by its hash" ctlog prove "$dir/moved.chain" --sct "$dir/moved.sct"
	fi
	ok "grown since, and consistent" ctlog sth --state "$dir/state"
	echo broken >"$dir/state"
	says "a broken state" 3 "is no head that this log signed" ctlog sth --state "$dir/state"
}

kind=any
says "nobody listens" 3 "unreachable: " "$capcert" ctlog sth --url http://127.0.0.1:1/ --insecure_http --attempts 1 \
	--key "$(openssl pkey -in "$dir/leaf.key" -pubout -outform DER | base64 -w0)"
for kind in rfc6962 static; do
	start_log
	operations
	listed
	faults
	growth
	stop_log
done
echo "1..$n"
exit $failed
