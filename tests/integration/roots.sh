#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# capcert roots: import, verify, diff, hash, lookup, table; what they refuse; NSS's own module; power that goes
# between write and rename.
# shellcheck disable=SC2016 # backquotes and dollars that belong to texts and sed

cd "$(dirname "$0")/../.." || exit 1
capcert=$PWD/build/bin/capcert
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc
exits() { ends "$1" "$2" "$capcert" roots "${@:3}"; } # STATUS TEXT ARG...
json() { holds "$1" "$capcert" roots "${@:2}" --json; } # EXPRESSION ARG...

# ---- a list of our own: certdata.txt with one root for every rule ----

# new_root NAME KEYOPTIONS [REQOPTION]...: a self-signed CA as $dir/NAME.pem
new_root() {
	local name=$1 key=$2
	shift 2
	# shellcheck disable=SC2086
	openssl genpkey $key -out "$dir/$name.key" 2>/dev/null
	openssl req -x509 -new -key "$dir/$name.key" -subj "/O=Test/CN=$name" -days 3650 -out "$dir/$name.pem" \
		-addext keyUsage=critical,keyCertSign "$@" 2>/dev/null
}
ec="-algorithm EC -pkeyopt ec_paramgen_curve:P-256"
for name in Good-One Good--One Mail Ending Denied; do new_root $name "$ec"; done
new_root Weak "-algorithm RSA -pkeyopt rsa_keygen_bits:1024"
new_root Curve "-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1"
new_root Leaf "$ec" -addext basicConstraints=critical,CA:FALSE
new_root Sha1 "$ec" -sha1
cat >"$dir/make-list" <<'END'
import hashlib, ssl, sys

def octal(name, data):
    rows = ("".join("\\%03o" % c for c in data[i:i + 16]) for i in range(0, len(data), 16))
    return "%s MULTILINE_OCTAL\n%s\nEND\n" % (name, "\n".join(rows))

def element(data, at):
    size, head = data[at + 1], 2
    if size >= 0x80:
        head += size & 0x7f
        size = int.from_bytes(data[at + 2:at + head], "big")
    return at + head, at + head + size

def fields(der):
    at, end = element(der, element(der, 0)[0])
    while at < end:
        stop = element(der, at)[1]
        yield der[at:stop]
        at = stop

print("BEGINDATA")
for word in sys.argv[1:]:
    path, trust, after = word.split("=")
    der = ssl.PEM_cert_to_DER_cert(open(path).read())
    _, serial, _, issuer = list(fields(der))[:4]
    label = path.rsplit("/", 1)[1][:-4]
    names = octal("CKA_ISSUER", issuer) + octal("CKA_SERIAL_NUMBER", serial)
    print('CKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\nCKA_LABEL UTF8 "%s"' % label)
    print(names + octal("CKA_VALUE", der), end="")
    print(octal("CKA_NSS_SERVER_DISTRUST_AFTER", after.encode()) if after
          else "CKA_NSS_SERVER_DISTRUST_AFTER CK_BBOOL CK_FALSE")
    if trust:
        print('CKA_CLASS CK_OBJECT_CLASS CKO_NSS_TRUST\nCKA_LABEL UTF8 "%s"' % label)
        print(names + octal("CKA_CERT_SHA1_HASH", hashlib.sha1(der).digest()), end="")
        print("CKA_TRUST_SERVER_AUTH CK_TRUST CKT_NSS_" + trust)
END
tls=TRUSTED_DELEGATOR
make_list() { python3 "$dir/make-list" "$@"; }
make_list "$dir/Good-One.pem=$tls=" "$dir/Good--One.pem=$tls=" "$dir/Mail.pem=MUST_VERIFY_TRUST=" "$dir/Ending.pem=$tls=241130235959Z" \
	"$dir/Denied.pem=$tls=" "$dir/Weak.pem=$tls=" "$dir/Curve.pem=$tls=" "$dir/Leaf.pem=$tls=" "$dir/Sha1.pem=$tls=" >"$dir/certdata.txt"
echo Denied >"$dir/deny"

# ---- import ----
import() { "$capcert" roots import "$dir/certdata.txt" --deny "$dir/deny" --staging "$@"; }
imports() {
	local out
	out=$(import "$dir/staging") && echo "$out" || return 1
	grep -qF 'skip  Mail: rule 1' <<<"$out" && grep -qF 'skip  Ending: rule 2' <<<"$out" && grep -qF '2024-11-30T23:59:59Z' <<<"$out" &&
		grep -qF 'skip  Denied: rule 6' <<<"$out" && grep -qF 'skip  Weak: rule 4' <<<"$out" && grep -qF '1024' <<<"$out" &&
		grep -qF 'skip  Curve: rule 4' <<<"$out" && grep -qF 'skip  Leaf: structure' <<<"$out" &&
		grep -qF '9 certificates: 3 ok, 6 skipped' <<<"$out" && grep -qF 'deny list: 1 entries' <<<"$out"
}
ok "import explains every skip with its rule" imports
ok "a SHA-1 self-signature excludes nobody" test -f "$dir/staging/Sha1.pem"
ok "two labels of one stem are two files" test -f "$dir/staging/Good_One.pem" -a -f "$dir/staging/Good_One-2.pem"
header() {
	diff <(sed -n 1,4p "$dir/staging/Good_One.pem") <(
		echo "# Label: Good-One"
		echo "# OpenSSL subject hash: $(openssl x509 -noout -subject_hash -in "$dir/Good-One.pem")"
		echo "# SHA1 fingerprint: $(openssl x509 -noout -fingerprint -sha1 -in "$dir/Good-One.pem" | cut -d= -f2)"
		echo "# Source: Mozilla NSS certdata.txt (CKT_NSS_TRUSTED_DELEGATOR, server auth)"
	) && diff <(openssl x509 -in "$dir/staging/Good_One.pem") <(openssl x509 -in "$dir/Good-One.pem")
}
ok "a file's header is what OpenSSL says of it" header
ok "import refuses a folder that is not empty" exits 3 'no empty folder' import "$dir/certdata.txt" --staging "$dir/staging"
ok "import wants to know where to" exits 2 -- import "$dir/certdata.txt"
ok "import in JSON" json 'j["ok"] == 3 and j["skipped"]["rule 4"] == 2 and {r["rule"] for r in j["roots"]} >= {"rule 1", "rule 2"}' \
	import "$dir/certdata.txt" --deny "$dir/deny" --staging "$dir/staging.json"
expired() { exits 0 'rule 3' import "$dir/certdata.txt" --staging "$dir/staging.late" --time 2099-01-01; }
ok "what has expired at --time is left out" expired
untouched() { [ -z "$(git status --porcelain data/roots 2>/dev/null)" ]; }
ok "the curated set is as it was" untouched

# ---- malformed lists: the line is named, nothing is written ----
bad_list() {
	local want=$1 line=$2 text=$3
	sed "$line$text" "$dir/certdata.txt" >"$dir/bad.txt"
	exits 3 "$want" import "$dir/bad.txt" --staging "$dir/none" && [ ! -e "$dir/none" ]
}
ok "a value without END" bad_list 'line' 5 ',$d'
ok "an unknown line" bad_list 'line 2:' 2 's/.*/WHAT/'
ok "a digit that is not octal" bad_list 'not octal' 5 's/[0-7]/9/'
ok "a list without BEGINDATA" bad_list 'line 2: no BEGINDATA' 1 's/.*//'
ok "trust in what is not there" bad_list 'line' 1 ',/CKO_NSS_TRUST/{/BEGINDATA/p;/CKO_NSS_TRUST/p;d}'
ok "a list that is none" exits 3 'BEGINDATA' import /etc/hostname --staging "$dir/none"
ok "a list that is not there" exits 3 'No such file' import "$dir/nothing" --staging "$dir/none"

# ---- a set of our own ----
set=$dir/set
mkdir -p "$set/Test"
cp "$dir/staging/Good_One.pem" "$dir/staging/Sha1.pem" "$set/Test"
sections() { printf '## %s\n\nText.\n\n' "Rationale for inclusion" "CA/B Forum compliance" "Past non-compliance" Transparency Sources; }
{
	printf '# Test\n\n## Roots in this folder\n\n<!-- roots: begin -->\n<!-- roots: end -->\n\n'
	sections
} >"$set/Test/README.md"
cat >"$set/CHANGELOG-roots.md" <<-'END'
	# Changes

	## 2026-01-02 — Begun

	- added `Test/Good_One`: because
	- added `Test/Sha1`: because
END
ok "tables are written" exits 0 '1 tables rewritten' table "$set"
ok "and stay as they are" exits 0 '0 tables rewritten' table "$set"
ok "a good set" exits 0 '2 roots of 1 companies, 0 disabled: 0 problems' verify "$set"
ok "a good set in JSON" json 'j["roots"] == 2 and j["problems"] == []' verify "$set"

# wrong TEXT CMD...: after the command on a copy of the set, verify fails and says TEXT.
wrong() {
	local text=$1
	shift
	rm -rf "$dir/copy" && cp -r "$set" "$dir/copy"
	(cd "$dir/copy" && "$@") || return 1
	exits 1 "$text" verify "$dir/copy"
}
edit() { sed -i "$@"; }
ok "a header whose subject hash lies" wrong 'the header says subject hash 00000000' \
	edit 's/^\(# OpenSSL subject hash: \).*/\100000000/' Test/Sha1.pem
ok "a header whose SHA-1 lies" wrong 'the header says SHA-1 00:' edit 's/^\(# SHA1 fingerprint: \)../\100/' Test/Sha1.pem
ok "a header line that is missing" wrong 'line 3 is not' edit 3d Test/Sha1.pem
ok "a label that is another" wrong "makes its name Other.pem" edit '1s/Sha1/Other/' Test/Sha1.pem
ok "a certificate that is cut" wrong 'Test/Sha1.pem:' edit '8,$d' Test/Sha1.pem
ok "two certificates in a file" wrong 'more than one' bash -c 'cat Test/Good_One.pem >>Test/Sha1.pem'
ok "the same root twice" wrong 'is the same certificate as' cp Test/Sha1.pem Test/Sha1-2.pem
ok "a root that nobody wrote down" wrong 'does not say: - added `Test/Sha1`' edit '/Sha1/d' CHANGELOG-roots.md
ok "an entry without a reason" wrong 'no reason' edit 's/`: because/`/' CHANGELOG-roots.md
ok "an entry of what is not there" wrong 'Test/Gone is not there' edit '$a - added `Test/Gone`: x' CHANGELOG-roots.md
ok "a removed root that is there" wrong 'was removed, and is there' edit '4a - removed `Test/Sha1`: x' CHANGELOG-roots.md
ok "a section without a date" wrong "not '## YYYY-MM-DD" edit 's/^## .*/## Begun/' CHANGELOG-roots.md
ok "no change log" wrong 'CHANGELOG-roots.md: is missing' rm CHANGELOG-roots.md
ok "a table that is not its roots'" wrong 'its table is not that of its roots' edit 's/ECDSA P-256/RSA 4096/' Test/README.md
ok "a section that is missing" wrong "section '## Transparency'" edit '/^## Transp/d' Test/README.md
ok "no README.md" wrong 'README.md: is missing' rm Test/README.md
ok "a file that has no business there" wrong 'is neither README.md nor' touch Test/notes.txt
ok "a root outside of a company's folder" wrong 'is no folder' cp Test/Sha1.pem .
ok "a file that is none" wrong 'cannot be read as a file' mkfifo Test/Pipe.pem
ok "a link to a file" wrong 'cannot be read as a file' ln -s Sha1.pem Test/Link.pem
ok "a company without a root" wrong 'has no root' mkdir Empty
ok "a deny list entry without a note" wrong 'does not say: - denied `Nobody`' bash -c 'echo Nobody >deny.txt'
ok "a root that is on the deny list" wrong 'rule 6' bash -c 'echo Sha1 >deny.txt'
ok "a root that has expired" exits 1 'rule 3' verify "$set" --time 2099-01-01
ok "a time that is none" exits 2 'neither' verify "$set" --time tomorrow
ok "a set that is not there" exits 3 'No such file' verify "$dir/nowhere"

# ---- retiring a root ----
retire() {
	rm -rf "$dir/copy" && cp -r "$set" "$dir/copy" && mv "$dir/copy/Test/Sha1.pem" "$dir/copy/Test/Sha1.disabled"
}
banner() { sed -i '2a > Sha1 is disabled since 2026-02-03: it issues no more TLS certificates.\n' "$dir/copy/Test/README.md"; }
logged() { sed -i '2a ## 2026-02-03 — Retired\n\n- disabled `Test/Sha1`: issues no more TLS certificates\n' "$dir/copy/CHANGELOG-roots.md"; }
retire
ok "a disabled root wants a table, a banner and an entry" exits 1 'disabled `Test/Sha1`' verify "$dir/copy"
logged
ok "a disabled root wants a banner" exits 1 'says that Sha1 is disabled' verify "$dir/copy"
banner
"$capcert" roots table "$dir/copy" >/dev/null
ok "a root that was retired as it should be" exits 0 '1 roots of 1 companies, 1 disabled: 0 problems' verify "$dir/copy"
hash=$("$capcert" roots hash "$set/Test/Sha1.pem")
ok "a disabled root is not found any more" exits 1 'no root is called' lookup "$hash" --roots "$dir/copy"
ok "diff says that it is retired" exits 0 'retired here' diff <(make_list "$dir/Good-One.pem=$tls=" "$dir/Sha1.pem=$tls=") --roots "$dir/copy"

# ---- lookup ----
ok "lookup by hash" exits 0 "Test/Sha1.pem" lookup "$hash" --roots "$set"
ok "lookup by name" exits 0 "$hash.0" lookup "$hash.0" --roots "$set"
ok "lookup of a number too high" exits 1 'no root is called' lookup "$hash.1" --roots "$set"
ok "lookup of what is no name" exits 2 'is not HASH' lookup root --roots "$set"
ok "lookup in JSON" json 'len(j) == 1 and j[0]["path"] == "Test/Sha1.pem"' lookup "$hash" --roots "$set"
same_hashes() {
	local file
	for file in data/roots/*/*.pem; do
		[ "$("$capcert" roots hash "$file")" = "$(openssl x509 -noout -subject_hash -in "$file")" ] || { echo "$file" && return 1; }
	done
}
ok "every root's hash is OpenSSL's" same_hashes
rehash() {
	local name
	mkdir -p "$dir/hashed" && cp data/roots/*/*.pem "$dir/hashed" && openssl rehash "$dir/hashed" 2>/dev/null || return 1
	for name in "$dir"/hashed/*.[0-9]; do
		"$capcert" roots lookup "${name##*/}" >/dev/null || { echo "${name##*/}" && return 1; }
	done
}
ok "every name of a directory that OpenSSL hashed is found" rehash

# ---- diff ----
make_list "$dir/Good-One.pem=$tls=" "$dir/Sha1.pem=$tls=" "$dir/Mail.pem=MUST_VERIFY_TRUST=" >"$dir/same.txt"
ok "a list that differs only by rules" exits 0 '2 in both, 1 excluded' diff "$dir/same.txt" --roots "$set"
make_list "$dir/Good-One.pem=$tls=241130235959Z" "$dir/Good--One.pem=$tls=" >"$dir/other.txt"
differs() {
	local out status=0
	out=$("$capcert" roots diff "$dir/other.txt" --roots "$set") || status=$?
	echo "$out"
	[ "$status" = 1 ] && grep -q '^! .* Test/Good_One.pem: rule 2' <<<"$out" && grep -q '^+ .* Good--One: passes every rule' <<<"$out" &&
		grep -q '^- .* Test/Sha1.pem: the list does not have it' <<<"$out"
}
ok "each kind of difference" differs
ok "differences in JSON" json 'j["counts"] == {"both": 1, "excluded": 0, "newer": 0, "disabled": 0, "new": 1, "missing": 1, "doubtful": 1}' \
	diff "$dir/other.txt" --roots "$set"
ok "diff wants one list" exits 2 'one of CERTDATA' diff
nss=$(ldconfig -p | sed -n 's/.*=> \(.*\/libnssckbi\.so\)$/\1/p' | head -1)
[ -n "$nss" ] || nss=$(dpkg -L libnss3 2>/dev/null | grep '/libnssckbi\.so$')
nss_differences() {
	"$capcert" roots diff --module "$nss" --json >"$dir/nss" || [ $? = 1 ] || return 1
	python3 - "$dir/nss" <<-'END'
		import json, sys
		j = json.load(open(sys.argv[1]))
		assert j["counts"]["both"] > 80, j["counts"]
		assert j["counts"]["excluded"] > 10, j["counts"]
		for d in j["differences"]:
		    assert d["why"] and len(d["sha1"]) == 40, d
		    assert (d["difference"] in ("excluded", "doubtful")) == (d["rule"] is not None), d
		assert {"rule 1", "rule 2", "rule 3"} <= {d["rule"] for d in j["differences"]}
	END
}
ok "NSS's own module, each difference with its rule" nss_differences
ok "a module that is none" exits 3 'no PKCS#11 module' diff --module "$dir/certdata.txt"
ok "a module that is not there" exits 3 'no PKCS#11 module' diff --module "$dir/none.so"
ok "a library that is no PKCS#11 module" exits 3 'no PKCS#11 module' diff --module "$(gcc -print-file-name=libc.so.6)"

# ---- bundles ----
at="--number 7 --created 2026-02-03"
# shellcheck disable=SC2086
bundle() { "$capcert" roots bundle $at "$@"; }
same_bytes() {
	bundle "$set" -o "$dir/one" && rm -rf "$dir/copy" && mkdir -p "$dir/copy/Test" && cp "$set"/*.md "$dir/copy" &&
		cp "$set/Test/Sha1.pem" "$set/Test/README.md" "$dir/copy/Test" && cp "$set/Test/Good_One.pem" "$dir/copy/Test" &&
		bundle "$dir/copy" -o - | cmp - "$dir/one"
}
ok "the same set, number and time make the same bytes" same_bytes
# asn1 FILE: what OpenSSL sees in it, one element per line.
asn1() { openssl asn1parse -inform DER -i -in "$1"; }
content() {
	asn1 "$dir/one" >"$dir/parsed" && grep -qF ':webpki' "$dir/parsed" && grep -q 'INTEGER *:07' "$dir/parsed" &&
		grep -qF 'GENERALIZEDTIME   :20260203000000Z' "$dir/parsed" && [ "$(grep -c 'commonName' "$dir/parsed")" = 4 ]
}
ok "OpenSSL sees name, number, time and both roots" content
other_number() { "$capcert" roots bundle "$set" --number 8 --created 2026-02-03 -o "$dir/two" && ! cmp -s "$dir/one" "$dir/two"; }
ok "another number makes other bytes" other_number
ending() {
	bundle "$set" --with-distrust-after "$dir/certdata.txt" --deny "$dir/deny" -o "$dir/three" --json >"$dir/json" &&
		grep -q '"distrustAfter": 1' "$dir/json" && grep -q '"roots": 2' "$dir/json" &&
		[ "$(grep -caF 20241130235959Z "$dir/three")" = 1 ] && ! grep -qaF 20241130235959Z "$dir/one"
}
ok "a distrust-after date becomes a constraint" ending
override() {
	bundle --of webpki --name webpki-late --with-distrust-after "$dir/certdata.txt" --deny "$dir/deny" -o "$dir/four" --json >"$dir/json" &&
		grep -q '"distrustAfter": 1' "$dir/json" && grep -q '"roots": 0' "$dir/json"
}
ok "or an override of the store" override
ok "a bundle wants number and time" exits 2 'the same inputs make the same bytes' bundle "$set" -o "$dir/none"
# shellcheck disable=SC2086
ok "a name that is none" exits 2 'is not 1 to 63' bundle "$set" $at --name Web/PKI -o "$dir/none"
# shellcheck disable=SC2086
ok "an override of nothing" exits 2 '--of goes with' bundle "$set" $at --of webpki -o "$dir/none"
ok "an expired root makes no bundle" exits 1 'rule 3' bundle "$set" --number 7 --created 2099-01-01 -o "$dir/none"
lying_bundle() {
	rm -rf "$dir/copy" && cp -r "$set" "$dir/copy" && sed -i 's/^\(# OpenSSL subject hash: \).*/\100000000/' "$dir/copy/Test/Sha1.pem"
	# shellcheck disable=SC2086
	exits 1 'the header says' bundle "$dir/copy" $at -o "$dir/none" && [ ! -e "$dir/none" ]
}
ok "nor does a root whose header lies" lying_bundle
# shown FILE EXPRESSION: for which the python expression over j holds, j being what capcert bundle show says.
shown() {
	"$capcert" bundle show "$1" --json >"$dir/json" && python3 -c '
import json, sys
j = json.load(open(sys.argv[1]))
assert eval(sys.argv[2]), j' "$dir/json" "$2"
}
ok "a store for TLS servers and nothing else" shown "$dir/one" \
	'j["kind"] == "store" and j["number"] == 7 and j["purposes"] == ["tlsServerAuth"] and [a["plain"] for a in j["anchors"]] == [True, True]'
ok "the date stands at the one root it is for" shown "$dir/three" \
	'[a["distrust_after"]["text"] for a in j["anchors"] if "distrust_after" in a] == ["2024-11-30T23:59:59Z"] and len(j["anchors"]) == 3'
ok "the override adds that root alone" shown "$dir/four" \
	'j["kind"] == "override" and len(j["anchors"]) == 1 and j["anchors"][0]["subject"] == "CN=Ending,O=Test" and not j["remove"]'
signed() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/sign.key" -out "$dir/sign.pem" -subj /CN=signer -days 30 2>/dev/null
	"$capcert" bundle sign "$dir/one" --sign-key "$dir/sign.key" --sign-cert "$dir/sign.pem" -o "$dir/signed" &&
		"$capcert" bundle verify "$dir/signed" --bundle-cert "$dir/sign.pem" &&
		openssl cms -verify -binary -inform DER -in "$dir/signed" -certfile "$dir/sign.pem" -CAfile "$dir/sign.pem" -purpose any |
		cmp - "$dir/one"
}
ok "signed, it verifies here and with openssl cms" signed
whole_set() { "$capcert" roots bundle --number 1 --created 2026-11-27 -o "$dir/webpki" --json | grep -q '"roots": 1[0-9][0-9]'; }
ok "data/roots as a bundle" whole_set

# ---- power that goes between write and rename ----
cat >"$dir/cut.c" <<-'END'
	#include <signal.h>
	int rename(const char *from, const char *to);
	int rename(const char *from, const char *to) { return from && to ? raise(SIGKILL) : -1; }
END
gcc -shared -fPIC -o "$dir/cut.so" "$dir/cut.c"
cut_table() {
	rm -rf "$dir/copy" && cp -r "$set" "$dir/copy"
	sed -i 's/ECDSA P-256/RSA 4096/' "$dir/copy/Test/README.md"
	cp "$dir/copy/Test/README.md" "$dir/before"
	LD_PRELOAD=$dir/cut.so "$capcert" roots table "$dir/copy" && return 1
	cmp "$dir/before" "$dir/copy/Test/README.md"
}
ok "a table is as it was when power goes before the rename" cut_table
cut_import() {
	LD_PRELOAD=$dir/cut.so "$capcert" roots import "$dir/certdata.txt" --staging "$dir/cut" && return 1
	[ ! -e "$dir/cut" ]
}
cut_bundle() {
	cp "$dir/one" "$dir/before"
	LD_PRELOAD=$dir/cut.so "$capcert" roots bundle "$set" --number 9 --created 2026-02-03 -o "$dir/one" && return 1
	cmp "$dir/before" "$dir/one"
}
ok "a bundle is as it was when power goes before the rename" cut_bundle
ok "no staging folder is there when power goes during import" cut_import

finish
