#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Signed bundles without the module: made, signed, read by openssl, made by openssl, refused.

cd "$(dirname "$0")/../.." || exit 1
capcert=$PWD/build/bin/capcert
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc
exits() { ends "$1" "$2" "$capcert" "${@:3}"; } # STATUS TEXT ARG...
json() { holds "$1" works "$capcert" "${@:2}" --json; } # EXPRESSION ARG...

# ---- roots, a leaf, and those who may sign ----
root() { # NAME
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/$1.key" -out "$dir/$1.pem" \
		-days 3650 -subj "/O=Test/CN=$1" -addext basicConstraints=critical,CA:TRUE \
		-addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
}
signer() { # NAME DAYS KEY...
	local name=$1 days=$2
	shift 2
	openssl req -x509 -newkey "$@" -nodes -keyout "$dir/$name.key" -out "$dir/$name.pem" -days "$days" \
		-subj "/CN=$name" 2>/dev/null
}
print() { openssl x509 -in "$1" -outform DER | sha256sum | cut -d' ' -f1; }
for r in alpha beta gamma corp; do root $r; done
signer admin 3650 rsa:2048
signer spare 3650 rsa:3072
signer ec 3650 ec -pkeyopt ec_paramgen_curve:P-256
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/leaf.key" -out "$dir/leaf.csr" \
	-subj /CN=www.example.com 2>/dev/null
leaf() { # ISSUER OUT
	openssl x509 -req -in "$dir/leaf.csr" -CA "$dir/$1.pem" -CAkey "$dir/$1.key" -days 90 -out "$2" \
		-extfile <(printf 'subjectAltName=DNS:www.example.com\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature') 2>/dev/null
}
leaf alpha "$dir/leaf-alpha.pem"
leaf corp "$dir/leaf-corp.pem"
by=(--sign-key "$dir/admin.key" --sign-cert "$dir/admin.pem")
who=(--bundle-cert "$dir/admin.pem")
store() { # NUMBER OUT CERT...
	local number=$1 out=$2
	shift 2
	"$capcert" bundle make --kind store --name web --number "$number" --created 2026-01-01 "${by[@]}" -o "$out" "$@"
}

# ---- made by us, read by openssl ----
ok "a store of three roots, signed" store 5 "$dir/web5" "$dir/alpha.pem" "$dir/beta.pem" "$dir/gamma.pem"
ok "verify says so" exits 0 "signature        good" bundle verify "$dir/web5" "${who[@]}"
ok "verify --json" json "j['name'] == 'web' and j['number'] == 5 and len(j['anchors']) == 3 and j['signature_checked']" \
	bundle verify "$dir/web5" "${who[@]}"
ok "openssl cms -verify reads it" openssl cms -verify -binary -inform DER -in "$dir/web5" -certfile "$dir/admin.pem" \
	-CAfile "$dir/admin.pem" -purpose any -out "$dir/content"
ok "the bare content can be shown" exits 0 "not looked at" bundle show "$dir/content"
order() { store 5 "$dir/again" "$dir/gamma.pem" "$dir/alpha.pem" "$dir/beta.pem" && cmp "$dir/web5" "$dir/again"; }
ok "another order gives the same bytes" order

# ---- made by openssl, read by us ----
cms() { # OUT OPTION...
	local out=$1
	shift
	openssl cms -sign -binary -nodetach -nocerts -noattr -outform DER -signer "$dir/admin.pem" -inkey "$dir/admin.key" \
		-in "$dir/content" -out "$out" "$@"
}
for md in sha256 sha384 sha512; do
	by_openssl() { cms "$dir/by-openssl" -md "$md" && "$capcert" bundle verify "$dir/by-openssl" "${who[@]}"; }
	ok "openssl signs with $md" by_openssl
done
same_as_openssl() { cms "$dir/by-openssl" -md sha256 && cmp "$dir/by-openssl" "$dir/web5"; }
ok "the same bytes as openssl's" same_as_openssl

refused() { # TITLE STATUS TEXT FILE
	ok "refused: $1" exits "$2" "$3" bundle verify "$4" "${who[@]}"
}
cms "$dir/sha1" -md sha1
refused "SHA-1" 3 "an algorithm other than RSA" "$dir/sha1"
openssl cms -sign -binary -nodetach -noattr -md sha256 -outform DER -signer "$dir/admin.pem" -inkey "$dir/admin.key" \
	-in "$dir/content" -out "$dir/certs"
refused "certificates inside" 3 "certificates or revocation lists" "$dir/certs"
openssl cms -sign -binary -nodetach -nocerts -md sha256 -outform DER -signer "$dir/admin.pem" -inkey "$dir/admin.key" \
	-in "$dir/content" -out "$dir/attrs"
refused "signed attributes" 3 "signed or unsigned attributes" "$dir/attrs"
cms "$dir/two" -md sha256 -signer "$dir/spare.pem" -inkey "$dir/spare.key"
refused "a second signer" 3 "not exactly one signer" "$dir/two"
openssl cms -sign -binary -nocerts -noattr -md sha256 -outform DER -signer "$dir/admin.pem" -inkey "$dir/admin.key" \
	-in "$dir/content" -out "$dir/detached"
refused "detached content" 3 "the content is not in the signed data" "$dir/detached"
cms "$dir/keyid" -md sha256 -keyid
refused "a signer by key identifier" 3 "" "$dir/keyid"
openssl cms -encrypt -binary -outform DER -in "$dir/content" -out "$dir/enveloped" "$dir/admin.pem"
refused "enveloped data" 3 "not signed data" "$dir/enveloped"
cms "$dir/type" -md sha256 -econtent_type pkcs9
# openssl gives it version 3 as well
refused "another content type" 3 "other than 1" "$dir/type"
openssl cms -sign -binary -nodetach -nocerts -noattr -md sha256 -outform DER -signer "$dir/spare.pem" -inkey "$dir/spare.key" \
	-in "$dir/content" -out "$dir/by-spare"
refused "somebody else's signature" 1 "signed by none" "$dir/by-spare"
ok "and taken where he may sign" exits 0 "" bundle verify "$dir/by-spare" "${who[@]}" --bundle-cert "$dir/spare.pem"
head -c -1 "$dir/web5" >"$dir/short"
refused "cut off" 3 "bytes end early" "$dir/short"
{ cat "$dir/web5"; printf '\0'; } >"$dir/long"
refused "an octet behind it" 3 "bytes after" "$dir/long"
python3 - "$dir" <<'END'
import sys
d = sys.argv[1]
b = bytearray(open(d + '/web5', 'rb').read())
b[b.index(b'20260101')] ^= 1
open(d + '/altered', 'wb').write(b)
END
refused "altered content" 1 "the signature is wrong" "$dir/altered"
refused "a certificate" 3 "" "$dir/alpha.pem"
openssl x509 -in "$dir/admin.pem" -signkey "$dir/admin.key" -days -1 -out "$dir/old.pem" 2>/dev/null ||
	openssl req -x509 -key "$dir/admin.key" -subj /CN=admin -days -1 -out "$dir/old.pem" 2>/dev/null
if [ -s "$dir/old.pem" ]; then
	ok "refused: an expired signer does not sign" exits 3 "has expired" bundle make --kind store --name web --number 9 \
		--sign-key "$dir/admin.key" --sign-cert "$dir/old.pem" -o "$dir/x" "$dir/alpha.pem"
else
	skip "refused: an expired signer does not sign" "openssl makes no expired certificate"
fi
"$capcert" bundle make --kind store --name web --number 6 --created 2025-01-01 --expires 2025-02-01 "${by[@]}" \
	-o "$dir/over" "$dir/alpha.pem" >/dev/null
refused "an expired bundle" 1 "the bundle has expired" "$dir/over"

# ---- making: what it refuses ----
make() { # STATUS TEXT ARG...
	local status=$1 text=$2
	shift 2
	exits "$status" "$text" bundle make --name web --number 9 -o "$dir/none" "$@"
}
ok "not twice the same" make 3 "in already" --kind store "$dir/alpha.pem" "$dir/alpha.pem"
ok "no unknown kind" make 2 "store, override or distrust" --kind shop "$dir/alpha.pem"
ok "no unknown purpose" make 2 "no purpose" --kind store --purposes tls "$dir/alpha.pem"
ok "no override of nothing" make 2 "not set" --kind override "$dir/alpha.pem"
ok "an EC key does not sign" make 3 "RSA" --kind store --sign-key "$dir/ec.key" --sign-cert "$dir/ec.pem" "$dir/alpha.pem"
ok "another's key does not sign" make 3 "not the certificate's" --kind store --sign-key "$dir/spare.key" \
	--sign-cert "$dir/admin.pem" "$dir/alpha.pem"
echo "$(print "$dir/alpha.pem") colour=red" >"$dir/limits"
ok "no unknown limit" make 2 "no key 'colour'" --kind store --limits "$dir/limits" "$dir/alpha.pem"
for word in purposes=tlsServerAuth distrust-after=2020-01-01 sct-distrust-after=2020-01-01 path-length=1; do
	echo "$(print "$dir/alpha.pem") $word $word" >"$dir/limits"
	ok "no limit twice: ${word%=*}" make 2 "'${word%=*}' twice" --kind store --limits "$dir/limits" "$dir/alpha.pem"
done
echo "$(print "$dir/beta.pem") path-length=1" >"$dir/limits"
ok "no limit of what is not there" make 2 "no certificate has the fingerprint" --kind store --limits "$dir/limits" "$dir/alpha.pem"
ok "and nothing was written" test ! -e "$dir/none"

# ---- files ----
cp "$dir/web5" "$dir/kept"
ok "an older number does not overwrite" exits 3 "--force" bundle make --kind store --name web --number 4 "${by[@]}" \
	-o "$dir/kept" "$dir/alpha.pem"
ok "nor the same number with other content" exits 3 "--force" bundle make --kind store --name web --number 5 "${by[@]}" \
	-o "$dir/kept" "$dir/alpha.pem"
ok "nor what is no bundle" exits 3 "is no bundle" bundle make --kind store --name web --number 5 "${by[@]}" \
	-o "$dir/alpha.pem" "$dir/beta.pem"
ok "it is as it was" cmp "$dir/web5" "$dir/kept"
ok "--force does" exits 0 "" bundle make --kind store --name web --number 4 "${by[@]}" --force -o "$dir/kept" "$dir/alpha.pem"
no_leftovers() { ! ls "$dir"/kept.* "$dir"/web5.* 2>/dev/null; }
ok "no temporary file stays" no_leftovers

# ---- deltas, overrides, distrust: the effect on a verification ----
verify() { # STATUS TEXT LEAF OPTION...
	local status=$1 text=$2 leaf=$3
	shift 3
	exits "$status" "$text" verify --local --policy preset=webpki-lenient --name www.example.com "${who[@]}" "$@" "$leaf"
}
ok "a leaf of a root in the bundle" verify 0 valid "$dir/leaf-alpha.pem" --bundle "$dir/web5"
ok "a leaf of another root" verify 1 unknownAnchor "$dir/leaf-corp.pem" --bundle "$dir/web5"
ok "not with a bundle that is altered" verify 1 "the signature is wrong" "$dir/leaf-alpha.pem" --bundle "$dir/altered"
store 6 "$dir/web6" "$dir/beta.pem" "$dir/corp.pem" >/dev/null
delta() {
	"$capcert" bundle delta "$dir/web5" "$dir/web6" "${by[@]}" -o "$dir/delta" &&
		json "j['kind'] == 'delta' and j['base'] == 5 and len(j['remove']) == 2 and len(j['anchors']) == 1" \
			bundle verify "$dir/delta" "${who[@]}"
}
ok "the delta between two" delta
ok "not backwards" exits 2 "next number" bundle delta "$dir/web6" "$dir/web5" -o "$dir/none"
cat >"$dir/limits" <<-END
	# only inside
	$(print "$dir/corp.pem") permit=dns:corp.example path-length=0
END
limited() { # WORD...: an override whose limits say so
	echo "$(print "$dir/corp.pem") $*" >"$dir/slip"
	"$capcert" bundle make --kind override --name corp --number 1 --of web --limits "$dir/slip" -o "$dir/none" "$dir/corp.pem"
}
for slip in permit=DNS:corp.example exclude=Dns:corp.example permit=IP:10.0.0.0/8 permit=10.0.0.0/8 permit=dsn:corp.example \
	exclude=https://corp.example permit=admin@corp.example; do
	refuses() { local out; out=$(limited "$slip" 2>&1) && return 1; [ $? = 2 ] && grep -F "'${slip#*=}' begins with no known prefix" <<<"$out" &&
		grep -F "write dns:, email:, ip: or uri:" <<<"$out" && [ ! -e "$dir/none" ]; }
	ok "no limit by $slip" refuses
done
ok "a limit by a bare name" limited permit=corp.example && rm -f "$dir/none"
"$capcert" bundle make --kind override --name corp --number 1 --of web --remove "$(print "$dir/alpha.pem")" "${by[@]}" \
	--limits "$dir/limits" -o "$dir/inside" "$dir/corp.pem" >/dev/null
"$capcert" bundle make --kind override --name corp --number 1 --of web "${by[@]}" -o "$dir/outside" "$dir/corp.pem" >/dev/null
ok "an override takes a root out" verify 1 unknownAnchor "$dir/leaf-alpha.pem" --bundle "$dir/web5" --override "$dir/inside"
ok "an override adds a root" verify 0 valid "$dir/leaf-corp.pem" --bundle "$dir/web5" --override "$dir/outside"
ok "and limits its names" verify 1 nameConstraintViolation "$dir/leaf-corp.pem" --bundle "$dir/web5" --override "$dir/inside"
echo "$(print "$dir/alpha.pem") distrust-after=2020-01-01" >"$dir/limits"
"$capcert" bundle make --kind store --name web --number 7 "${by[@]}" --limits "$dir/limits" -o "$dir/dated" "$dir/alpha.pem" >/dev/null
ok "a date of distrust" verify 1 distrusted "$dir/leaf-alpha.pem" --bundle "$dir/dated"
"$capcert" bundle make --kind distrust --name distrust --number 1 "${by[@]}" -o "$dir/list" "$dir/alpha.pem" >/dev/null
ok "a distrust list" verify 1 "" "$dir/leaf-alpha.pem" --bundle "$dir/web5" --distrust "$dir/list"
ok "that is signed" verify 1 "signed by none" "$dir/leaf-alpha.pem" --bundle "$dir/by-spare"
ok "a store is no override" verify 2 "takes a store" "$dir/leaf-alpha.pem" --bundle "$dir/inside"

# ---- export and diff ----
export_to() { # FORMAT OUT SOURCE OPTION...
	local format=$1 out=$2 from=$3
	shift 3
	"$capcert" trust export "$from" "${who[@]}" --format "$format" -o "$out" "$@"
}
# The same subject, two keys: a collision of names.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/twin.key" -out "$dir/twin.pem" -days 3650 \
	-subj /O=Test/CN=alpha -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2>/dev/null
leaf twin "$dir/leaf-twin.pem"
store 8 "$dir/web8" "$dir/alpha.pem" "$dir/twin.pem" "$dir/beta.pem" >/dev/null
ok "to PEM" export_to pem "$dir/out.pem" "$dir/web8"
three() { [ "$(grep -c BEGIN "$1")" = 3 ]; }
ok "three certificates" three "$dir/out.pem"
ok "openssl trusts them" openssl verify -CAfile "$dir/out.pem" "$dir/leaf-alpha.pem"
ok "to a hashed folder" export_to hashed-dir "$dir/hashed" "$dir/web8"
collision() { local h; h=$(openssl x509 -in "$dir/alpha.pem" -noout -subject_hash); [ -e "$dir/hashed/$h.0" ] && [ -e "$dir/hashed/$h.1" ]; }
ok "two of one name are numbered" collision
as_rehash() {
	cp -r "$dir/hashed" "$dir/rehashed" && openssl rehash "$dir/rehashed" &&
		diff <(cd "$dir/hashed" && ls) <(cd "$dir/rehashed" && ls)
}
ok "openssl rehash makes the same names" as_rehash
for l in alpha twin; do
	ok "openssl verify -CApath, $l" openssl verify -no-CAfile -no-CAstore -CApath "$dir/hashed" "$dir/leaf-$l.pem"
done
not_corp() { ! openssl verify -no-CAfile -no-CAstore -CApath "$dir/hashed" "$dir/leaf-corp.pem"; }
ok "and no others" not_corp
ok "a folder that is not empty stays" exits 3 "no empty folder" trust export "$dir/web8" "${who[@]}" --format hashed-dir \
	-o "$dir/hashed"
ok "to p11-kit" export_to p11-kit "$dir/out.p11-kit" "$dir/web8"
p11=$(echo /usr/lib/*/pkcs11/p11-kit-trust.so)
if [ -e "$p11" ]; then
	mkdir -p "$dir/p11/anchors" && cp "$dir/out.p11-kit" "$dir/p11/"
	p11_reads() {
		python3 - "$p11" "$dir/p11" <<-'END'
			import ctypes, sys
			# C_GetFunctionList and C_Initialize with the folder as the module's own argument
			class Args(ctypes.Structure):
			    _fields_ = [(n, ctypes.c_void_p) for n in "abcd"] + [("flags", ctypes.c_ulong), ("reserved", ctypes.c_char_p)]
			lib = ctypes.CDLL(sys.argv[1])
			functions = ctypes.c_void_p()
			assert lib.C_GetFunctionList(ctypes.byref(functions)) == 0
			table = ctypes.cast(functions, ctypes.POINTER(ctypes.c_void_p))
			call = lambda nr, *types: ctypes.CFUNCTYPE(ctypes.c_ulong, *types)(table[nr])
			args = Args(flags=2, reserved=("paths='%s'" % sys.argv[2]).encode())
			assert call(1, ctypes.c_void_p)(ctypes.addressof(args)) == 0
			slots, count = (ctypes.c_ulong * 8)(), ctypes.c_ulong(8)
			assert call(5, ctypes.c_ubyte, ctypes.c_void_p, ctypes.c_void_p)(0, ctypes.addressof(slots), ctypes.addressof(count)) == 0
			session = ctypes.c_ulong()
			assert call(13, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)(
			    slots[0], 4, None, None, ctypes.addressof(session)) == 0
			class Attr(ctypes.Structure):
			    _fields_ = [("type", ctypes.c_ulong), ("value", ctypes.c_void_p), ("len", ctypes.c_ulong)]
			def find(cls):
			    value = ctypes.c_ulong(cls)
			    attr = Attr(0, ctypes.addressof(value), 8)
			    assert call(27, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong)(session, ctypes.addressof(attr), 1) == 0
			    found, n = (ctypes.c_ulong * 64)(), ctypes.c_ulong()
			    assert call(28, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p)(
			        session, ctypes.addressof(found), 64, ctypes.addressof(n)) == 0
			    call(29, ctypes.c_ulong)(session)
			    return list(found[:n.value])
			def number(obj, kind):
			    value = ctypes.c_ulong()
			    attr = Attr(kind, ctypes.addressof(value), 8)
			    assert call(25, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong)(session, obj, ctypes.addressof(attr), 1) == 0
			    return value.value
			certs = find(1)
			assert len(certs) == 3, certs
			# CKO_NSS_TRUST; CKA_TRUST_SERVER_AUTH and CODE_SIGNING; CKT_NSS_TRUSTED_DELEGATOR
			trust = find(0xce534353)
			server = [number(t, 0xce536358) for t in trust]
			code = [number(t, 0xce53635a) for t in trust]
			assert server == [0xce534352] * 3, server
			assert 0xce534352 not in code, code
		END
	}
	ok "p11-kit's trust module reads it: three, for TLS servers only" p11_reads
else
	skip "p11-kit's trust module reads it" "p11-kit-modules is not installed"
fi
if command -v keytool >/dev/null; then
	java() {
		export_to java "$dir/out.jks" "$dir/web8" &&
			keytool -list -keystore "$dir/out.jks" -storepass changeit | grep -c trustedCertEntry | grep -x 3
	}
	ok "to a Java keystore" java
else
	ok "without keytool, a clear error" exits 3 "keytool is not installed" trust export "$dir/web8" "${who[@]}" --format java \
		-o "$dir/out.jks"
fi
ok "not without a signer" exits 2 "who may sign" trust export "$dir/web8"
ok "not from an altered bundle" exits 1 "the signature is wrong" trust export "$dir/altered" "${who[@]}"
ok "what is limited is left out" exits 0 "1 anchors left out" trust export "$dir/dated" "${who[@]}"
ok "unless one insists" exits 0 "BEGIN CERTIFICATE" trust export "$dir/dated" "${who[@]}" --insecure-drop-limits
no_difference() { "$capcert" trust diff "$dir/web8" "$dir/out.pem"; }
ok "a store does not differ from its export" no_difference
diff_json() {
	"$capcert" trust diff "$dir/web5" "$dir/dated" --json >"$dir/json"
	[ $? = 1 ] || return 1
	python3 -c '
import json, sys
j = json.load(open(sys.argv[1]))
assert [len(j[k]) for k in ("added", "removed", "changed")] == [0, 2, 1], j
assert j["changed"][0]["is"]["distrust_after"]["text"].startswith("2020-01-01"), j
assert j["changed"][0]["was"]["distrust_after"] is None, j' "$dir/json"
}
ok "diff --json: removed, and changed" diff_json
ok "diff for people" exits 1 "distrust-after: none -> 2020-01-01" trust diff "$dir/web5" "$dir/dated"

finish
