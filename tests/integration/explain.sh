#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# capcert verify --explain without the module: broken chains, each with the sentence that is expected of it.

cd "$(dirname "$0")/../.." || exit 1
capcert=$PWD/build/bin/capcert
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc

# ---- certificates of our own ----
cat >"$dir/ext" <<-END
	[ca]
	basicConstraints = critical, CA:TRUE
	keyUsage = critical, keyCertSign, cRLSign
	subjectKeyIdentifier = hash
	[short]
	basicConstraints = critical, CA:TRUE, pathlen:0
	keyUsage = critical, keyCertSign
	subjectKeyIdentifier = hash
	[narrow]
	basicConstraints = critical, CA:TRUE
	keyUsage = critical, keyCertSign
	nameConstraints = critical, permitted;DNS:example.net
	subjectKeyIdentifier = hash
	[client_ca]
	basicConstraints = critical, CA:TRUE
	keyUsage = critical, keyCertSign
	extendedKeyUsage = clientAuth
	subjectKeyIdentifier = hash
	[leaf]
	basicConstraints = CA:FALSE
	keyUsage = critical, digitalSignature
	extendedKeyUsage = serverAuth
	subjectAltName = DNS:www.example.org, DNS:*.wild.example.org
	authorityInfoAccess = caIssuers;URI:http://ca.example.org/ca.der
	crlDistributionPoints = URI:http://crl.example.org/ca.crl
	[usage]
	basicConstraints = CA:FALSE
	keyUsage = critical, nonRepudiation
	extendedKeyUsage = serverAuth
	subjectAltName = DNS:www.example.org
	[client]
	basicConstraints = CA:FALSE
	keyUsage = critical, digitalSignature
	extendedKeyUsage = clientAuth
	subjectAltName = DNS:www.example.org
END
key() { [ -e "$dir/$1.key" ] || openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$dir/$1.key" 2>/dev/null; }
day() { date -u -d "$1" +%Y%m%d%H%M%SZ; }
# sign FILE SUBJECT KEY EXT ISSUER FROM UNTIL [ARG]...: the certificate $dir/FILE.pem. ISSUER: FILE of its certificate with the key of
# the same name, or - for self-signed.
serial=4096
sign() {
	local file=$1 cn=$2 key=$3 ext=$4 issuer=$5 from=$6 until=$7 as
	shift 7
	key "$key"
	serial=$((serial + 1))
	if [ "$issuer" = - ]; then
		as=(-selfsign -keyfile "$dir/$key.key")
	else
		as=(-cert "$dir/$issuer.pem" -keyfile "$dir/$(cat "$dir/$issuer.keyname").key")
	fi
	echo "$key" >"$dir/$file.keyname"
	cat >"$dir/ca.cnf" <<-END
		[ca]
		default_ca = it
		[it]
		database = $dir/index
		serial = $dir/serial
		new_certs_dir = $dir
		default_md = sha256
		policy = any
		unique_subject = no
		[any]
		CN = supplied
	END
	: >"$dir/index"
	printf '%x\n' "$serial" >"$dir/serial"
	openssl req -new -key "$dir/$key.key" -subj "/CN=$cn" -out "$dir/req" &&
		openssl ca -batch -notext -config "$dir/ca.cnf" -in "$dir/req" "${as[@]}" -extfile "$dir/ext" \
			-extensions "$ext" -startdate "$(day "$from")" -enddate "$(day "$until")" -out "$dir/$file.pem" "$@"
}
make_certs() {
	cp "$dir/ext" "$dir/plain"
	sign root Root root ca - '-300 days' '+300 days' && sign other Other other ca - '-300 days' '+300 days' || return 1
	# What is issued from here on names its issuer's key.
	sed 's/^subjectKeyIdentifier = hash$/&\nauthorityKeyIdentifier = keyid/; s/^basicConstraints = CA:FALSE$/&\nauthorityKeyIdentifier = keyid/' \
		"$dir/plain" >"$dir/ext"
	sign ca CA ca ca root '-100 days' '+100 days' &&
		sign ca_old CA ca ca root '-100 days' '-3 days -1 hour' &&
		sign ca_cross CA ca ca other '-100 days' '+100 days' &&
		sign leaf www.example.org leaf leaf ca '-2 days' '+50 days' &&
		sign leaf_old www.example.org leaf leaf ca '-60 days' '-5 days -1 hour' &&
		sign leaf_new www.example.org leaf leaf ca '+150 minutes' '+50 days' &&
		sign leaf_sha1 www.example.org leaf leaf ca '-2 days' '+50 days' -md sha1 &&
		sign leaf_client www.example.org leaf client ca '-2 days' '+50 days' &&
		sign leaf_usage www.example.org leaf usage ca '-2 days' '+50 days' &&
		sign short Short short short root '-100 days' '+100 days' &&
		sign below Below below ca short '-100 days' '+100 days' &&
		sign leaf_below www.example.org leaf leaf below '-2 days' '+50 days' &&
		sign narrow Narrow narrow narrow root '-100 days' '+100 days' &&
		sign leaf_narrow www.example.org leaf leaf narrow '-2 days' '+50 days' &&
		sign client_ca ClientCA client_ca client_ca root '-100 days' '+100 days' &&
		sign leaf_cca www.example.org leaf leaf client_ca '-2 days' '+50 days' &&
		sign a A a ca - '-100 days' '+100 days' && sign b B b ca a '-100 days' '+100 days' &&
		sign a_by_b A a ca b '-100 days' '+100 days' &&
		sign leaf_a www.example.org leaf leaf a '-2 days' '+50 days' &&
		sign twin CA twin ca root '-100 days' '+100 days' || return 1
	# The list of the CA, with the leaf's number.
	printf 'R\t350101000000Z\t200101000000Z\t%s\tunknown\t/CN=x\n' \
		"$(openssl x509 -in "$dir/leaf.pem" -noout -serial | cut -d= -f2)" >"$dir/index"
	echo 01 >"$dir/number"
	sed -i "s|^default_md.*|&\ncrlnumber = $dir/number\ndefault_crl_days = 30|" "$dir/ca.cnf"
	openssl ca -config "$dir/ca.cnf" -gencrl -cert "$dir/ca.pem" -keyfile "$dir/ca.key" -out "$dir/ca.crl" || return 1
	# Forty of one name, each with a key of its own, each signed by the one before: any may have signed any.
	local i before=root
	for i in $(seq 10 49); do
		sign "many$i" CA "many$i" ca "$before" '-100 days' '+100 days' || return 1
		before=many$i
	done
	sign leaf_many www.example.org leaf leaf many49 '-2 days' '+50 days'
	openssl x509 -in "$dir/ca.pem" -outform DER | head -c 300 >"$dir/broken.der"
}
make_certs >"$dir/log" 2>&1 || { cat "$dir/log"; echo "Bail out! openssl could not make the certificates"; exit 1; }

policy='profile=rfc5280'
# says STATUS TEXT... -- ARG...: the explanation has every TEXT.
says() {
	local status=0 want=$1 out text=() t
	shift
	while [ "$1" != -- ]; do text+=("$1") && shift; done
	shift
	out=$("$capcert" verify --explain --local --policy "$policy" "$@" 2>&1) || status=$?
	printf '%s\n' "$out"
	[ "$status" = "$want" ] || { echo "exit status $status, not $want"; return 1; }
	for t in "${text[@]}"; do grep -qF -- "$t" <<<"$out" || { echo "does not say: $t"; return 1; }; done
}
# json EXPRESSION ARG...: the explanation as JSON, for which the Python expression over j holds.
json() { holds "$1" "$capcert" verify --explain --json --local --policy "$policy" "${@:2}"; }
# A file that has nothing to do with the chain, so that Debian's roots have no part in the tests.
beyond=(--beyond "$dir/a.pem")
c() { local f; files=(); for f in "$@"; do files+=("$dir/$f"); done; }
asked=(--roots "$dir/root.pem" --name www.example.org)

c leaf.pem ca.pem
ok "valid: the path and what ends its life"	says 0 'paths: 1, of which valid: 1' '1. valid  CN=www.example.org <- CN=CA <- CN=Root (anchor)' \
	'its life ends first with CN=www.example.org' 'cost: 2 of 100 signature checks' -- "${asked[@]}" "${files[@]}"
c leaf.pem ca.pem ca_cross.pem
ok "valid: both issuers of a cross-signed CA"	says 0 'paths: 2, of which valid: 2' '2. valid too  CN=www.example.org <- CN=CA <- CN=Other (anchor)' -- \
	"${asked[@]}" --roots "$dir/other.pem" "${files[@]}"
ok "valid: the cross-sign that fails"	says 0 'paths: 2, of which valid: 1' 'the cross-sign of CN=CA by CN=Root works, the one by CN=Other fails' -- \
	"${asked[@]}" "${beyond[@]}" "${files[@]}"

c leaf.pem ca_old.pem ca_cross.pem
ok "expired intermediate, and a cross-sign beyond"	says 1 'CN=CA, certificate 1 of the chain: expired 3 days ago, on ' \
	'-> ask the server'"'"'s administrator to send a current certificate of CN=CA' '; 1 other path fails too' \
	"would be valid with anchor CN=Other, which is in $dir/other.pem but not in this store; the cross-sign of CN=CA by CN=Other works then" -- \
	"${asked[@]}" --beyond "$dir/other.pem" "${files[@]}"
ok "expired intermediate, and a cross-sign that works"	says 0 'the cross-sign of CN=CA by CN=Other works, the one by CN=Root fails' -- \
	"${asked[@]}" --roots "$dir/other.pem" "${files[@]}"
c leaf.pem ca_old.pem
ok "expired intermediate of a newer leaf"	says 1 'the validity periods in path 1 do not overlap' 'tried: no other time' -- \
	"${asked[@]}" "${beyond[@]}" "${files[@]}"
c leaf_old.pem ca_old.pem
ok "expired intermediate and leaf"	says 1 'expired 3 days ago' 'expired 5 days ago' '(the last moment of CN=www.example.org)' -- \
	"${asked[@]}" "${beyond[@]}" "${files[@]}"
c leaf_old.pem ca.pem
ok "expired leaf"	says 1 'CN=www.example.org: expired 5 days ago, on ' '-> ask the server'"'"'s administrator to renew it' \
	'(the last moment of CN=www.example.org)' -- "${asked[@]}" "${beyond[@]}" "${files[@]}"
c leaf_new.pem ca.pem
ok "not yet valid"	says 1 ' on, in 2 hours' '-> is the clock right?' '(the first moment of CN=www.example.org)' -- "${asked[@]}" "${beyond[@]}" "${files[@]}"
policy='profile=rfc5280;time=any'
c leaf.pem ca.pem
ok "a time of the caller's"	says 1 'before the time judged at, on ' -- "${asked[@]}" --time "$(day '+60 days' | sed 's/\(....\)\(..\)\(..\).*/\1-\2-\3/')" "${beyond[@]}" "${files[@]}"
policy='profile=rfc5280'

c leaf.pem
ok "missing intermediate"	says 1 'its issuer is CN=CA, and nobody in the chain or the store is called that' \
	'-> did the server not send the intermediate CN=CA' 'It is offered at http://ca.example.org/ca.der' \
	'tried: no other time, name, purpose or anchor' -- "${asked[@]}" "${beyond[@]}" "${files[@]}"
c leaf.pem broken.der
bad_chain() {
	cat "$dir/leaf.pem" "$dir/mangled.pem" >"$dir/bad-chain.pem"
	says 3 'certificate 2' -- "${asked[@]}" "$dir/bad-chain.pem"
}
{ echo '-----BEGIN CERTIFICATE-----'; base64 "$dir/broken.der"; echo '-----END CERTIFICATE-----'; } >"$dir/mangled.pem"
ok "malformed intermediate: the file is refused"	bad_chain
ok "another root"	says 1 'its issuer is CN=Root, and nobody' "would be valid with anchor CN=Root, which is in $dir/root.pem but not in this store" -- \
	--roots "$dir/other.pem" --beyond "$dir/root.pem" "$dir/leaf.pem" "$dir/ca.pem"
c leaf.pem twin.pem
ok "an issuer of that name with another key"	says 1 \
	'certificate 1 of the chain (CN=CA) has the name of the issuer of CN=www.example.org, but did not sign it' \
	'-> find the certificate of CN=CA with the key that signed this one' -- "${asked[@]}" "${beyond[@]}" "${files[@]}"
c leaf_a.pem a_by_b.pem b.pem
ok "a loop"	says 1 'certificate 1 of the chain (CN=A) has issued CN=B, but the path has been there already' \
	'-> the certificates certify each other in a circle' -- "${asked[@]}" --beyond "$dir/other.pem" "${files[@]}"
c a.pem
ok "a self-signed certificate"	says 1 'is self-signed and no anchor of the store' '-> add it to the store if you trust it, and only then' -- \
	--roots "$dir/root.pem" --beyond "$dir/other.pem" "${files[@]}"

c leaf.pem ca.pem
ok "wrong host"		says 1 'the certificate is for www.example.org, *.wild.example.org; you asked for www.example.com' \
	'-> is it the right server?' 'would be valid without the name' -- --roots "$dir/root.pem" --name www.example.com "${beyond[@]}" "${files[@]}"
ok "wrong host: only www is there"	says 1 'www.example.org is there, example.org without www is not' -- \
	--roots "$dir/root.pem" --name example.org "${beyond[@]}" "${files[@]}"
ok "wrong host: www is not there"	says 1 '*.wild.example.org covers one label only, a.b.wild.example.org has more' -- \
	--roots "$dir/root.pem" --name a.b.wild.example.org "${beyond[@]}" "${files[@]}"
ok "wrong host: beside the wildcard"	says 1 '*.wild.example.org does not cover wild.example.org itself' -- \
	--roots "$dir/root.pem" --name wild.example.org "${beyond[@]}" "${files[@]}"
ok "wrong host: an address"	says 1 'ask by host name: the certificate does not have this address' -- \
	--roots "$dir/root.pem" --name 192.0.2.1 "${beyond[@]}" "${files[@]}"
ok "wrong purpose"	says 1 'extended key usage does not allow this purpose, tlsClientAuth; it names serverAuth' 'would be valid for tlsServerAuth' -- \
	"${asked[@]}" --purpose tlsClientAuth "${beyond[@]}" "${files[@]}"
ok "distrusted"		says 1 'CN=CA, certificate 1 of the chain: on the distrust list' '-> it was withdrawn on purpose' \
	'would be valid if it were not on the distrust list' -- "${asked[@]}" --distrust "$dir/ca.pem" "${beyond[@]}" "${files[@]}"
c leaf_client.pem ca.pem
ok "leaf of another extended key usage"	says 1 'tlsServerAuth; it names clientAuth' '-> a certificate that is made for tlsServerAuth is needed' \
	'would be valid for tlsClientAuth or clientIdentity' -- "${asked[@]}" "${beyond[@]}" "${files[@]}"
c leaf_cca.pem client_ca.pem
ok "issuer of another extended key usage"	says 1 'CN=ClientCA may not issue certificates for tlsServerAuth' -- "${asked[@]}" "${beyond[@]}" "${files[@]}"
c leaf_sha1.pem ca.pem
ok "SHA-1"		says 1 'signed with SHA-1 (its key: p256, 256 bits; signed with ecdsa-sha1)' '-> ask for a certificate with a key and a signature that the policy allows' -- \
	"${asked[@]}" "${beyond[@]}" "${files[@]}"
c leaf_below.pem below.pem short.pem
ok "path length"	says 1 'CN=Short allows 0 CA certificates below itself (pathLenConstraint), the path has 1' \
	'-> CN=Below should not have been issued' -- "${asked[@]}" "${beyond[@]}" "${files[@]}"
c leaf_narrow.pem narrow.pem
ok "name constraint"	says 1 'dNSName www.example.org is not within example.net, to which names are limited by CN=Narrow' \
	'-> the name must come from an issuer that may certify it' -- "${asked[@]}" "${beyond[@]}" "${files[@]}"
c leaf_usage.pem ca.pem
ok "key usage"		says 1 'key usage does not allow this purpose; it allows nonRepudiation' '-> ask for a certificate that keeps this rule' -- \
	"${asked[@]}" "${beyond[@]}" "${files[@]}"
c leaf_old.pem ca_cross.pem
ok "three faults at once"	says 1 'would be valid at ' '(the last moment of CN=www.example.org), and without the name, and with anchor CN=Other' -- \
	--roots "$dir/root.pem" --name no.example --beyond "$dir/other.pem" "${files[@]}"
c leaf.pem root.pem ca.pem ca.pem twin.pem
ok "what was left aside"	says 0 'certificate 3 of the chain (CN=CA) stands in the chain already' \
	'certificate 4 of the chain (CN=CA) has the name of the issuer of CN=www.example.org, but did not sign it' -- "${asked[@]}" "${files[@]}"
ok "too many namesakes"	says 1 'the search ended when its budget of 100 signature checks was spent' \
	'-> send only the certificates that lead to the anchor' -- "${asked[@]}" "${beyond[@]}" "$dir/leaf_many.pem" "$dir"/many*.pem
policy='profile=rfc5280;min_scts=2'
c leaf.pem ca.pem
ok "evidence that the policy asks for"	says 1 'the policy asks for SCTs, and there is no list of CT logs' -- "${asked[@]}" "${beyond[@]}" "${files[@]}"
policy='profile=rfc5280'

policy='profile=rfc5280;clock=attested'
ok "a clock that is worth too little"	says 1 'no path was looked for: the clock is worth less' '-> this clock is ' -- "${asked[@]}" "${files[@]}"
c leaf.pem ca.pem
policy='profile=rfc5280;revocation=crl;revocation_mode=hard'
ok "no revocation list"	says 1 '-> its revocation list is offered at http://crl.example.org/ca.crl' -- "${asked[@]}" "${beyond[@]}" "${files[@]}"
ok "revoked"		says 1 'CN=www.example.org: revoked' '-> CN=CA has withdrawn it: a new certificate is needed' -- \
	"${asked[@]}" "${beyond[@]}" --crl "$dir/ca.crl" "${files[@]}"
policy='profile=rfc5280'

# ---- JSON ----
c leaf.pem ca_old.pem ca_cross.pem
ok "JSON: paths"	json "[(p['complete'],p['valid'],len(p['certificates'])) for p in j['paths']]==[(True,False,3),(False,False,2)]" \
	"${asked[@]}" --beyond "$dir/other.pem" "${files[@]}"
ok "JSON: reasons"	json "[c['reason'] for c in j['paths'][0]['certificates']]==[None,'expired',None] and [c['signature'] for c in j['paths'][0]['certificates']]==['good','good','none']" "${asked[@]}" --beyond "$dir/other.pem" "${files[@]}"
ok "JSON: advice"	json "[(a['conditions'],a['anchor'],a['beyond']) for a in j['advice'] if 'beyond' in a['conditions']]==[(['beyond'],'CN=Other','$dir/other.pem')]" \
	"${asked[@]}" --beyond "$dir/other.pem" "${files[@]}"
c leaf.pem ca.pem ca.pem
ok "JSON: notes"	json "[(n['kind'],n['certificate']['index']) for n in j['notes']]==[('repeated',2)] and j['valid'] and j['advice']==[]" \
	"${asked[@]}" "${files[@]}"
ok "JSON: without --explain there is none"	bash -c "! '$capcert' verify --json --local --policy $policy --roots '$dir/root.pem' '$dir/leaf.pem' '$dir/ca.pem' | grep -q budgets"

# ---- usage ----
ok "--beyond without --explain"	bash -c "'$capcert' verify --local --policy $policy --roots '$dir/root.pem' --beyond '$dir/other.pem' '$dir/leaf.pem' 2>&1 | grep -q 'goes with --explain'"
ok "--distrust without --local"	bash -c "'$capcert' verify --distrust '$dir/other.pem' '$dir/leaf.pem' 2>&1 | grep -q 'goes with --local'"
ok "--beyond: no such file"	says 3 'No such file' -- "${asked[@]}" --beyond "$dir/none.pem" "$dir/leaf.pem"
debian=/etc/ssl/certs/ca-certificates.crt
if [ -r $debian ]; then
	# Any of them that may stand in the leaf's place.
	csplit -sz -f "$dir/debian-" -b %03d.pem $debian '/BEGIN CERTIFICATE/' '{*}'
	for f in "$dir"/debian-*.pem; do
		"$capcert" verify --local --policy "$policy" --roots $debian "$f" >"$dir/log" 2>&1 && break
	done
	ok "Debian's roots are looked at of themselves"	says 1 'would be valid with anchor ' "which is in $debian but not in this store" -- \
		--roots "$dir/root.pem" "$f"
fi

finish
