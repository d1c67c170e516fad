#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: signed bundles by openssl and keyctl: admitted, updated, refused, listed; seen and used by an ordinary user.

# shellcheck disable=SC2016 # programs for another shell
cd "$(dirname "$0")/../.." || exit 1
build=$PWD/${BUILD:-build}
if [ -z "${ADMIT_SESSION:-}" ]; then
	exec env ADMIT_SESSION=1 keyctl session admit "$0" "$@" 2>&1
fi
grep -q '^capcert ' /proc/modules || insmod "$CAPCERT_KO" || exit 1
dir=$(mktemp -d /tmp/admit.XXXXXX)
chmod 755 "$dir"
verifyd=
trap 'kill $verifyd 2>/dev/null; keyctl clear @s; rm -rf "$dir"' EXIT
install -m 755 "$build/bin/capcert" "$dir/capcert"
capcert=$dir/capcert
# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc
refused() { # TITLE TEXT CMD...: CMD fails and says TEXT, which is never nothing
	local title=$1 text=${2:?why it is refused}
	shift 2
	ok "$title" bash -c 'out=$("${@:2}" 2>&1) && exit 1; echo "$out"; grep -qF -- "$1" <<<"$out"' _ "$text" "$@"
}
padd() { keyctl padd captrust "$1" @s <"$2"; }
export -f padd
as_user() { setpriv --reuid=12345 --regid=12345 --clear-groups -- keyctl session other "$@"; }
export -f as_user

keys=$build/dev-bundle
grep -q 'development' <("$capcert" feature 2>/dev/null) || keys=$build/test-bundle
[ -r "$keys/key.pem" ] || { echo "1..0 # SKIP no key to sign by: make bundle-keys" && exit 0; }

# content.py KIND NUMBER [CERT.pem...] >CONTENT: of the store "shop", by docs/bundle-format.md alone.
cat >"$dir/content.py" <<'PY'
import base64, hashlib, re, sys
def tlv(tag, body):
    n = len(body)
    length = bytes([n]) if n < 128 else bytes([0x80 | (n.bit_length() + 7) // 8]) + n.to_bytes((n.bit_length() + 7) // 8, 'big')
    return bytes([tag]) + length + body
def integer(n, tag=2):
    return tlv(tag, n.to_bytes(n.bit_length() // 8 + 1, 'big'))
kind, number, files = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
certs = [base64.b64decode(m) for f in files
         for m in re.findall('-----BEGIN CERTIFICATE-----(.*?)-----END', open(f).read(), re.S)]
certs = sorted(set(certs), key=lambda c: hashlib.sha256(c).digest())
name = b'distrust' if kind == 2 else b'shop-over' if kind == 3 else b'shop'
body = integer(1) + tlv(10, bytes([kind])) + tlv(12, name) + integer(number) + tlv(24, b'20260101000000Z')
if kind == 1: body += integer(number - 1, 0x81)
if kind == 3: body += tlv(0x82, b'shop')
body += tlv(3, b'\0' if kind == 2 else b'\x07\x80')
if kind == 2:
    body += tlv(0xa5, b''.join(tlv(0x80, hashlib.sha256(c).digest()) for c in certs))
elif certs or kind == 0:
    body += tlv(0xa4, b''.join(certs))
sys.stdout.buffer.write(tlv(0x30, body))
PY
bundle() { # OUT KIND NUMBER [CERT.pem]...
	python3 "$dir/content.py" "${@:2}" >"$dir/content"
	openssl cms -sign -binary -nodetach -nocerts -noattr -md sha256 -outform DER -signer "$keys/cert.pem" \
		-inkey "$keys/key.pem" -in "$dir/content" -out "$dir/$1"
}
for ca in one two three; do
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/$ca.key" -out "$dir/$ca.pem" \
		-days 3650 -subj "/CN=$ca" -addext basicConstraints=critical,CA:TRUE 2>/dev/null
done
bundle shop1 0 1 "$dir/one.pem" "$dir/two.pem"
bundle shop2 0 2 "$dir/one.pem" "$dir/two.pem" "$dir/three.pem"
bundle shop3 1 3 "$dir/one.pem"
bundle over1 3 1 "$dir/three.pem"
bundle empty 2 2
bundle shop8 0 8 "$dir/one.pem"

ok "a first bundle" padd shop "$dir/shop1"
says "keyctl print shows its anchors" 'tlsServerAuth CN=(one|two)' keyctl print %captrust:shop
says "the system's keyring is listed" 'captrust  shop: version 1, 2 anchors, bundle 1' cat /proc/keys
refused "the same again" "add_key: Stale file handle" padd shop "$dir/shop1"
ok "a newer one" padd shop "$dir/shop2"
refused "the older one, elsewhere" "add_key: Stale file handle" keyctl session elsewhere bash -c "keyctl padd captrust shop @s <$dir/shop1"
refused "under another name" "add_key: Invalid argument" padd shopping "$dir/shop8"
ok "a delta by keyctl pupdate" bash -c "keyctl pupdate %captrust:shop <$dir/shop3"
says "it counts" 'shop: version 3, 3 anchors, bundle 3' cat /proc/keys
LC_ALL=C sed 's/\x0c\x03one/\x0c\x03onf/' "$dir/shop8" >"$dir/altered"
ok "one that is altered is as long" test "$(wc -c <"$dir/altered") $(cmp -s "$dir/altered" "$dir/shop8"; echo $?)" = "$(wc -c <"$dir/shop8") 1"
dmesg -C
refused "its content altered" "add_key: Key was rejected by service" padd shop "$dir/altered"
says "the log says why" 'capcert: bundle refused: .*the signature does not fit the content' dmesg
head -c -1 "$dir/shop8" >"$dir/cut"
refused "cut off" "add_key: Bad message" padd shop "$dir/cut"
(cat "$dir/cut" && tail -c1 "$dir/shop8" | tr '\000-\377' '\001-\377\000') >"$dir/altered"
refused "its signature altered" "add_key: Key was rejected by service" padd shop "$dir/altered"
content() { # TYPE OUT: signed as TYPE, what the bundle shop8 holds
	openssl cms -verify -binary -inform DER -in "$dir/shop8" -certfile "$keys/cert.pem" -CAfile "$keys/cert.pem" -purpose any \
		-out "$dir/content8" 2>/dev/null && openssl cms -sign -binary -nodetach -nocerts -noattr -md sha256 -outform DER \
		-econtent_type "$1" -signer "$keys/cert.pem" -inkey "$keys/key.pem" -in "$dir/content8" -out "$2"
}
content 1.2.840.113549.1.9.16.1.34 "$dir/typed"
refused "its content of another type" "add_key: Bad message" padd shop "$dir/typed"
says "and why" 'capcert: bundle refused: .*content' dmesg
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/mallory.key" -out "$dir/mallory.pem" -days 10 -subj "/CN=mallory" 2>/dev/null
openssl cms -sign -binary -nodetach -nocerts -noattr -md sha256 -outform DER -signer "$dir/mallory.pem" -inkey "$dir/mallory.key" \
	-in "$dir/content8" -out "$dir/mallory"
refused "by another signer" "add_key: Key was rejected by service" padd shop "$dir/mallory"
says "and why" 'capcert: bundle refused: .*signed by nobody this module knows' dmesg
says "none of it has changed anything" 'shop: version 3, 3 anchors, bundle 3' cat /proc/keys
says "openssl reads ours" 'CMS Verification successful' openssl cms -verify -binary -inform DER -in "$dir/shop2" \
	-certfile "$keys/cert.pem" -CAfile "$keys/cert.pem" -purpose any -out /dev/null

says "capcert system admit: an override" 'override shop-over 1 is in force: 3 anchors' "$capcert" system admit "$dir/over1"
refused "again" "not newer" "$capcert" system admit "$dir/over1"
says "capcert system list" 'shop-over' "$capcert" system list
says "capcert system floor" 'shop: up to 3 is refused' "$capcert" system floor shop
says "raised" 'up to 9 is refused' "$capcert" system floor shop 9
says "it never falls" 'up to 9 is refused' "$capcert" system floor shop 4

says "a user sees the system's store" 'CN=three' as_user "$capcert" trust list system:shop
for user in "" as_user; do
	refused "${user:-root} may not add to it" "cannot open 'system:shop' with ADD: the handle lacks the right" \
		$user "$capcert" trust add system:shop "$dir/one.pem" --pin-from-cert
	refused "nor remove from it: by signed bundles alone" "changes by signed bundles alone" \
		$user "$capcert" trust remove system:shop --subject-of "$dir/one.pem"
done
refused "a user may not admit" "'$dir/shop8' is refused, nothing has changed: this needs root of the first user namespace" \
	as_user "$capcert" system admit "$dir/shop8"
refused "nor by keyctl" "add_key: Operation not permitted" as_user bash -c "keyctl padd captrust shop @s <$dir/shop8"
refused "nor raise a floor" "'shop' is refused, nothing has changed: this needs root of the first user namespace" \
	as_user "$capcert" system floor shop 10
says "the floor is where it was" 'up to 9 is refused' "$capcert" system floor shop
says "the store, too" 'shop: version 3, 3 anchors, bundle 3' cat /proc/keys
says "a store of his own of that name is his own" '^[0-9]+$' as_user bash -c 'keyctl add captrust shop "" @s'

serial=$("$capcert" handle --help >/dev/null; awk '/captrust  shop: version/ && / 1b13/ { print "0x" $1; exit }' /proc/keys)
for verb in "revoke" "invalidate" "timeout" "setperm" "chown" "update" "negate" "reject"; do
	why="Permission denied"
	case $verb in negate | reject) why="Operation not permitted" ;; esac
	case $verb in
	timeout) words=("$((serial))" 5) ;;
	setperm) words=("$((serial))" 0x3f3f3f3f) ;;
	chown) words=("$((serial))" 12345) ;;
	update) words=("$((serial))" x) ;;
	negate) words=("$((serial))" 10 @s) ;;
	reject) words=("$((serial))" 10 revoked @s) ;;
	*) words=("$((serial))") ;;
	esac
	refused "keyctl $verb of the system's key, by root" ": $why" keyctl "$verb" "${words[@]}"
done
ok "the distrust list, emptied" padd distrust "$dir/empty"

# An anchor with constraints of its own, which the agent gets from the kernel and answers with.
leaf() { # NAME: a certificate for it, under three
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/leaf.key" -out "$dir/leaf.csr" \
		-subj "/CN=$1" 2>/dev/null
	openssl x509 -req -in "$dir/leaf.csr" -CA "$dir/three.pem" -CAkey "$dir/three.key" -days 90 -out "$dir/$1.pem" \
		-extfile <(printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature' "$1") 2>/dev/null
}
start_verifyd() {
	"$build/bin/capcert-verifyd" --threads 1 >/dev/null 2>"$dir/log" &
	verifyd=$!
	for _ in {1..600}; do
		grep -q ready "$dir/log" && return 0
		sleep 0.1
	done
	return 1
}
judge() { "$capcert" verify --store system:shop-over --verifier judge --name "$1" "$dir/$1.pem" "${@:2}"; }
export -f judge
export capcert dir
leaf www.shop.example
leaf www.other.example
printf '%s permit=dns:shop.example\n' "$(openssl x509 -in "$dir/three.pem" -outform DER | sha256sum | cut -d' ' -f1)" >"$dir/limits"
start_verifyd # not in ok(), which waits for all that writes to its log
ok "an agent" grep ready "$dir/log"
ok "a verifier" bash -c 'printf preset=webpki-lenient | keyctl padd capverify judge @s'
says "under an anchor without constraints: one name" valid judge www.shop.example
says "... and the other" valid judge www.other.example
says "an override that constrains it" 'over2' "$capcert" bundle make --kind override --name shop-over --of shop --number 2 \
	--limits "$dir/limits" --sign-key "$keys/key.pem" --sign-cert "$keys/cert.pem" -o "$dir/over2" "$dir/three.pem"
says "is admitted" 'override shop-over 2 is in force: 3 anchors' "$capcert" system admit "$dir/over2"
says "a name inside the constraints" valid judge www.shop.example
says "the path ends in the anchor's certificate" "$(cut -c1-8 "$dir/limits")" judge www.shop.example --json
refused "a name outside" nameConstraintViolation judge www.other.example

says "the audit trail names admissions and floors" 'admit .*shop-over' "$capcert" audit tail -n 400
says "each of them" '  floor  ' "$capcert" audit tail -n 400
ok "and no operation is without a name" bash -c '! "$1" audit tail -n 400 | grep -E "^ *[0-9]+  [^ ]+( [^ ]+)?  \?"' _ "$capcert"

finish
