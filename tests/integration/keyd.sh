#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: dev: the keeper of keys with a real SoftHSM: handles sign, and only what they may; keys stay in the token; faults.

# shellcheck disable=SC2016,SC2119 # programs for another shell; functions with optional arguments
cd "$(dirname "$0")/../.." || exit 1
build=$PWD/${BUILD:-build}
if [ -z "${KEYD_SESSION:-}" ]; then
	exec env KEYD_SESSION=1 keyctl session keyd "$0" "$@" 2>&1
fi
grep -q '^capcert ' /proc/modules || insmod "$CAPCERT_KO" || exit 1
module=$(echo /usr/lib/*/softhsm/libsofthsm2.so)
[ -e "$module" ] || { echo "skipped: softhsm2 is not installed" && exit 77; }
spy=$(echo /usr/lib/*/pkcs11/pkcs11-spy.so)
[ -e "$spy" ] || { echo "skipped: opensc-pkcs11 is not installed" && exit 77; }
dir=$(mktemp -d)
keyd=
trap 'kill -9 $keyd 2>/dev/null; keyctl clear @s; rm -rf "$dir"' EXIT
chmod 711 "$dir"

# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc
logs=("$dir/log")

# ---- a token of nobody's, and keys in it
mkdir "$dir/tokens" "$dir/pins" && chmod 700 "$dir/pins"
printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' "$dir" >"$dir/conf"
export SOFTHSM2_CONF=$dir/conf
pin=60521734
softhsm2-util --init-token --free --label alpha --pin $pin --so-pin 87654321 >/dev/null || exit 1
chown -R nobody:nogroup "$dir/tokens"
echo $pin >"$dir/pins/pin.alpha" && chmod 400 "$dir/pins/pin.alpha"
vault=(--module "$module" --records "$dir/records" --pin-file "$dir/pins/pin.alpha" --user nobody)
key() { "$build/bin/capcert" key "$@" "${vault[@]}"; }
pkcs11() { setpriv --reuid nobody --regid nogroup --clear-groups pkcs11-tool --module "$module" "$@"; }
chmod 644 "$dir/conf"

ok "a P-256 key is made in the token" key generate web --token alpha --purpose tls-server,tls-client
ok "a P-384 key" key generate p384 --token alpha --type p384 --purpose tls-server
ok "an Ed25519 key" key generate ed --token alpha --type ed25519 --purpose tls-server
ok "an RSA key" key generate rsa --token alpha --type rsa2048 --purpose tls-server
ok "a CA's" key generate ca --token alpha --purpose ca-sign
ok "one for code" key generate code --token alpha --purpose code-sign
ok "an ACME account's" key generate acme --token alpha --purpose acme-account
fails "a label is given once" 'is there' "$build/bin/capcert" key generate web --token alpha --purpose ca-sign "${vault[@]}"
fails "a key has a purpose" 'what for' "$build/bin/capcert" key generate x --token alpha "${vault[@]}"
key list --token alpha --json >"$dir/list" 2>&1
is "seven are listed, each for what it was made" "7 7 7" \
	"$(python3 -c 'import json,sys; k=json.load(open(sys.argv[1])); print(len(k), sum(bool(x["purposes"]) for x in k), sum(x["neverExtractable"] and x["sensitive"] for x in k))' "$dir/list")"
no "no list has the PIN or a private number in it" grep -qE "$pin|privateExponent|\"d\"" "$dir/list"
fails "records only get narrower" 'only be narrowed' "$build/bin/capcert" key import-uri 'pkcs11:token=alpha;object=web' --purpose ca-sign "${vault[@]}"
fails "a PIN is not for a URI" 'not a URI' "$build/bin/capcert" key show "pkcs11:token=alpha;object=web?pin-value=$pin" "${vault[@]}"

# ---- the token gives no key away, with the PIN and all
no "p11tool cannot export it either" env GNUTLS_PIN=$pin p11tool --provider "$module" --login --export 'pkcs11:token=alpha;object=web;type=private'
no "nor make it extractable" bash -c 'printf "%s" "$1" >/dev/null; python3 - "$2" "$1" <<"END"
import ctypes, sys
lib = ctypes.CDLL(sys.argv[1])
u = ctypes.c_ulong
class A(ctypes.Structure): _fields_ = [("t", u), ("p", ctypes.c_void_p), ("n", u)]
assert lib.C_Initialize(None) == 0
n = u(8); slots = (u * 8)(); lib.C_GetSlotList(1, slots, ctypes.byref(n))
s = u(); assert lib.C_OpenSession(slots[0], 6, None, None, ctypes.byref(s)) == 0
pin = sys.argv[2].encode(); assert lib.C_Login(s, 1, pin, len(pin)) == 0
cls = u(3); find = A(0, ctypes.cast(ctypes.pointer(cls), ctypes.c_void_p), 8)
lib.C_FindObjectsInit(s, ctypes.byref(find), 1)
o = (u * 16)(); k = u(); lib.C_FindObjects(s, o, 16, ctypes.byref(k)); lib.C_FindObjectsFinal(s)
assert k.value >= 7, k.value
done = 0
for i in range(k.value):
    for attr, value in ((0x162, 1), (0x103, 0)): # CKA_EXTRACTABLE, CKA_SENSITIVE
        v = ctypes.c_ubyte(value); a = A(attr, ctypes.cast(ctypes.pointer(v), ctypes.c_void_p), 1)
        done += lib.C_SetAttributeValue(s, o[i], ctypes.byref(a), 1) == 0
print(done, "changed", flush=True)
import os; os._exit(0 if done else 1)
END' _ $pin "$module"

# ---- the keeper
# shellcheck disable=SC2120 # sometimes with options
start_keyd() { # [OPTION]...
	"$build/bin/capcert-keyd" --token alpha --module "$module" --path "$dir/tokens" --records "$dir/records" \
		--pin-dir "$dir/pins" --user nobody "$@" 2>"$dir/log" &
	keyd=$!
	for _ in {1..1200}; do
		grep -q ready "$dir/log" && return 0
		kill -0 "$keyd" 2>/dev/null || break
		sleep 0.05
	done
	cat "$dir/log"
	return 1
}
stop_keyd() {
	kill -TERM "$keyd" && wait "$keyd"
}
ok "--check opens the token and lists all" bash -c '[ "$("$@" | grep -c "object=\|id=")" = 7 ]' _ "$build/bin/capcert-keyd" --check \
	--token alpha --module "$module" --path "$dir/tokens" --records "$dir/records" --pin-dir "$dir/pins" --user nobody
ok "keyd is ready, with two sessions at most" start_keyd --sessions 2
confined() {
	local status
	for status in "/proc/$keyd/task"/*/status; do
		grep -q '^CapEff:.0000000000000000' "$status" && grep -q '^NoNewPrivs:.1' "$status" &&
			grep -q '^Seccomp:.2' "$status" && grep -qE '^Uid:.65534' "$status" || return 1
	done
}
ok "all its threads are confined" confined
no "its arguments and environment have no PIN" grep -q $pin "/proc/$keyd/cmdline" "/proc/$keyd/environ"

if ! "$build/bin/capcert" feature --json | grep -q '"profile": "development"'; then
	fails "in production a development token is refused" 'rejected' keyctl add capkey web \
		'pkcs11:token=alpha;object=web;purpose=tls-server' @s
	ok "the end" stop_keyd
	echo "1..$n"
	exit $failed
fi
declare -A capkey
add() { # NAME PURPOSES
	keyctl add capkey "$1" "pkcs11:token=alpha;object=$1;purpose=$2" @s
}
for what in 'web tls-server,tls-client' 'p384 tls-server' 'ed tls-server' 'rsa tls-server' 'ca ca-sign' 'code code-sign' 'acme acme-account'; do
	capkey[${what% *}]=$(add "${what% *}" "${what#* }")
	ok "the administrator adds ${what% *}" test "${capkey[${what% *}]:-0}" -gt 0
done
no "a purpose that is not on record is not added" keyctl add capkey bad 'pkcs11:token=alpha;object=web;purpose=ca-sign' @s
no "nor a key that is not there" keyctl add capkey bad 'pkcs11:token=alpha;object=none;purpose=ca-sign' @s
no "nor one of another token" keyctl add capkey bad 'pkcs11:token=beta;object=web;purpose=tls-server' @s
no "an ordinary user adds none" setpriv --reuid 1000 --regid 1000 --clear-groups keyctl add capkey bad 'pkcs11:token=alpha;object=web;purpose=tls-server' @s
pkcs11 --login --pin $pin --keypairgen --key-type EC:prime256v1 --label foreign --id 77 >/dev/null 2>&1
no "a key without a record is refused" keyctl add capkey foreign 'pkcs11:token=alpha;object=foreign;purpose=tls-server' @s
ok "import-uri makes one" key import-uri 'pkcs11:token=alpha;object=foreign' --purpose tls-client
no "for nothing else" keyctl add capkey foreign 'pkcs11:token=alpha;object=foreign;purpose=tls-server' @s
capkey[foreign]=$(add foreign tls-client)
ok "and then it is a key" test "${capkey[foreign]:-0}" -gt 0

# ---- signatures by an unprivileged program with a handle and nothing else
mkdir "$dir/home" && chown 1000:1000 "$dir/home"
head -c 300 /dev/urandom >"$dir/message"
# by KEY RIGHTS ARG...: keysign as uid 1000 with one handle
by() {
	"$build/bin/capcert" exec --with "k=capkey:$1:$2" --user 1000 -- "$build/tests/integration/keysign" "$3" k "${@:4}"
}
with=()
for name in web p384 ed rsa ca; do with+=(--with "$name=capkey:$name:SIGN"); done
verify() { # NAME HASH [OPENSSL-OPTION...]
	openssl dgst "-$2" -verify "$dir/$1.pub" -signature "$dir/$1.sig" "${@:3}" "$dir/message"
}
for name in web p384 ed rsa code acme ca foreign; do
	"$build/bin/capcert" key show "pkcs11:token=alpha;object=$name" "${vault[@]}" --json
done | python3 -c '
import base64, json, sys
text, at, names = sys.stdin.read(), 0, {}
while at < len(text.rstrip()):
    key, end = json.JSONDecoder().raw_decode(text[at:].lstrip())
    at += len(text[at:]) - len(text[at:].lstrip()) + end
    with open(sys.argv[1] + "/" + key["label"] + ".pub", "w") as f:
        f.write("-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(bytes.fromhex(key["spki"])).decode() + "\n-----END PUBLIC KEY-----\n")
' "$dir"
openssl dgst -sha256 -binary "$dir/message" >"$dir/message.sha256"
m=$dir/message home=$dir/home
cat >"$dir/batch" <<END
sign web tls-server 0403 $m $home/web.sig
digest web tls-client 0403 $m.sha256 $home/digest.sig
sign p384 tls-server 0503 $m $home/p384.sig
sign rsa tls-server 0401 $m $home/rsa.sig
sign rsa tls-server 0805 $m $home/pss.sig
sign ed tls-server 0807 $m $home/ed.sig
sign web code-sign 0403 $m $home/none
sign web tls-server 0401 $m $home/none
digest web tls-server 0503 $m.sha256 $home/none
digest ca ca-sign 0403 $m.sha256 $home/none
sign ca ca-sign 0403 $m $home/none
END
batch() { "$build/bin/capcert" exec "${with[@]}" --user 1000 -- "$build/tests/integration/keysign" batch web "$dir/batch"; }
is "six are signed; not another purpose, another scheme, a short digest, a CA's digest, no TBSCertificate" \
	"OK OK OK OK OK OK EACCES EOPNOTSUPP EINVAL EINVAL EACCES" "$(batch | tr '\n' ' ' | sed 's/ $//')"
cp "$home"/*.sig "$dir/"
ok "openssl verifies ECDSA P-256 with SHA-256" verify web sha256
ok "of a digest" bash -c 'openssl dgst -sha256 -verify "$1/web.pub" -signature "$1/digest.sig" "$1/message"' _ "$dir"
ok "ECDSA P-384 with SHA-384" verify p384 sha384
ok "RSA PKCS#1 with SHA-256" verify rsa sha256
cp "$dir/pss.sig" "$dir/rsa.sig"
ok "RSA PSS with SHA-384" verify rsa sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:48
ok "Ed25519" openssl pkeyutl -verify -rawin -pubin -inkey "$dir/ed.pub" -in "$dir/message" -sigfile "$dir/ed.sig"
fails "without SIGN nothing is signed" EACCES by web PUBLIC sign tls-server 0403 "$dir/message"
sign_web() { by web SIGN sign tls-server 0403 "$dir/message"; }
signs() { sign_web >"$dir/web.sig" && verify web sha256; }
pkey_sign() {
	keyctl pkey_sign "${capkey[foreign]}" 0 "$dir/message.sha256" enc=x962 hash=sha256 >"$dir/foreign.sig" &&
		verify foreign sha256
}
ok "keyctl pkey_sign signs" pkey_sign

# ---- GnuTLS and JWS by the handle
csr() { by web SIGN+INFO+PUBLIC csr >"$dir/csr.pem" && openssl req -verify -noout -in "$dir/csr.pem"; }
ok "a certification request, which openssl verifies" csr
ok "a self-signed certificate" bash -c '"$@" >"$0/code.pem" && openssl verify -CAfile "$0/code.pem" "$0/code.pem"' "$dir" \
	"$build/bin/capcert" exec --with k=capkey:code:SIGN+INFO+PUBLIC --user 1000 -- "$build/tests/integration/keysign" self k
cms() {
	by code SIGN+INFO+PUBLIC cms "$dir/code.pem" "$dir/message" >"$dir/cms.der" &&
		openssl cms -verify -inform DER -in "$dir/cms.der" -CAfile "$dir/code.pem" -purpose any -binary -out "$dir/cms.out" &&
		cmp "$dir/cms.out" "$dir/message"
}
ok "signed data, which openssl verifies" cms
fails "GnuTLS gets no key that must see what it signs" EACCES by ca SIGN+INFO+PUBLIC csr
issue() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/tmp.key" -subj /CN=CA -days 2 -out "$dir/tmp.pem" 2>/dev/null
	openssl x509 -in "$dir/tmp.pem" -force_pubkey "$dir/ca.pub" -signkey "$dir/tmp.key" -out "$dir/ca.pem" 2>/dev/null
	by ca SIGN issue "$dir/ca.pem" "$dir/csr.pem" >"$dir/issued.pem" &&
		openssl verify -partial_chain -trusted "$dir/ca.pem" "$dir/issued.pem"
}
ok "a certificate by the CA's key, which openssl verifies" issue
jws() {
	printf '{"termsOfServiceAgreed":true}' >"$dir/payload"
	by acme SIGN+PUBLIC jws '{"nonce":"abc","url":"https://ca.example/new-acct"}' "$dir/payload" >"$dir/jws" || return 1
	python3 - "$dir" <<-'END'
		import base64, json, sys
		dir = sys.argv[1]
		d = lambda s: base64.urlsafe_b64decode(s + "=" * (-len(s) % 4))
		header, payload, sig = open(dir + "/jws").read().strip().split(".")
		assert json.loads(d(header)) == {"nonce": "abc", "url": "https://ca.example/new-acct", "alg": "ES256"}, d(header)
		assert d(payload) == open(dir + "/payload", "rb").read()
		sig = d(sig)
		assert len(sig) == 64
		n = lambda b: (lambda v: bytes([2, len(v)]) + v)((b"\0" if b[0] & 128 else b"") + b)
		strip = lambda b: b.lstrip(b"\0")
		der = n(strip(sig[:32])) + n(strip(sig[32:]))
		open(dir + "/jws.sig", "wb").write(bytes([0x30, len(der)]) + der)
		open(dir + "/jws.in", "w").write(header + "." + payload)
	END
	openssl dgst -sha256 -verify "$dir/acme.pub" -signature "$dir/jws.sig" "$dir/jws.in"
}
ok "a JWS, ES256" jws
fails "an ACME account's key signs nothing but JWS" EACCES by acme SIGN sign acme-account 0403 "$dir/message"

# ---- many at once
ok "100 programs at once, two sessions, every signature right" by web SIGN+PUBLIC+TRANSFER many 100

# ---- faults
mv "$dir/tokens" "$dir/away"
fails "the token is gone" ENODEV sign_web
mkdir "$dir/tokens" && chown nobody "$dir/tokens"
fails "another one is there" ENODEV sign_web
rmdir "$dir/tokens" && mv "$dir/away" "$dir/tokens"
back() {
	for _ in {1..600}; do
		sign_web >"$dir/web.sig" 2>/dev/null && break
		sleep 0.1
	done
	verify web sha256
}
ok "it is back, and signs" back
# What keyd does with the token waits for these locks: the request is in its hands.
hold_token() {
	python3 -c '
import fcntl, glob, sys, time
files = [open(p, "r+b") for p in glob.glob(sys.argv[1] + "/tokens/*/*")]
for f in files:
    fcntl.lockf(f, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()' "$dir" >"$dir/held" < <(sleep 300) &
	holder=$!
	until grep -q held "$dir/held"; do sleep 0.05; done
}
killed() {
	local program status
	hold_token
	sign_web >"$dir/web.sig" 2>"$dir/killed" &
	program=$!
	for _ in {1..1200}; do
		grep -qs fcntl_setlk "/proc/$keyd/task"/*/wchan && break
		sleep 0.05
	done
	kill -KILL "$keyd"
	wait "$keyd" 2>/dev/null
	wait "$program"
	status=$?
	kill "$holder"
	cat "$dir/killed"
	[ "$status" = 1 ] && grep -q EIO "$dir/killed"
}
ok "keyd is killed during a signature: EIO" killed
waits() {
	sign_web >"$dir/web.sig" &
	local program=$!
	sleep 0.2
	spied && wait "$program" && verify web sha256
}
# OpenSC's spy stands between keyd and the token, and writes each call into the log.
spied() {
	local real=$module status
	export PKCS11SPY=$real
	module=$spy
	start_keyd
	status=$?
	module=$real
	unset PKCS11SPY
	return "$status"
}
token_signs() { grep -cE '^[0-9]+: C_Sign$' "$dir/log"; }
ok "with no keyd a signature waits for the next one" waits
is "the token signed that, and nothing of what the killed one had" 1 "$(token_signs)"
ok "one more" signs
is "is one more" 2 "$(token_signs)"
ok "a key is destroyed" key destroy 'pkcs11:token=alpha;object=p384'
fails "its handle signs no more" ENOKEY by p384 SIGN sign tls-server 0503 "$dir/message"
keyctl revoke "${capkey[rsa]}"
fails "a revoked key neither" 'EKEYREVOKED|revoked' by rsa SIGN sign tls-server 0401 "$dir/message"

# ---- the PIN
stop_keyd
pin_low() { # what the token says of wrong tries
	setpriv --reuid nobody --regid nogroup --clear-groups pkcs11-tool --module "$module" -L | grep -q 'user PIN count low'
}
no "no try has been wrong so far" pin_low
echo 11111111 >"$dir/pins/wrong" && chmod 400 "$dir/pins/wrong"
mv "$dir/pins/pin.alpha" "$dir/pins/right" && cp "$dir/pins/wrong" "$dir/pins/pin.alpha" && chmod 400 "$dir/pins/pin.alpha"
ok "with a wrong PIN keyd starts all the same" start_keyd
ok "it says so" grep -q 'PIN is wrong' "$dir/log"
ok "one try was wrong" pin_low
pkcs11 --login --pin $pin -O >/dev/null 2>&1
no "the right one clears that" pin_low
fails "no signature" ENODEV sign_web
fails "and none the next time" ENODEV sign_web
no "and no second try" pin_low
cp "$dir/pins/right" "$dir/pins/pin.alpha"
stop_keyd
ok "the right PIN again" start_keyd
ok "signs" signs
ok "the end" stop_keyd
finish
