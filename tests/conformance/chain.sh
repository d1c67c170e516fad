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

# crl_of NAME ISSUER [CERT]: a list by ISSUER, with CERT on it
crl_of() {
	printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=9\n' >ca.cnf
	: >index
	echo 01 >number
	[ -z "${3:-}" ] || openssl x509 -in "$3.pem" -noout -serial |
		sed 's/serial=\(.*\)/R\t350101000000Z\t240101000000Z,superseded\t\1\tunknown\t\/CN=x/' >index
	openssl ca -config ca.cnf -gencrl -cert "$2.pem" -keyfile "$2.key" -out "$1.crl" 2>err || { cat err && exit 1; }
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

expect 0 valid --roots root.pem --intermediates ica.pem --leaf leaf.pem
expect 0 valid --roots root.pem --leaf both.pem --host A.example --profile webpki
expect 0 valid --roots roots.der --leaf leaf.der --ip 192.0.2.1
expect 0 valid --roots rubbish --roots root.pem --intermediates mixed.pem --intermediates rubbish --leaf leaf.der --email me@a.example
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
expect 2 '' --roots root.pem --leaf absent
expect 2 '' --roots absent --leaf leaf.pem
expect 2 '' --roots root.pem --leaf leaf.pem --crl absent
crl_of ica ica
crl_of root root
openssl crl -in root.crl -outform DER -out crls.der
openssl crl -in ica.crl -outform DER >>crls.der
cat root.crl rubbish ica.crl >all.crl
expect 0 valid --roots root.pem --leaf both.pem --crl all.crl
expect 0 valid --roots root.pem --leaf both.pem --crl crls.der
expect 0 valid --roots root.pem --leaf both.pem --crl root.crl --crl ica.crl
expect 1 'invalid: ocspUnavailable: leaf' --roots root.pem --leaf both.pem --crl root.crl
expect 1 'invalid: ocspUnavailable: certificate 1' --roots root.pem --leaf both.pem --crl ica.crl
expect 1 'invalid: ocspUnavailable: ' --roots root.pem --leaf both.pem --crl rubbish
expect 0 valid --roots root.pem --leaf both.pem --crl rubbish --policy revocation_mode=soft
crl_of ica ica leaf
expect 1 'invalid: revoked: leaf' --roots root.pem --leaf both.pem --crl root.crl --crl ica.crl
expect 1 'invalid: revoked: leaf' --roots root.pem --leaf both.pem --crl ica.crl --policy revocation_mode=soft
expect 2 '' --leaf leaf.pem
expect 2 '' --roots root.pem --leaf leaf.pem --time tomorrow
expect 2 '' --roots root.pem --leaf leaf.pem --policy nonsense
echo "1..$n"
exit "$failed"
