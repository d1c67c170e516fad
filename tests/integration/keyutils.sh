#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: the real keyctl on our key types: what must work, and what nobody may do to a trust store.

cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
PATH=$PWD/$build/bin:$PATH
dir=$(mktemp -d)
verifyd=
trap 'kill $verifyd 2>/dev/null; rm -rf "$dir"' EXIT

if [ -z "${KEYUTILS_SESSION:-}" ]; then
	exec env KEYUTILS_SESSION=1 keyctl session keyutils "$0" "$@" 2>&1
fi
grep -q '^capcert ' /proc/modules || insmod "$CAPCERT_KO" || exit 1

n=0 failed=0
result() {
	n=$((n + 1))
	[ "$1" = 0 ] && echo "ok $n - $2" && return
	sed 's/^/# /' "$dir/out"
	echo "not ok $n - $2"
	failed=1
}
# works TITLE PATTERN CMD...: succeeds, and its output matches.
works() {
	local title=$1 pattern=$2 status=0
	shift 2
	"$@" >"$dir/out" 2>&1 || status=1
	[ -z "$pattern" ] || grep -qE -- "$pattern" "$dir/out" || status=1
	result $status "$title"
}
# fails TITLE PATTERN CMD...: fails, and says so.
fails() {
	local title=$1 pattern=$2 status=0
	shift 2
	! "$@" >"$dir/out" 2>&1 || status=1
	grep -qE -- "$pattern" "$dir/out" || status=1
	result $status "$title"
}
padd() { keyctl padd "$2" "$3" @s <"$1"; }
add_pem() { capcert trust add "$1" "$2" --pin-from-cert; }

# Certificates of each algorithm, a message, its digest, and signatures by openssl.
certificate() {
	local name=$1
	shift
	openssl req -x509 -nodes -subj "/CN=$name" -days 10 -keyout "$dir/$name.key" -out "$dir/$name.pem" "$@" 2>/dev/null
	openssl x509 -in "$dir/$name.pem" -outform der -out "$dir/$name.der"
}
certificate rsa -newkey rsa:2048
certificate p256 -newkey ec -pkeyopt ec_paramgen_curve:P-256
certificate p384 -newkey ec -pkeyopt ec_paramgen_curve:P-384
certificate ed25519 -newkey ed25519
echo 'signed by the key of a certificate' >"$dir/message"
echo 'another message' >"$dir/other"
for file in message other; do openssl dgst -sha256 -binary -out "$dir/$file.sha256" "$dir/$file"; done
digest_sign() {
	local out=$1 key=$2
	shift 2
	openssl pkeyutl -sign -inkey "$dir/$key.key" -in "$dir/message.sha256" -pkeyopt digest:sha256 -out "$dir/$out" "$@"
}
digest_sign rsa.sig rsa
digest_sign pss.sig rsa -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:32
digest_sign p256.sig p256
digest_sign p384.sig p384
openssl pkeyutl -sign -inkey "$dir/ed25519.key" -rawin -in "$dir/message" -out "$dir/ed25519.sig"

capcert-verifyd --threads 1 2>"$dir/verifyd.log" &
verifyd=$!
for _ in {1..100}; do
	grep -q ready "$dir/verifyd.log" && break
	sleep 0.1
done

# capcert: certificates.
works "padd a certificate, DER" '^[0-9]+$' padd "$dir/rsa.der" capcert rsa
works "padd a certificate, PEM" '^[0-9]+$' padd "$dir/p256.pem" capcert p256
padd "$dir/p384.pem" capcert p384 >/dev/null
padd "$dir/ed25519.pem" capcert ed25519 >/dev/null
works "describe says whose certificate it is" 'capcert: *rsa' keyctl describe %capcert:rsa
works "print gives the bytes" "$(xxd -p "$dir/rsa.der" 2>/dev/null | head -c 32 || od -An -tx1 -N16 "$dir/rsa.der" | tr -d ' \n')" \
	keyctl print %capcert:rsa
keyctl pipe %capcert:rsa >"$dir/back.der"
works "pipe gives exactly the DER" '' cmp "$dir/rsa.der" "$dir/back.der"
works "show lists it" 'capcert: rsa' keyctl show @s
head -c 100 "$dir/rsa.der" >"$dir/short.der"
fails "padd refuses a truncated certificate" 'Bad message|Invalid' padd "$dir/short.der" capcert short
fails "padd refuses an empty certificate" '.' padd /dev/null capcert empty
fails "... and no key is left" 'Required key not available|not found|available' keyctl search @s capcert short

for key in rsa p256 p384 ed25519; do
	works "pkey_query $key: verifies, signs nothing" '^max_data_size=[1-9]' keyctl pkey_query "%capcert:$key" 0
	works "pkey_query $key: no other operation" 'verify=y' keyctl pkey_query "%capcert:$key" 0
done
verify() { keyctl pkey_verify "%capcert:$1" 0 "$dir/$2" "$dir/$3" "${@:4}"; }
while read -r key data other sig args; do
	# shellcheck disable=SC2086 # several words
	works "pkey_verify $sig" '' verify "$key" "$data" "$sig" $args
	# shellcheck disable=SC2086
	fails "pkey_verify $sig, other data" 'rejected' verify "$key" "$other" "$sig" $args
done <<'EOF'
rsa message.sha256 other.sha256 rsa.sig enc=pkcs1 hash=sha256
rsa message.sha256 other.sha256 pss.sig enc=pss hash=sha256
p256 message.sha256 other.sha256 p256.sig enc=x962 hash=sha256
p384 message.sha256 other.sha256 p384.sig enc=x962 hash=sha256
ed25519 message other ed25519.sig enc=raw
EOF
fails "pkey_verify by another's key" 'rejected' verify p384 message.sha256 p256.sig enc=x962 hash=sha256
fails "pkey_verify without saying how" 'not supported' verify rsa message.sha256 rsa.sig
fails "pkey_sign: a certificate signs nothing" 'not supported' \
	keyctl pkey_sign %capcert:rsa 0 "$dir/message.sha256" enc=pkcs1 hash=sha256

# captrust: a store of one's own; only ADD and REMOVE change it.
works "padd an empty trust store" '^[0-9]+$' padd /dev/null captrust own
works "fill it" '' add_pem own "$dir/rsa.pem"
works "print lists the anchor: SHA-256, purposes, subject" \
	"^$(openssl dgst -sha256 -r "$dir/rsa.der" | cut -c1-64) tlsServerAuth CN=rsa" keyctl print %captrust:own
works "describe counts them" 'captrust: own' keyctl describe %captrust:own
keyctl print %captrust:own >"$dir/before"
fails "update cannot change it" '.' keyctl update %captrust:own x
fails "pupdate cannot change it" '.' sh -c "keyctl pupdate %captrust:own <'$dir/p256.der'"
fails "padd of bytes that no signed bundle is" '.' padd "$dir/p256.der" captrust own
fails "padd of nothing again" '.' padd /dev/null captrust own
fails "clear: it is no keyring" '.' keyctl clear %captrust:own
fails "link into it" '.' keyctl link %capcert:p256 %captrust:own
fails "move into it" '.' keyctl move %capcert:p256 @s %captrust:own
fails "instantiate it again" '.' keyctl instantiate %captrust:own x @s
fails "restrict it as a keyring" '.' keyctl restrict_keyring %captrust:own
keyctl print %captrust:own >"$dir/after"
works "after all that it holds what it held" '' cmp "$dir/before" "$dir/after"

# capverify: frozen.
works "padd a verifier" '^[0-9]+$' keyctl add capverify judge 'preset=webpki-lenient;time=any' @s
works "print gives the canonical policy" 'time=any' keyctl print %capverify:judge
fails "update cannot thaw it" '.' keyctl update %capverify:judge 'preset=webpki-strict'
fails "padd refuses an unknown field" '.' keyctl add capverify wrong 'presets=none' @s
fails "padd refuses a field twice" '.' keyctl add capverify wrong 'time=any;time=now' @s

# Lifetime: the key service's own verbs.
check_fails() { capcert trust list "$1"; }
works "timeout" '' keyctl timeout %captrust:own 1
sleep 2
fails "... and it has run out" 'invalidated|ran out|expired' check_fails own
for type in capcert:p256 capverify:judge; do
	id=$(keyctl search @s "${type%:*}" "${type#*:}")
	works "revoke $type" '' keyctl revoke "$id"
	fails "... and it is revoked" 'revoked' keyctl print "$id"
done
id=$(keyctl search @s capcert p384)
works "unlink" '' keyctl unlink "$id" @s
fails "... and it is gone" 'not available|not found' keyctl search @s capcert p384
works "invalidate" '' keyctl invalidate %capcert:ed25519

echo "1..$n"
exit $failed
