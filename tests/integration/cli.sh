#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The capcert command without the module: certificates, local verification, help, errors, exit statuses.

cd "$(dirname "$0")/../.." || exit 1
capcert=$PWD/build/bin/capcert
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc
exits() { ends "$1" "$2" "$capcert" "${@:3}"; } # STATUS TEXT ARG...
json() { holds "$1" "$capcert" "${@:2}"; } # EXPRESSION ARG...

# ---- certificates of our own ----
new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }
cat >"$dir/ext" <<-END
	[ca]
	basicConstraints = critical, CA:TRUE
	keyUsage = critical, keyCertSign, cRLSign
	subjectKeyIdentifier = hash
	[sub]
	basicConstraints = critical, CA:TRUE, pathlen:0
	keyUsage = critical, keyCertSign
	nameConstraints = critical, permitted;DNS:example.org, excluded;DNS:no.example.net, excluded;IP:198.51.100.0/255.255.255.0
	authorityKeyIdentifier = keyid
	[leaf]
	basicConstraints = CA:FALSE
	keyUsage = critical, digitalSignature
	extendedKeyUsage = serverAuth, clientAuth, 1.2.3.4
	subjectAltName = DNS:www.example.org, DNS:*.example.org, IP:192.0.2.7, IP:2001:db8::1, URI:https://example.org/x, email:a@example.org, dirName:dn
	certificatePolicies = 2.23.140.1.2.1
	crlDistributionPoints = URI:http://crl.example.org/a.crl
	authorityInfoAccess = OCSP;URI:http://ocsp.example.org, caIssuers;URI:http://ca.example.org/ca.der
	authorityKeyIdentifier = keyid
	[dn]
	CN = Directory Name
	[staple]
	basicConstraints = CA:FALSE
	extendedKeyUsage = serverAuth
	subjectAltName = DNS:www.example.org
	authorityKeyIdentifier = keyid
	tlsfeature = status_request
END
sign() { # NAME EXT ISSUER [X509-ARG]...
	local name=$1 ext=$2 issuer=$3 cn=www.example.org
	[ "$ext" != sub ] || cn=sub
	shift 3
	openssl req -new -key "$dir/$name.key" -subj "/C=XX/O=Test \"quoted\", Inc./CN=$cn" -out "$dir/req" &&
		openssl x509 -req -in "$dir/req" -CA "$dir/$issuer.pem" -CAkey "$dir/$issuer.key" -extfile "$dir/ext" \
			-extensions "$ext" -set_serial "0x1234567890abcdef" -out "$dir/$name.pem" "$@"
}
make_certs() {
	for name in root sub leaf other staple; do new_key "$dir/$name.key"; done
	openssl req -new -x509 -key "$dir/root.key" -subj /CN=root -days 3000 -config "$dir/ext" -extensions ca \
		-out "$dir/root.pem" 2>/dev/null ||
		openssl req -new -x509 -key "$dir/root.key" -subj /CN=root -days 3000 -out "$dir/root.pem"
	openssl req -new -x509 -key "$dir/other.key" -subj /CN=other -days 3000 -out "$dir/other.pem"
	sign sub sub root -days 1000 && sign leaf leaf sub -days 80 &&
		sign staple staple sub -days 80 && cat "$dir/leaf.pem" "$dir/sub.pem" >"$dir/chain.pem"
	openssl x509 -in "$dir/leaf.pem" -outform DER -out "$dir/leaf.der"
	openssl x509 -in "$dir/sub.pem" -outform DER -out "$dir/sub.der"
	cat "$dir/leaf.der" "$dir/sub.der" >"$dir/chain.der"
	# The last byte belongs to the signature.
	cp "$dir/leaf.der" "$dir/bad.der"
	local size last
	size=$(stat -c %s "$dir/leaf.der")
	last=$(tail -c1 "$dir/leaf.der" | od -An -tu1 | tr -d ' ')
	printf '%b' "\\x$(printf '%02x' $((last ^ 1)))" | dd of="$dir/bad.der" bs=1 seek=$((size - 1)) conv=notrunc status=none
	head -c 100 "$dir/leaf.der" >"$dir/short.der"
}
make_certs >"$dir/log" 2>&1 || { cat "$dir/log"; echo "Bail out! openssl could not make the certificates"; exit 1; }
policy=preset=webpki-lenient

# ---- cert show ----
shows() { exits 0 "$1" cert show "$dir/leaf.pem"; }
ok "cert show prints subject"		shows 'CN=www.example.org'
ok "cert show prints serial"		shows 1234567890abcdef
ok "cert show prints DNS names"		shows 'dNSName www.example.org'
ok "cert show prints IPv4"		shows 'iPAddress 192.0.2.7'
ok "cert show prints IPv6"		shows 'iPAddress 2001:db8::1'
ok "cert show prints directory name"	shows 'CN=Directory Name'
ok "cert show prints key usage"		shows 'digitalSignature (critical)'
ok "cert show prints unknown EKU"	shows 1.2.3.4
ok "cert show prints must staple"	exits 0 'must staple' cert show "$dir/staple.pem"
ok "cert show prints OCSP address"	shows 'OCSP http://ocsp.example.org'
ok "cert show prints CRL address"	shows 'http://crl.example.org/a.crl'
ok "cert show prints name constraints"	exits 0 'iPAddress 198.51.100.0/24' cert show "$dir/sub.pem"
ok "cert show reads DER"		exits 0 'CN=www.example.org' cert show "$dir/leaf.der"
ok "cert show reads concatenated DER"	exits 0 'certificate 2 of 2' cert show "$dir/chain.der"
ok "cert show reads stdin"		bash -c "'$capcert' cert show - <'$dir/chain.pem' | grep -q 'certificate 2 of 2'"
ok "cert show reads several files"	exits 0 'certificate 3 of 3' cert show "$dir/chain.pem" "$dir/root.pem"
ok "no colours off a terminal"		bash -c "! '$capcert' cert show '$dir/leaf.pem' | grep -q $'\033'"

fp=$(openssl x509 -in "$dir/leaf.pem" -noout -fingerprint -sha256 | sed 's/.*=//; s/://g' | tr A-F a-f)
fp512=$(openssl x509 -in "$dir/leaf.pem" -noout -fingerprint -sha512 | sed 's/.*=//; s/://g' | tr A-F a-f)
spki=$(openssl x509 -in "$dir/leaf.pem" -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1)
end=$(date -d "$(openssl x509 -in "$dir/leaf.pem" -noout -enddate | cut -d= -f2)" +%s)
leaf() { json "$1" cert show --json "$dir/leaf.pem"; }
ok "JSON: fingerprints"		leaf "j[0]['fingerprint']['sha256']=='$fp' and j[0]['fingerprint']['sha512']=='$fp512'"
ok "JSON: key hash"		leaf "j[0]['publicKey']['fingerprint']['sha256']=='$spki'"
ok "JSON: notAfter"		leaf "j[0]['notAfter']['epoch']==$end"
ok "JSON: key usage"		leaf "j[0]['keyUsage']==['digitalSignature']"
ok "JSON: extended key usage"	leaf "[e['name'] for e in j[0]['extendedKeyUsage']]==['serverAuth','clientAuth','other']"
ok "JSON: basic constraints"	leaf "j[0]['basicConstraints']=={'ca':False,'pathLenConstraint':-1}"
ok "JSON: must staple"		json "[c['mustStaple'] for c in j]==[False,True]" cert show --json "$dir/leaf.pem" "$dir/staple.pem"
ok "JSON: seven names"		leaf "len(j[0]['subjectAltNames'])==7"
ok "JSON: algorithm"		leaf "j[0]['publicKey']['algorithm']=='p256' and j[0]['signatureScheme']=='ecdsa-sha256'"
ok "JSON: kind of leaf"		leaf "j[0]['kind']=='endEntity'"
ok "JSON: attributes of the subject"	leaf "[a['name'] for a in j[0]['subject']['attributes']]==['C','O','CN']"
ok "JSON: attribute with quotes"	leaf "j[0]['subject']['attributes'][1]['value']=='Test \"quoted\", Inc.'"
ok "JSON: policies"		leaf "j[0]['certificatePolicies']==['2.23.140.1.2.1']"
ok "JSON: DER is the file"	leaf "__import__('base64').b64decode(j[0]['der'])==open('$dir/leaf.der','rb').read()"
ok "JSON: extensions with criticality"	leaf "{e['name']:e['critical'] for e in j[0]['extensions']}['keyUsage'] is True"
ok "JSON: name constraints"	json "len(j[0]['nameConstraints']['permitted'])==1 and j[0]['nameConstraints']['excluded'][0]['value']=='no.example.net'" \
	cert show --json "$dir/sub.pem"
ok "JSON: kinds of CA certificates"	json "[c['kind'] for c in j]==['intermediate','trustAnchor']" \
	cert show --json "$dir/sub.pem" "$dir/root.pem"
roots=/etc/ssl/certs/ca-certificates.crt
ok "JSON: every root of Debian"	json "len(j)==$(grep -c BEGIN $roots) and all(len(c['fingerprint']['sha256'])==64 and c['subject']['text'] for c in j)" \
	cert show --json $roots
same_fingerprints() {
	"$capcert" cert show --json "$roots" | python3 -c '
import json, sys, ssl, hashlib, re
pem = open(sys.argv[1]).read()
want = [hashlib.sha256(ssl.PEM_cert_to_DER_cert(b)).hexdigest()
	for b in re.findall("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", pem, re.S)]
got = [c["fingerprint"]["sha256"] for c in json.load(sys.stdin)]
assert want == got' "$roots"
}
ok "JSON: fingerprints of every root of Debian are python's" same_fingerprints

ok "cert show: no file"			exits 3 'No such file' cert show "$dir/none"
ok "cert show: not a certificate"	exits 3 'certificate 1' cert show "$dir/ext"
ok "cert show: truncated"		exits 3 'bytes end early' cert show "$dir/short.der"
ok "cert show: empty file"		exits 3 'no certificate in it' cert show /dev/null
ok "cert show: PEM without END"		bash -c "head -5 '$dir/leaf.pem' >'$dir/noend'; '$capcert' cert show '$dir/noend' 2>&1 | grep -q 'no END line'"
ok "cert show: nothing to read"		exits 2 'nothing to read' cert show

ok "cert export PEM to DER"	bash -c "'$capcert' cert export --der '$dir/leaf.pem' | cmp - '$dir/leaf.der'"
ok "cert export DER to PEM"	bash -c "'$capcert' cert export '$dir/chain.der' | cmp - '$dir/chain.pem'"
ok "cert export -o FILE"	bash -c "'$capcert' cert export '$dir/leaf.pem' -o '$dir/out' && cmp '$dir/out' '$dir/leaf.pem'"
ok "cert export: both forms"	exits 2 'exclude each other' cert export --pem --der "$dir/leaf.pem"

# ---- verify --local ----
local_verify() { exits "$1" "$2" verify --local --roots "$dir/root.pem" --policy "$policy" "${@:3}"; }
ok "valid chain"		local_verify 0 valid --name www.example.org "$dir/chain.pem"
ok "valid without a name"	local_verify 0 valid "$dir/chain.pem"
ok "valid by wildcard"		local_verify 0 valid --name a.example.org "$dir/chain.pem"
ok "valid by letters beyond ASCII" local_verify 0 valid --name 'BÜCHER.example.org' "$dir/chain.pem"
ok "valid for an IP address"	local_verify 0 valid --name 192.0.2.7 "$dir/chain.pem"
ok "valid: chain of two files"	local_verify 0 valid --name www.example.org "$dir/leaf.pem" "$dir/sub.der"
ok "valid: client purpose"	local_verify 0 tlsClientAuth --purpose tlsClientAuth "$dir/chain.pem"
ok "wrong name"			local_verify 1 nameMismatch --name www.example.net "$dir/chain.pem"
ok "no name"			local_verify 3 'may be no host name' --name '*.example.org' "$dir/chain.pem"
ok "no name beyond ASCII"	local_verify 3 'may be no host name' --name '☃.example.org' "$dir/chain.pem"
ok "bad signature"		local_verify 1 signatureMismatch "$dir/bad.der" "$dir/sub.pem"
ok "missing intermediate"	local_verify 1 unknownAnchor "$dir/leaf.pem"
ok "other root"			exits 1 unknownAnchor verify --local --roots "$dir/other.pem" --policy $policy "$dir/chain.pem"
ok "wrong purpose"		local_verify 1 badEku --purpose codeSigning "$dir/chain.pem"
ok "missing staple"		local_verify 1 mustStapleMissing --name www.example.org "$dir/staple.pem" "$dir/sub.pem"
policy="$policy;time=any"
ok "too late"			local_verify 1 expired --time 2099-01-01 "$dir/chain.pem"
ok "too early"			local_verify 1 notYetValid --time 2001-01-01T00:00:00Z "$dir/chain.pem"
ok "strict policy fails closed"	exits 1 invalid verify --local --roots "$dir/root.pem" --policy preset=webpki-strict "$dir/chain.pem"
ok "JSON of a valid chain"	json "j['valid'] and j['reason'] is None and len(j['path'])==3 and j['leaf']=='$fp' and j['engine']=='local'" \
	verify --local --roots "$dir/root.pem" --policy $policy --name www.example.org --json "$dir/chain.pem"
ok "JSON of an invalid chain"	json "not j['valid'] and j['reason']=='nameMismatch' and j['reasonNumber']==4" \
	verify --local --roots "$dir/root.pem" --policy $policy --name no.example --json "$dir/chain.pem"

# ---- the root as a trust anchor without certificate (RFC 5914), and with a constraint ----
python3 - "$dir" <<'EOF'
import subprocess, sys
d = sys.argv[1]
def tlv(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    size = bytes([n]) if n < 128 else bytes([0x81, n]) if n < 256 else bytes([0x82, n >> 8, n & 255])
    return bytes([tag]) + size + body
def cut(der):
    n, head = der[1], 2
    if n & 0x80:
        head += n & 0x7f
        n = int.from_bytes(der[2:head], "big")
    return der[:head + n], der[head:head + n], der[head + n:]
def elements(body):
    while body:
        whole, _, body = cut(body)
        yield whole
cert = subprocess.run(["openssl", "x509", "-in", f"{d}/root.pem", "-outform", "DER"], capture_output=True, check=True).stdout
fields = list(elements(cut(cut(cert)[1])[1]))
name, key = fields[5:7]
def anchor(*more):
    return tlv(0xa2, tlv(0x30, key, b"\x04\x02ab", tlv(0x30, name, *more)))
narrow = anchor(tlv(0xa3, tlv(0xa1, tlv(0x30, tlv(0x82, b"example.org")))))
for file, der in ("ta.der", anchor()), ("tal.der", tlv(0x30, anchor(), cert)), ("narrow.der", narrow), \
        ("keyonly.der", tlv(0x30, key, b"\x04\x02ab")):
    open(f"{d}/{file}", "wb").write(der)
EOF
under() { exits "$1" "$2" verify --local --roots "$dir/$3" --policy "$policy" --name www.example.org "$dir/chain.pem"; }
ok "valid by a raw key"		under 0 'no end' ta.der
ok "valid by a list"		under 0 valid tal.der
ok "excluded by the anchor"	under 1 nameConstraintViolation narrow.der
ok "a key without a name"	under 3 'without a name' keyonly.der
ok "cert show: no certificate"	exits 3 'RFC 5914' cert show "$dir/ta.der"
ok "JSON of a raw key"		json "j['valid'] and j['path'][2]['notAfter'] is None and j['path'][1]['notAfter']" \
	verify --local --roots "$dir/ta.der" --policy $policy --json "$dir/chain.pem"

# ---- revocation lists: of the root, with and without the leaf's serial number; of a CA that may sign none ----
new_crl() { # NAME ISSUER INDEX-LINE
	printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s\ncrlnumber=%s\ndefault_md=sha256\ndefault_crl_days=30\n' \
		"$dir/index" "$dir/number" >"$dir/ca.cnf"
	printf '%s' "$3" >"$dir/index" && echo 01 >"$dir/number" && rm -f "$dir/index.attr" &&
		openssl ca -config "$dir/ca.cnf" -gencrl -cert "$dir/$2.pem" -keyfile "$dir/$2.key" -out "$dir/$1.crl"
}
make_crls() {
	new_key "$dir/direct.key" && sign direct leaf root -days 80 && new_crl good root '' && new_crl sub sub '' &&
		new_crl revoked root "$(printf 'R\t350101000000Z\t200101000000Z,keyCompromise\t1234567890ABCDEF\tunknown\t/CN=x')
" && openssl crl -in "$dir/revoked.crl" -outform DER -out "$dir/revoked.der" &&
		new_crl again root "$(printf 'R\t350101000000Z\t200101000000Z,superseded\t1234567890ABCDEF\tunknown\t/CN=x')
"
}
make_crls >"$dir/log" 2>&1 || { cat "$dir/log"; echo "Bail out! openssl could not make the lists"; exit 1; }
hard="revocation=crl;revocation_mode=hard"
with_crl() { exits "$1" "$2" verify --local --roots "$dir/root.pem" --policy "$hard" "${@:3}"; }
ok "not on the list"		with_crl 0 valid --crl "$dir/good.crl" "$dir/direct.pem"
ok "on the list"		with_crl 1 keyCompromise --crl "$dir/revoked.crl" "$dir/direct.pem"
ok "on the list, in DER"	with_crl 1 'revoked at 2020-01-01' --crl "$dir/revoked.der" "$dir/direct.pem"
ok "on the list, explained"	with_crl 1 'superseded, by the list of CN=root' --explain --crl "$dir/again.crl" "$dir/direct.pem"
ok "no list"			with_crl 1 ocspUnavailable "$dir/direct.pem"
ok "the issuer may sign no lists"	with_crl 1 'key usage' --crl "$dir/good.crl" --crl "$dir/sub.crl" "$dir/chain.pem"
ok "no list in the file"	with_crl 3 'no revocation list' --crl "$dir/root.pem" "$dir/direct.pem"
ok "--crl through the kernel"	exits 2 '--store STORE' verify --crl "$dir/good.crl" "$dir/chain.pem"

ok "no roots"			exits 2 '--roots FILE' verify --local --policy $policy "$dir/chain.pem"
ok "no policy"			exits 2 '--policy TEXT' verify --local --roots "$dir/root.pem" "$dir/chain.pem"
ok "bad policy"			exits 2 'capcert-policy(5)' verify --local --roots "$dir/root.pem" --policy preset=none "$dir/chain.pem"
ok "bad time"			exits 2 'is no time' verify --local --time yesterday "$dir/chain.pem"
ok "bad purpose"		exits 2 'tlsServerAuth' verify --local --purpose tls "$dir/chain.pem"
ok "two purposes"		exits 2 'one purpose' verify --local --purpose codeSigning,ctLog "$dir/chain.pem"
ok "--roots without --local"	exits 2 'goes with --local' verify --roots "$dir/root.pem" "$dir/chain.pem"
ok "--store with --local"	exits 2 'does not go with --local' verify --local --store x "$dir/chain.pem"
ok "no store"			exits 2 'which trust store' verify "$dir/chain.pem"

# ---- policies ----
ok "verifier check: whole policy"	exits 0 preset=webpki-strict verifier check --preset webpki-strict
ok "verifier check: canonical text is stable" bash -c "'$capcert' verifier check --preset private-mtls >'$dir/a' &&
	'$capcert' verifier check --file '$dir/a' >'$dir/b' && cmp '$dir/a' '$dir/b'"
ok "verifier check: JSON"		json "j['preset']=='code-signing'" verifier check --preset code-signing --json
ok "verifier check: nonsense"		exits 2 'no policy' verifier check nonsense=1

# ---- help and errors ----
for noun in cert trust verifier verify exec handle outcome audit distrust system feature; do
	ok "help $noun"			exits 0 "capcert $noun" help $noun
	ok "$noun --help"		exits 0 "capcert $noun" $noun --help
	for verb in $("$capcert" help --complete $noun ''); do
		ok "$noun $verb --help"	exits 0 "usage: capcert $noun $verb" $noun "$verb" --help
		ok "$noun $verb: unknown option"	exits 2 "unknown option '--bogus'" $noun "$verb" --bogus
	done
done
ok "no argument"		exits 2 'usage: capcert NOUN'
ok "help"			exits 0 'Exit status' help
ok "--version"			exits 0 'capcert 0.' --version
ok "unknown noun"		exits 2 'did you mean trust' turst
ok "unknown verb"		exits 2 'one of: show export' cert frobnicate
ok "missing verb"		exits 2 'needs a verb' trust
ok "mistyped option"		exits 2 'did you mean --json' cert show --jsno
ok "missing word"		exits 2 'missing' trust add web
ok "too many words"		exits 2 'one word too many' trust list a b
ok "add without a pin"		exits 2 'a pin is needed' trust add web "$dir/root.pem"
ok "add with both pins"		exits 2 'a pin is needed' trust add web "$dir/root.pem" --pin-from-cert --pin "sha256:$fp"
ok "add with a malformed pin"	exits 2 'is no pin' trust add web "$dir/root.pem" --pin "$fp"
ok "add of many without --all"	exits 2 '--all' trust add web "$dir/chain.pem" --pin-from-cert
ok "remove what?"		exits 2 'say which' trust remove web
ok "restrict: malformed"	exits 2 'no SHA-256' trust restrict web --fingerprint 00
ok "exec without command"	exits 2 'command to run is missing' exec --with a=1:VERIFY
ok "exec: malformed --with"	exits 2 'NAME=KEY:RIGHTS' exec --with a=1 -- true
ok "exec: unknown right"	exits 2 'are no rights' exec --with a=1:FLY -- true
ok "exec: stray --restrict"	exits 2 'belongs to no --with' exec --restrict a=live -- true
ok "exec: unknown kind"		exits 2 'says not what it is' exec --with a=web:VERIFY -- true
ok "exec: unknown user"		exits 2 'no user' exec --user no-such-user -- true
ok "exec: command not found"	exits 3 'cannot run' exec -- /nonexistent
ok "exec: exit status is the command's"	exits 7 '' exec -- sh -c 'exit 7'
ok "exec: no file is left open"	bash -c "exec 9</dev/null; '$capcert' exec -- sh -c '! [ -e /proc/self/fd/9 ]'"
ok "exec: CAPCERT_FDS is empty"	bash -c "CAPCERT_FDS=store=5 '$capcert' exec -- sh -c '[ -z \"\$CAPCERT_FDS\" ]'"
ok "exec: no module"		exits 3 'cannot open' exec --with a=captrust:none-such:VERIFY -- true
ok "handle list of this shell"	exits 0 'holds no handles' handle list $$
ok "handle list: no process"	exits 2 'no process id' handle list x
ok "handle of nobody"		exits 3 'no handle named' handle info fd:nothing
ok "feature"			exits 0 library feature
ok "feature as JSON"		json "j['library'] and len(j['presets'])==5 and 'module' in j" feature --json

# ---- completion ----
# shellcheck disable=SC1091,SC2034,SC2317
completes() {
	local want=$1
	shift
	. data/capcert.bash
	COMP_WORDS=(capcert "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	PATH=$PWD/build/bin:$PATH _capcert
	[[ " ${COMPREPLY[*]} " == *" $want "* ]] || { echo "${COMPREPLY[*]}"; return 1; }
}
ok "completion: nouns"		completes verifier ver
ok "completion: verbs"		completes restrict trust re
ok "completion: options"	completes --pin-from-cert trust add --p
ok "completion: files"		completes data/capcert.bash cert show data/capcert.b

finish
