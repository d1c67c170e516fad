#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The program for other suites keeps its promises: chain.sh PROGRAM
set -eu

chain=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0
n=0

# expect STATUS BEGINNING ARGS...
expect() {
	want=$1
	begin=$2
	shift 2
	n=$((n + 1))
	got=0
	"$chain" "$@" >out 2>err || got=$?
	case $(cat out) in "$begin"*) ;; *) got="$got, and other words" ;; esac
	if [ "$got" = "$want" ]; then
		echo "ok $n - chain $*"
	else
		echo "not ok $n - chain $*: status $got, $(cat out err)"
		failed=1
	fi
}

# issue NAME ISSUER SUBJECT EXTENSION...
issue() {
	name=$1
	issuer=$2
	subject=$3
	shift 3
	printf '%s\n' "$@" >"$name.ext"
	openssl ecparam -name prime256v1 -genkey -noout -out "$name.key"
	openssl req -new -key "$name.key" -subj "$subject" -out "$name.csr"
	if [ "$issuer" = "$name" ]; then
		set -- -signkey "$name.key"
	else
		set -- -CA "$issuer.pem" -CAkey "$issuer.key"
	fi
	openssl x509 -req -in "$name.csr" "$@" -set_serial "0x$(openssl rand -hex 8)" -days 30 -extfile "$name.ext" \
		-out "$name.pem" 2>err || { cat err && exit 1; }
}

# crl ISSUER FILE [REVOKED]: a list of ISSUER's
crl() {
	: >"$1.db"
	echo 01 >"$1.number"
	printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s.db\ncrlnumber=%s.number\ndefault_md=sha256\n' "$1" "$1" >"$1.cnf"
	printf 'default_crl_days=7\ncrl_extensions=x\nunique_subject=no\n[x]\nauthorityKeyIdentifier=keyid\n' >>"$1.cnf"
	set -- "$@" ''
	[ -z "$3" ] || openssl ca -config "$1.cnf" -keyfile "$1.key" -cert "$1.pem" -revoke "$3" 2>err || { cat err && exit 1; }
	openssl ca -config "$1.cnf" -keyfile "$1.key" -cert "$1.pem" -gencrl -out "$2" 2>err || { cat err && exit 1; }
}

issue root root /CN=root 'basicConstraints=critical,CA:TRUE' 'keyUsage=critical,keyCertSign,cRLSign' 'subjectKeyIdentifier=hash'
issue ica root /CN=ica 'basicConstraints=critical,CA:TRUE' 'keyUsage=critical,keyCertSign,cRLSign' 'subjectKeyIdentifier=hash' \
	'authorityKeyIdentifier=keyid'
issue leaf ica /CN=a.example 'subjectAltName=DNS:a.example,IP:192.0.2.1,email:me@a.example' 'extendedKeyUsage=serverAuth' \
	'authorityKeyIdentifier=keyid'
openssl x509 -in leaf.pem -outform DER -out leaf.der
cat leaf.pem ica.pem >both.pem
openssl x509 -in root.pem -outform DER -out roots.der
openssl x509 -in ica.pem -outform DER >>roots.der
printf 'neither\n' >rubbish
{ printf -- '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' && cat ica.pem; } >mixed.pem
cut -c 1-60 leaf.pem >cut.pem
crl root root.crl
crl ica ica.crl
crl ica ica2.crl leaf.pem
{ cat root.crl && printf -- '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n' && cat ica.crl; } >crls.pem
openssl crl -in root.crl -outform DER -out crls.der
openssl crl -in ica.crl -outform DER >>crls.der

# The root's name and key as TrustAnchorInfo (RFC 5914), and one that permits b.example alone.
{ printf '\060\162' && openssl pkey -in root.key -pubout -outform DER &&
	printf '\004\002ab\060\021\060\017\061\015\060\013\006\003\125\004\003\014\004root'; } >anchor.der
{ printf '\060\201\203' && openssl pkey -in root.key -pubout -outform DER &&
	printf '\004\002ab\060\042\060\017\061\015\060\013\006\003\125\004\003\014\004root' &&
	printf '\243\017\240\015\060\013\202\011b.example'; } >narrow.der

expect 0 valid --roots root.pem --intermediates ica.pem --leaf leaf.pem
expect 0 valid --roots root.pem --leaf both.pem --host A.example --profile webpki
expect 0 valid --roots roots.der --leaf leaf.der --ip 192.0.2.1
expect 0 valid --roots rubbish --roots root.pem --intermediates mixed.pem --intermediates rubbish --leaf leaf.der --email me@a.example
expect 0 valid --roots anchor.der --intermediates ica.pem --leaf leaf.pem
expect 1 'invalid: nameConstraintViolation: ' --roots narrow.der --intermediates ica.pem --leaf leaf.pem
expect 0 valid --roots narrow.der --roots anchor.der --intermediates ica.pem --leaf leaf.pem
expect 0 '{"valid":true,"reason":null,' --roots root.pem --intermediates ica.pem --leaf leaf.pem --json
expect 1 'invalid: unknownAnchor: ' --roots root.pem --leaf leaf.pem
expect 1 'invalid: unknownAnchor: ' --roots rubbish --leaf leaf.pem
expect 1 'invalid: nameMismatch: ' --roots root.pem --leaf both.pem --host b.example
expect 1 'invalid: nameMismatch: ' --roots root.pem --leaf both.pem --host 192.0.2.1
expect 1 'invalid: nameMismatch: ' --roots root.pem --leaf both.pem --host a..example
expect 1 'invalid: expired: ' --roots root.pem --leaf both.pem --time 2999-01-01
expect 1 'invalid: notYetValid: ' --roots root.pem --leaf both.pem --time 1999-01-01T01:00:00.5+02:00
expect 1 'invalid: badEku: ' --roots root.pem --leaf both.pem --purpose codeSigning --policy 'algs=all'
expect 1 'invalid: chainTooLong: ' --roots root.pem --leaf both.pem --policy max_chain=2
expect 1 'invalid: malformed: ' --roots root.pem --leaf rubbish
expect 1 'invalid: malformed: ' --roots root.pem --leaf cut.pem
expect 1 '{"valid":false,"reason":"malformed",' --roots root.pem --leaf rubbish --json
expect 0 valid --roots root.pem --leaf both.pem --crl root.crl --crl ica.crl
expect 0 valid --roots root.pem --leaf both.pem --crl crls.pem
expect 0 valid --roots root.pem --leaf both.pem --crl crls.der
expect 1 'invalid: revoked: ' --roots root.pem --leaf both.pem --crl root.crl --crl ica2.crl
expect 1 'invalid: ocspUnavailable: ' --roots root.pem --leaf both.pem --crl ica.crl
expect 1 'invalid: ocspUnavailable: ' --roots root.pem --leaf both.pem --crl rubbish
expect 2 '' --roots root.pem --leaf absent
expect 2 '' --roots absent --leaf leaf.pem
expect 2 '' --roots root.pem --leaf leaf.pem --crl absent
expect 2 '' --leaf leaf.pem
expect 2 '' --roots root.pem --leaf leaf.pem --time tomorrow
expect 2 '' --roots root.pem --leaf leaf.pem --policy nonsense
echo "1..$n"
exit "$failed"
