#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# TLS of the library and capcert tls connect against openssl, gnutls and curl, without the module: versions and
# ciphers of each policy, client certificates, and servers that are refused, each for its reason.

cd "$(dirname "$0")/../.." || exit 1
capcert=$PWD/build/bin/capcert server=$PWD/build/tests/integration/tls_server examples=$PWD/build/examples
dir=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; rm -rf "$dir"' EXIT
# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc

# ---- certificates of our own ----
cat >"$dir/ext" <<-END
	[ca]
	basicConstraints = critical, CA:TRUE
	keyUsage = critical, keyCertSign, cRLSign
	subjectKeyIdentifier = hash
	[leaf]
	basicConstraints = CA:FALSE
	keyUsage = critical, digitalSignature, keyEncipherment
	extendedKeyUsage = serverAuth
	subjectAltName = DNS:localhost
	[staple]
	basicConstraints = CA:FALSE
	keyUsage = critical, digitalSignature
	extendedKeyUsage = serverAuth
	subjectAltName = DNS:localhost
	tlsfeature = status_request
	[client]
	basicConstraints = CA:FALSE
	keyUsage = critical, digitalSignature
	extendedKeyUsage = clientAuth
END
make_ca() { # NAME
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/$1.key" -out "$dir/$1.pem" \
		-subj "/CN=$1" -days 30 -config <(printf '[req]\ndistinguished_name=dn\n[dn]\n'; cat "$dir/ext") \
		-extensions ca 2>/dev/null
}
make_cert() { # NAME CA SECTION SUBJECT KEYTYPE [DAYS]
	[ "$5" = ec ] && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$dir/$1.key" 2>/dev/null
	[ "$5" = rsa ] && openssl genrsa -out "$dir/$1.key" 2048 2>/dev/null
	openssl req -new -key "$dir/$1.key" -subj "/CN=$4" -out "$dir/$1.csr" 2>/dev/null
	openssl x509 -req -in "$dir/$1.csr" -CA "$dir/$2.pem" -CAkey "$dir/$2.key" -CAcreateserial -days "${6:-10}" \
		-extfile "$dir/ext" -extensions "$3" -out "$dir/$1.pem" 2>/dev/null
}
make_ca root
make_ca stranger
make_cert ec root leaf localhost ec
make_cert rsa root leaf localhost rsa
make_cert must root staple localhost ec
make_cert user root client user ec
make_cert intruder stranger client intruder ec
# Valid yesterday: openssl x509 takes no dates, openssl ca does.
: >"$dir/index" && echo 01 >"$dir/serial"
cat >"$dir/ca.cnf" <<-END
	[ca]
	default_ca = c
	[c]
	database = $dir/index
	serial = $dir/serial
	new_certs_dir = $dir
	default_md = sha256
	policy = p
	[p]
	commonName = supplied
END
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/old.key" -subj /CN=localhost \
	-out "$dir/old.csr" 2>/dev/null
openssl ca -batch -config "$dir/ca.cnf" -in "$dir/old.csr" -cert "$dir/root.pem" -keyfile "$dir/root.key" \
	-startdate 20200101000000Z -enddate 20210101000000Z -extfile "$dir/ext" -extensions leaf -notext \
	-out "$dir/old.pem" 2>/dev/null

# staple NAME V|R: a response about the certificate, by the CA itself.
staple() {
	local serial
	serial=$(openssl x509 -in "$dir/$1.pem" -noout -serial | sed 's/serial=//')
	if [ "$2" = V ]; then
		printf 'V\t350101000000Z\t\t%s\tunknown\t/CN=localhost\n' "$serial"
	else
		printf 'R\t350101000000Z\t260101000000Z\t%s\tunknown\t/CN=localhost\n' "$serial"
	fi >"$dir/ocsp.index"
	openssl ocsp -index "$dir/ocsp.index" -CA "$dir/root.pem" -rsigner "$dir/root.pem" -rkey "$dir/root.key" \
		-issuer "$dir/root.pem" -cert "$dir/$1.pem" -ndays 2 -no_nonce -reqout "$dir/req" -noverify \
		-respout "$dir/$1.$2.ocsp" >/dev/null 2>&1
	[ -s "$dir/$1.$2.ocsp" ]
}
ok "OCSP responses of the test's CA" staple must V
ok "... that say revoked" staple must R

# ---- servers ----
port=
# wait_port FILE PATTERN: the port that a server says it has; sets $port.
wait_port() {
	local i
	for ((i = 0; i < 3000; i++)); do
		port=$(sed -nE "s/$2/\1/p" "$1" 2>/dev/null | head -1)
		[ -n "$port" ] && return
		sleep 0.02
	done
	echo "# no server: $(cat "$1")"
	return 1
}
ours() { # KEY [NAME=VALUE]...: our server; its lines are in $dir/ours
	local key=$1
	shift
	: >"$dir/ours"
	"$server" "$dir/$key.pem" "$dir/$key.key" "$@" >"$dir/ours" 2>&1 &
	pids+=($!)
	wait_port "$dir/ours" '^port ([0-9]+)$'
}
openssl_server() { # KEY [OPTION]...
	local key=$1
	shift
	: >"$dir/theirs"
	openssl s_server -accept 127.0.0.1:0 -cert "$dir/$key.pem" -key "$dir/$key.key" -www "$@" \
		>"$dir/theirs" 2>&1 </dev/null &
	pids+=($!)
	wait_port "$dir/theirs" '^ACCEPT .*:([0-9]+)$'
}
last() { kill "${pids[-1]}" 2>/dev/null; }

s_client() { # OPTION...: what openssl says of a connection to $port
	echo hello | timeout 60 openssl s_client -connect "127.0.0.1:$port" -servername localhost -CAfile "$dir/root.pem" \
		-verify_return_error "$@" 2>&1
}
connect() { # OPTION...: ours, to $port
	timeout 60 "$capcert" tls connect --anchors "$dir/root.pem" --policy profile=rfc5280 "$@" "localhost:$port"
}

# ---- our server, their clients ----
if ours ec alpn=h2,http/1.1; then
	ok "openssl s_client, TLS 1.3" grep -q 'version=0304' <(s_client -tls1_3 -quiet)
	ok "openssl s_client, TLS 1.2" grep -q 'version=0303' <(s_client -tls1_2 -quiet)
	ok "openssl s_client, ALPN" grep -q 'alpn=h2 ' <(s_client -alpn http/1.1,h2 -quiet)
	ok "gnutls-cli, TLS 1.3" grep -q 'version=0304' <(echo hello | timeout 60 gnutls-cli --logfile=/dev/null \
		--x509cafile "$dir/root.pem" -p "$port" localhost 2>&1)
	ok "gnutls-cli, TLS 1.2" grep -q 'version=0303' <(echo hello | timeout 60 gnutls-cli --logfile=/dev/null \
		--priority NORMAL:-VERS-TLS1.3 --x509cafile "$dir/root.pem" -p "$port" localhost 2>&1)
	ok "curl" grep -q 'alpn=h\|alpn=http/1.1' <(timeout 60 curl -s --http1.1 --cacert "$dir/root.pem" \
		--resolve "localhost:$port:127.0.0.1" "https://localhost:$port/")
	ok "curl, plain HTTP on the port" bash -c "! timeout 60 curl -s http://127.0.0.1:$port/"
	ok "... which the server knows for what it is" soon grep -q 'plain HTTP' "$dir/ours"
	ok "a session is resumed, TLS 1.3" bash -c "
		(echo a; for i in {1..600}; do [ -s $dir/sess ] && break; sleep 0.1; done) | timeout 60 openssl s_client -connect 127.0.0.1:$port -servername localhost \
			-sess_out $dir/sess -tls1_3 >/dev/null 2>&1
		echo b | timeout 60 openssl s_client -connect 127.0.0.1:$port -servername localhost -sess_in $dir/sess \
			-tls1_3 2>&1 | grep -q '^Reused'"
	ok "a session is resumed, TLS 1.2" bash -c "
		echo a | timeout 60 openssl s_client -connect 127.0.0.1:$port -servername localhost -sess_out $dir/sess2 \
			-tls1_2 >/dev/null 2>&1
		echo b | timeout 60 openssl s_client -connect 127.0.0.1:$port -servername localhost -sess_in $dir/sess2 \
			-tls1_2 2>&1 | grep -q '^Reused'"
	ok "capcert tls connect" connect --look
	ok "... with what is read from stdin" grep -q 'version=0304' <(echo hello | connect 2>/dev/null)
	last
fi

# ---- versions and ciphers of each policy ----
ok "every cipher that openssl has, as each policy says" build/tests/integration/tls_ciphers
ours rsa ciphers=modern && {
	ok "modern refuses gnutls-cli with TLS 1.2" bash -c "! timeout 60 gnutls-cli --logfile=/dev/null --priority NORMAL:-VERS-TLS1.3 \
		--x509cafile $dir/root.pem -p $port localhost </dev/null"
	ok "... and curl with it" bash -c "! timeout 60 curl -s --tls-max 1.2 --cacert $dir/root.pem --resolve localhost:$port:127.0.0.1 \
		https://localhost:$port/"
}
last

# ---- their servers, our client ----
openssl_server ec -tls1_3 && ok "openssl s_server, TLS 1.3" connect --look --tls1.3
last
openssl_server rsa -tls1_2 && ok "openssl s_server, TLS 1.2, RSA" connect --look --tls1.2
last
openssl_server rsa -tls1_1 -cipher ALL:@SECLEVEL=0 &&
	ok "a server of TLS 1.1 has nothing in common" bash -c "
		$capcert tls connect --anchors $dir/root.pem --look localhost:$port 2>&1 | grep -q 'protocol version\|no version'"
last
: >"$dir/theirs"
gnutls-serv --http --noticket -p 0 --x509certfile "$dir/ec.pem" --x509keyfile "$dir/ec.key" >/dev/null 2>&1 </dev/null &
pids+=($!)
gnutls_pid=$!
for ((i = 0; i < 3000; i++)); do
	port=$(ss -ltnpH 2>/dev/null | sed -nE "s/.*:([0-9]+) .*pid=$gnutls_pid,.*/\1/p" | head -1)
	[ -n "$port" ] && break
	sleep 0.02
done
if [ -n "$port" ]; then
	ok "gnutls-serv" connect --look
	last
else
	echo "ok $((n += 1)) - gnutls-serv # SKIP it does not say which port it has"
fi

# refused REASON OPTION...: exit status 1, with this reason.
refused() {
	local reason=$1 out status
	shift
	out=$(connect --json "$@")
	status=$?
	printf '%s\n' "$out"
	[ "$status" = 1 ] && [ "$(jq -r .reason <<<"$out")" = "$reason" ]
}
if openssl_server ec; then
	ok "the wrong name" refused nameMismatch --servername www.example.org
	ok "an unknown root" bash -c "! $capcert tls connect --anchors $dir/stranger.pem --look localhost:$port >$dir/out"
	ok "... is unknownAnchor" grep -q unknownAnchor "$dir/out"
	printf 'mode=enforce\nexpires=never\nsha256:%064d\n' 7 >"$dir/pins"
	ok "another key than is pinned" refused pinMismatch --pins "$dir/pins"
	ok "too few SCTs" bash -c "$capcert tls connect --anchors $dir/root.pem --ct --json \
		--policy 'profile=rfc5280;min_scts=2;log_list_age=3650d' localhost:$port | jq -e '.reason == \"insufficientScts\"'"
	ok "--insecure goes on, and still says so" bash -c "
		printf 'GET / HTTP/1.0\r\n\r\n' | $capcert tls connect --anchors $dir/stranger.pem --insecure localhost:$port 2>/dev/null |
			grep -q '200 ok'"
	ok "--explain" bash -c "$capcert tls connect --anchors $dir/stranger.pem --explain --look localhost:$port | grep -q paths"
	last
fi
openssl_server old && ok "an expired certificate" refused expired
last
openssl_server must && ok "must-staple without a staple" refused mustStapleMissing
last
openssl_server must -status_file "$dir/must.V.ocsp" && {
	ok "must-staple with one" connect --look
	ok "... which is shown" jq -e '.staple.status == "good" and .tls.stapled' <(connect --json)
}
last
openssl_server must -status_file "$dir/must.R.ocsp" &&
	ok "revoked, by the staple" bash -c "$capcert tls connect --anchors $dir/root.pem \
		--policy 'profile=rfc5280;revocation=staple;revocation_mode=hard' --json localhost:$port | jq -e '.reason == \"revoked\"'"
last
ours must staple="$dir/must.V.ocsp" && {
	ok "our staple, read by openssl" grep -q 'Cert Status: good' <(s_client -status -tls1_2)
	ok "... in TLS 1.3" grep -q 'Cert Status: good' <(s_client -status -tls1_3)
	ok "... by ourselves" jq -e '.staple.status == "good" and .valid' <(connect --json)
}
last

# ---- client certificates ----
if ours ec clients="$dir/root.pem"; then
	for v in 1_2 1_3; do
		ok "a client of the CA, TLS $v" grep -q 'client=CN=user' <(s_client -tls$v -quiet -cert "$dir/user.pem" -key "$dir/user.key")
		ok "none at all, TLS $v" bash -c "! grep -q client= <(echo | openssl s_client -tls$v -quiet -connect 127.0.0.1:$port 2>&1)"
		ok "a client of another CA, TLS $v" grep -qi 'alert unknown ca' <(s_client -tls$v -cert "$dir/intruder.pem" -key "$dir/intruder.key" \
			-ign_eof)
	done
	ok "curl with a client certificate" grep -q 'client=CN=user' <(timeout 60 curl -s --cacert "$dir/root.pem" --cert "$dir/user.pem" \
		--key "$dir/user.key" --resolve "localhost:$port:127.0.0.1" "https://localhost:$port/")
	ok "the server says why it refused" soon grep -q 'refused: unknownAnchor' "$dir/ours"
	last
fi

# ---- the examples ----
"$examples/echo_server" 0 localhost "$dir/ec.pem" "$dir/ec.key" >"$dir/echo" 2>&1 &
pids+=($!)
wait_port "$dir/echo" '^port ([0-9]+)$' && {
	ok "example: echo server, to openssl" grep -qx hello <(s_client -quiet)
	ok "example: echo server, to ourselves" grep -qx 'how are you' <(echo 'how are you' | connect 2>/dev/null)
}
last
openssl_server ec && {
	ok "example: HTTPS GET" grep -q '200 ok' <("$examples/https_get" localhost "$port" / "$dir/root.pem" profile=rfc5280)
	ok "example: HTTPS GET trusts nobody else" bash -c "! $examples/https_get localhost $port / $dir/stranger.pem"
}
last
"$examples/mtls_server" 0 localhost "$dir/ec.pem" "$dir/ec.key" "$dir/root.pem" >"$dir/mtls" 2>&1 &
pids+=($!)
wait_port "$dir/mtls" '^port ([0-9]+)$' && {
	ok "example: mTLS pair" grep -qx 'hello, CN=user' <("$examples/mtls_client" localhost "$port" "$dir/root.pem" "$dir/user.pem" "$dir/user.key")
	ok "example: mTLS refuses a stranger" bash -c "! $examples/mtls_client localhost $port $dir/root.pem $dir/intruder.pem $dir/intruder.key"
}
last

# ---- command lines that make no sense ----
usage() { "$capcert" tls connect "$@" >/dev/null 2>&1; [ $? = 2 ]; }
ok "no port" usage --anchors "$dir/root.pem" localhost
ok "nobody to believe" usage localhost:1
ok "two policies" usage --anchors "$dir/root.pem" --policy profile=rfc5280 --preset webpki-strict localhost:1
ok "no version left" usage --anchors "$dir/root.pem" --tls1.2 --tls1.3 localhost:1
ok "no protocols" usage --anchors "$dir/root.pem" --alpn h2,h2 localhost:1
ok "no cipher policy" usage --anchors "$dir/root.pem" --ciphers all localhost:1
ok "a certificate without a key" usage --anchors "$dir/root.pem" --cert "$dir/user.pem" localhost:1
finish
