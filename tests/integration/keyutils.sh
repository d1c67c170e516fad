#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: keyctl on our key types: padd print describe show timeout revoke unlink pkey_query pkey_verify; no verb changes a store.

# shellcheck disable=SC2016 # programs for another shell
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
if [ -z "${KEYUTILS_SESSION:-}" ]; then
	exec env KEYUTILS_SESSION=1 keyctl session keyutils "$0" "$@" 2>&1
fi
grep -q '^capcert ' /proc/modules || insmod "$CAPCERT_KO" || exit 1
dir=$(mktemp -d)
verifyd=
trap 'kill $verifyd 2>/dev/null; keyctl clear @s; rm -rf "$dir"' EXIT

# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc

# ---- what to work with: one certificate per kind of key, signatures by openssl
make_cert() { # NAME OPENSSL-ARGS...
	openssl req -x509 -nodes -days 3650 -subj "/CN=$1" -keyout "$dir/$1.key" -out "$dir/$1.pem" "${@:2}" 2>/dev/null &&
		openssl x509 -in "$dir/$1.pem" -outform DER -out "$dir/$1.der"
}
printf 'a message to be signed\n' >"$dir/message"
printf 'another message\n' >"$dir/other"
for hash in sha256 sha384; do
	openssl dgst -$hash -binary -out "$dir/message.$hash" "$dir/message"
	openssl dgst -$hash -binary -out "$dir/other.$hash" "$dir/other"
done
ok "openssl makes an RSA certificate" make_cert rsa -newkey rsa:2048
ok "and a P-256 one" make_cert p256 -newkey ec -pkeyopt ec_paramgen_curve:P-256
ok "and a P-384 one" make_cert p384 -newkey ec -pkeyopt ec_paramgen_curve:P-384
ok "and an Ed25519 one" make_cert ed25519 -newkey ed25519
openssl dgst -sha256 -sign "$dir/rsa.key" -out "$dir/rsa.sig" "$dir/message"
openssl dgst -sha256 -sign "$dir/rsa.key" -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 \
	-out "$dir/pss.sig" "$dir/message"
openssl dgst -sha256 -sign "$dir/p256.key" -out "$dir/p256.sig" "$dir/message"
openssl dgst -sha384 -sign "$dir/p384.key" -out "$dir/p384.sig" "$dir/message"
openssl pkeyutl -sign -rawin -inkey "$dir/ed25519.key" -in "$dir/message" -out "$dir/ed25519.sig"

"$build/bin/capcert-verifyd" 2>"$dir/log" &
verifyd=$!
ready() {
	for _ in {1..600}; do
		grep -q ready "$dir/log" && return 0
		sleep 0.1
	done
	cat "$dir/log"
	return 1
}
ok "verifyd is ready" ready

# ---- certificates
declare -A key
for name in rsa p256 p384 ed25519; do
	key[$name]=$(keyctl padd capcert "$name" @s <"$dir/$name.der")
done
pem=$(keyctl padd capcert pem @s <"$dir/rsa.pem")
ok "padd takes DER" test "${key[rsa]}" -gt 0
ok "padd takes PEM" test "$pem" -gt 0
is "print gives the DER" "$(sha256sum <"$dir/rsa.der")" "$(keyctl pipe "${key[rsa]}" | sha256sum)"
is "of PEM too" "$(sha256sum <"$dir/rsa.der")" "$(keyctl pipe "$pem" | sha256sum)"
says "keyctl print works on bytes" '^:hex:30' keyctl print "${key[rsa]}"
says "describe names type and description" 'capcert: rsa$|capcert *rsa' keyctl describe "${key[rsa]}"
says "rdescribe has the type first" '^capcert;0;0;[0-9a-f]+;' keyctl rdescribe "${key[rsa]}"
says "show lists it" 'capcert: p256' keyctl show @s
says "/proc/keys shows the subject" 'capcert +p256: CN=p256' cat /proc/keys
no "garbage is no certificate" bash -c 'echo garbage | keyctl padd capcert bad @s'
no "nor is half a one" bash -c 'head -c 300 "$1" | keyctl padd capcert bad @s' _ "$dir/rsa.der"
no "nor nothing" bash -c 'keyctl padd capcert bad @s </dev/null'
no "nor one with a byte behind" bash -c '(cat "$1"; printf x) | keyctl padd capcert bad @s' _ "$dir/rsa.der"
no "a certificate is not updated" bash -c 'keyctl pupdate "$1" <"$2"' _ "${key[rsa]}" "$dir/p256.der"
is "and still what it was" "$(sha256sum <"$dir/rsa.der")" "$(keyctl pipe "${key[rsa]}" | sha256sum)"

# ---- pkey_query, pkey_verify
says "pkey_query tells the RSA key's size" '^key_size=2048' keyctl pkey_query "${key[rsa]}" 0 enc=pkcs1 hash=sha256
says "and the longest signature" '^max_sig_size=256' keyctl pkey_query "${key[rsa]}" 0 enc=pkcs1 hash=sha256
says "and that it can only verify" '^verify=y' keyctl pkey_query "${key[rsa]}" 0
says "not sign" '^sign=n' keyctl pkey_query "${key[rsa]}" 0
says "P-256 has 256 bits" '^key_size=256' keyctl pkey_query "${key[p256]}" 0
verify() { # KEY DATA SIGNATURE INFO...
	keyctl pkey_verify "${key[$1]}" 0 "$dir/$2" "$dir/$3" "${@:4}"
}
ok "RSA PKCS#1 with SHA-256" verify rsa message.sha256 rsa.sig enc=pkcs1 hash=sha256
ok "RSA PSS with SHA-256" verify rsa message.sha256 pss.sig enc=pss hash=sha256
ok "ECDSA P-256" verify p256 message.sha256 p256.sig enc=x962 hash=sha256
ok "ECDSA P-384" verify p384 message.sha384 p384.sig enc=x962 hash=sha384
ok "Ed25519 over the message" verify ed25519 message ed25519.sig
no "RSA: another message" verify rsa other.sha256 rsa.sig enc=pkcs1 hash=sha256
no "RSA: the other padding" verify rsa message.sha256 pss.sig enc=pkcs1 hash=sha256
no "ECDSA: another message" verify p256 other.sha256 p256.sig enc=x962 hash=sha256
no "ECDSA: another key's signature" verify p256 message.sha256 p384.sig enc=x962 hash=sha256
no "Ed25519: another message" verify ed25519 other ed25519.sig
no "a digest of the wrong length" verify rsa message.sha384 rsa.sig enc=pkcs1 hash=sha256
no "an encoding that is not the key's" verify rsa message.sha256 rsa.sig enc=x962 hash=sha256
no "no hash at all" verify rsa message.sha256 rsa.sig enc=pkcs1
no "MD5" verify rsa message.sha256 rsa.sig enc=pkcs1 hash=md5
for name in rsa p256 ed25519; do
	cp "$dir/$name.sig" "$dir/bad.sig"
	printf '\x55' | dd of="$dir/bad.sig" bs=1 seek=20 conv=notrunc 2>/dev/null
	data=message.sha256 info=(enc=x962 hash=sha256)
	[ $name != rsa ] || info=(enc=pkcs1 hash=sha256)
	[ $name != ed25519 ] || data=message info=()
	no "$name: one byte of the signature changed" verify $name $data bad.sig "${info[@]}"
done
no "pkey_sign does not exist" keyctl pkey_sign "${key[rsa]}" 0 "$dir/message.sha256" enc=pkcs1 hash=sha256
no "nor pkey_encrypt" keyctl pkey_encrypt "${key[rsa]}" 0 "$dir/message.sha256" enc=pkcs1
no "nor pkey_decrypt" keyctl pkey_decrypt "${key[rsa]}" 0 "$dir/rsa.sig" enc=pkcs1

# ---- verifiers
verifier=$(printf 'preset=webpki-strict' | keyctl padd capverify strict @s)
says "a verifier prints its whole policy" 'preset=webpki-strict;.*min_scts=2' keyctl print "$verifier"
says "and its preset in /proc/keys" 'capverify strict: webpki-strict' cat /proc/keys
again=$(keyctl pipe "$verifier" | keyctl padd capverify again @s)
is "what it prints makes the same verifier" "$(keyctl print "$verifier")" "$(keyctl print "$again")"
no "an unknown key is no policy" bash -c 'printf "preset=webpki-strict;colour=red" | keyctl padd capverify bad @s'
no "nor the same key twice" bash -c 'printf "time=any;time=now" | keyctl padd capverify bad @s'
no "a policy is frozen" bash -c 'printf "preset=webpki-lenient" | keyctl pupdate "$1"' _ "$verifier"

# ---- a store, and everything that must not change it
store=$(keyctl padd captrust anchors @s </dev/null)
ring=$(keyctl newring aside @s)
ok "padd makes an empty store" test "$store" -gt 0
is "which prints nothing" "" "$(keyctl print "$store" 2>&1)"
for name in rsa p256; do
	ok "capcert adds the $name certificate" "$build/bin/capcert" trust add --pin-from-cert "$store" "$dir/$name.pem"
done
anchors=$(keyctl print "$store")
ok "print has one entry per anchor" test "$(tr ';' '\n' <<<"$anchors" | grep -c 'tlsServerAuth')" = 2
for name in rsa p256; do
	print=$(sha256sum <"$dir/$name.der")
	says "with fingerprint, purposes and subject of $name" "${print%% *} tlsServerAuth CN=$name" keyctl print "$store"
done
says "/proc/keys shows version and count" 'captrust +anchors: version [0-9]+, 2 anchors' cat /proc/keys

unchanged() {
	[ "$(keyctl print "$store")" = "$anchors" ] || { keyctl print "$store" && return 1; }
}
# Each verb with what it might be fed; whether it succeeds is not the point, what is in the store is.
try() {
	local title=$1
	shift
	"$@" >/dev/null 2>&1
	ok "$title leaves the anchors alone" unchanged
}
der=$dir/p384.der
no "update with a certificate is refused" keyctl update "$store" "$(cat "$dir/p384.pem")"
try "update" keyctl update "$store" x
no "pupdate with a certificate is refused" bash -c 'keyctl pupdate "$1" <"$2"' _ "$store" "$der"
no "pupdate with nothing is refused" bash -c 'keyctl pupdate "$1" </dev/null' _ "$store"
try "pupdate" bash -c 'keyctl pupdate "$1" <"$2"' _ "$store" "$der"
no "padd again with a certificate is refused" bash -c 'keyctl padd captrust anchors @s <"$1"' _ "$der"
no "padd again with nothing is refused" bash -c 'keyctl padd captrust anchors @s </dev/null'
try "padd again" bash -c 'keyctl padd captrust anchors @s </dev/null'
no "padd with content is refused" bash -c 'keyctl padd captrust more @s <"$1"' _ "$der"
no "link of a certificate into it is refused" keyctl link "${key[p384]}" "$store"
no "unlink of one from it" keyctl unlink "${key[rsa]}" "$store"
no "move into it" keyctl move "${key[p384]}" @s "$store"
no "clear" keyctl clear "$store"
no "newring in it" keyctl newring inside "$store"
no "search in it" keyctl search "$store" capcert rsa
no "restrict_keyring" keyctl restrict_keyring "$store"
no "instantiate" keyctl instantiate "$store" x "$ring"
no "negate" keyctl negate "$store" 10 "$ring"
no "reject" keyctl reject "$store" 10 rejected "$ring"
no "pkey_query" keyctl pkey_query "$store" 0
no "request2 with a call-out" keyctl request2 captrust nobody "info" @s
try "all of that" true
try "link of the store elsewhere" keyctl link "$store" "$ring"
try "move of the store" keyctl move "$store" "$ring" @u
try "setperm" keyctl setperm "$store" 0x3f3f0000
try "update with everything permitted" keyctl update "$store" "$(cat "$dir/p384.pem")"
try "chown" keyctl chown "$store" 0
try "chgrp" keyctl chgrp "$store" 0
try "persistent keyring" keyctl get_persistent @s
keyctl setperm "$store" 0x3f010000
ok "capcert still reads the store" "$build/bin/capcert" trust list "$store"
keyctl unlink "$store" @u 2>/dev/null

# ---- lifetime
short=$(keyctl padd captrust short @s </dev/null)
ok "timeout" keyctl timeout "$short" 1
sleep 2
no "an expired store is not printed" keyctl print "$short"
no "nor opened" "$build/bin/capcert" trust list "$short"
ok "revoke" keyctl revoke "$store"
no "a revoked store is not printed" keyctl print "$store"
no "nor opened" "$build/bin/capcert" trust list "$store"
fails "describe says so" 'Key has been revoked' keyctl describe "$store"
ok "unlink" keyctl unlink "${key[p384]}" @s
no "an unlinked certificate is not found" keyctl search @s capcert p384
ok "revoke of a certificate" keyctl revoke "${key[rsa]}"
no "a revoked one verifies nothing" verify rsa message.sha256 rsa.sig enc=pkcs1 hash=sha256
ok "invalidate" keyctl invalidate "${key[p256]}"
no "an invalidated one verifies nothing" verify p256 message.sha256 p256.sig enc=x962 hash=sha256
finish
