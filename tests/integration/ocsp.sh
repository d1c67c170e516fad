#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# OCSP responses made by OpenSSL's responder, judged by this library, OpenSSL and GnuTLS; revocation lists alike.
# Where a peer says otherwise, the row says so, and that it does is checked as well.

cd "$(dirname "$0")/../.." || exit 1
capcert=$PWD/build/bin/capcert judge=$PWD/build/tests/ocsp chain=$PWD/build/tests/chain
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0 failed=0
for tool in openssl ocsptool certtool; do
	command -v $tool >/dev/null || { echo "$tool is not here" >&2; exit 77; }
done

# result TITLE OK LOG
result() {
	n=$((n + 1))
	if [ "$2" = 1 ]; then
		echo "ok $n - $1"
	else
		printf '%s\n' "$3" | head -20 | sed 's/^/# /'
		echo "not ok $n - $1"
		failed=1
	fi
}

# says TITLE PATTERN CMD...: the command's output has the pattern, whatever its exit status.
says() {
	local title=$1 want=$2 log
	shift 2
	log=$("$@" 2>&1)
	if grep -qE -- "$want" <<<"$log"; then result "$title" 1; else result "$title" 0 "$log"; fi
}

# ---- certificates of our own ----
cd "$dir" || exit 1
cat >ext <<-END
	[ca]
	basicConstraints = critical, CA:TRUE
	keyUsage = critical, keyCertSign, cRLSign, digitalSignature
	subjectKeyIdentifier = hash
	authorityKeyIdentifier = keyid
	[leaf]
	basicConstraints = CA:FALSE
	keyUsage = critical, digitalSignature
	extendedKeyUsage = serverAuth
	subjectAltName = DNS:www.example.org
	subjectKeyIdentifier = hash
	authorityKeyIdentifier = keyid
	authorityInfoAccess = OCSP;URI:http://ocsp.example.org/
	[staple]
	basicConstraints = CA:FALSE
	keyUsage = critical, digitalSignature
	extendedKeyUsage = serverAuth
	subjectAltName = DNS:www.example.org
	subjectKeyIdentifier = hash
	authorityKeyIdentifier = keyid
	tlsfeature = status_request
	[signer]
	basicConstraints = CA:FALSE
	keyUsage = critical, digitalSignature
	extendedKeyUsage = OCSPSigning
	noCheck = ignored
	subjectKeyIdentifier = hash
	authorityKeyIdentifier = keyid
	[shard1]
	crlDistributionPoints = URI:http://crl.example.org/1.crl
	subjectAltName = DNS:www.example.org
	[shard2]
	crlDistributionPoints = URI:http://crl.example.org/2.crl
	subjectAltName = DNS:www.example.org
	[code]
	basicConstraints = critical, CA:FALSE
	keyUsage = critical, digitalSignature
	extendedKeyUsage = codeSigning
	subjectKeyIdentifier = hash
	authorityKeyIdentifier = keyid
	[other_usage]
	basicConstraints = CA:FALSE
	keyUsage = critical, digitalSignature
	extendedKeyUsage = clientAuth
	subjectKeyIdentifier = hash
	authorityKeyIdentifier = keyid
END
key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null; }
# cert NAME ISSUER SECTION SERIAL [DAYS]
cert() {
	key "$1"
	openssl req -new -key "$1.key" -subj "/O=Test/CN=$1" -out "$1.csr"
	if [ "$1" = "$2" ]; then
		openssl x509 -req -in "$1.csr" -signkey "$1.key" -extfile ext -extensions "$3" \
			-set_serial "$4" -days "${5:-30}" -out "$1.pem" 2>/dev/null
	else
		openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -extfile ext -extensions "$3" \
			-set_serial "$4" -days "${5:-30}" -out "$1.pem" 2>/dev/null
	fi
}
cert root root ca 1
cert ca root ca 2
cert twin root ca 3
cert leaf ca leaf 0x1001
cert bad ca leaf 0x1002
cert gone ca leaf 0x1003
cert stapled ca staple 0x1004
cert first ca shard1 0x1007
cert second ca shard2 0x1008
cert code ca code 0x1005
cert bad_code ca code 0x1006
cert signer ca signer 0x2001
cert wrong_ca twin signer 0x2002
cert wrong_eku ca other_usage 0x2003
cert expired ca signer 0x2004 -1
cat ca.pem root.pem >above.pem
if ! [ -s leaf.pem ] || ! [ -s expired.pem ]; then
	echo "OpenSSL made no certificates" >&2
	exit 1
fi

# OpenSSL's index: V valid, R revoked; what is not there is unknown.
later=351231235959Z
{
	printf 'V\t%s\t\t1001\tunknown\t/O=Test/CN=leaf\n' $later
	printf 'R\t%s\t260101000000Z,keyCompromise\t1002\tunknown\t/O=Test/CN=bad\n' $later
	printf 'V\t%s\t\t1004\tunknown\t/O=Test/CN=stapled\n' $later
	printf 'R\t%s\t260101000000Z,keyCompromise\t1006\tunknown\t/O=Test/CN=bad_code\n' $later
} >index.txt

# respond FILE SIGNER REQUEST-OPTIONS -- RESPONDER-OPTIONS
respond() {
	local out=$1 signer=$2 ask=()
	shift 2
	while [ $# -gt 0 ] && [ "$1" != -- ]; do ask+=("$1") && shift; done
	shift
	openssl ocsp -issuer ca.pem "${ask[@]}" -no_nonce -reqout "$out.req" >/dev/null 2>&1
	openssl ocsp -index index.txt -CA ca.pem -rsigner "$signer.pem" -rkey "$signer.key" -reqin "$out.req" \
		-respout "$out" "$@" >/dev/null 2>&1
	[ -s "$out" ] || echo "# OpenSSL made no $out"
}
respond good ca -cert leaf.pem -- -ndays 7
respond bykey ca -cert leaf.pem -- -ndays 7 -resp_key_id
respond revoked ca -cert bad.pem -- -ndays 7
respond unknown ca -cert gone.pem -- -ndays 7
respond sha256 ca -sha256 -cert leaf.pem -- -ndays 7
respond delegate signer -cert leaf.pem -- -ndays 7
respond delegate_bykey signer -cert leaf.pem -- -ndays 7 -resp_key_id
respond not_carried signer -cert leaf.pem -- -ndays 7 -resp_no_certs
respond by_twin wrong_ca -cert leaf.pem -- -ndays 7
respond by_client wrong_eku -cert leaf.pem -- -ndays 7
respond by_expired expired -cert leaf.pem -- -ndays 7
respond no_next ca -cert leaf.pem --
respond several ca -cert leaf.pem -cert bad.pem -cert gone.pem -- -ndays 7
respond stapled ca -cert stapled.pem -- -ndays 7
printf '\x30\x03\x0a\x01\x03' >try_later
head -c 100 good >short
{ cat good; printf '\0'; } >trailing
respond bare ca -cert leaf.pem -- -ndays 7 -resp_no_certs
last=$(tail -c 1 bare | od -An -tx1 | tr -d ' ' | tr 0-9a-f 1-9a-f0)
{ head -c -1 bare; printf '%b' "\\x$last"; } >altered

# ours FILE CERT WANT [OPTION...]; the answer of this library
ours() {
	local file=$1 cert=$2 want=$3
	shift 3
	says "$file about $cert: $want" "^$want" "$judge" --issuer ca.pem --cert "$cert.pem" "$@" "$file"
}
# peers FILE CERT OPENSSL GNUTLS: what they say of the signature: yes or no
peers() {
	local log ok=0
	log=$(openssl ocsp -issuer ca.pem -cert "$2.pem" -respin "$1" -CAfile root.pem -verify_other above.pem -no_nonce 2>&1)
	if grep -q 'verify OK' <<<"$log" && ! grep -q 'Error\|WARNING: Status' <<<"$log"; then ok=1; fi
	[ "$3" = yes ] || ok=$((1 - ok))
	result "$1: OpenSSL says $3" $ok "$log"
	ok=0
	log=$(ocsptool --verify-response --load-signer ca.pem --infile "$1" 2>&1) && ! grep -q 'Failure' <<<"$log" && ok=1
	[ "$4" = yes ] || ok=$((1 - ok))
	result "$1: GnuTLS says $4" $ok "$log"
}

ours good leaf good
peers good leaf yes yes
ours bykey leaf good
peers bykey leaf yes yes
ours revoked bad 'revoked: keyCompromise at 2026-01-01T00:00:00Z'
peers revoked bad yes yes
ours unknown gone unknown
ours sha256 leaf good
peers sha256 leaf yes yes
ours delegate leaf good
peers delegate leaf yes yes
ours delegate_bykey leaf good
peers delegate_bykey leaf yes yes
ours several leaf good
ours several bad revoked
ours several gone unknown
ours several signer 'invalid: the response is about other certificates'
ours good bad 'invalid: the response is about other certificates'
ours not_carried leaf 'invalid: the response is signed by somebody'
ours not_carried leaf good --signer-certs signer.pem
ours by_twin leaf 'invalid: the response.s signer was not issued by'
peers by_twin leaf no no
ours by_client leaf 'invalid: the response.s signer may not sign responses'
peers by_client leaf no no
ours by_expired leaf 'invalid: the certificate of the response.s signer is not valid'
peers by_expired leaf no no
peers not_carried leaf no no

# Times that OpenSSL's responder does not make.
cat >dated.py <<-'END'
	import datetime
	from cryptography import x509
	from cryptography.hazmat.primitives import hashes, serialization
	from cryptography.x509 import ocsp
	read = lambda name: x509.load_pem_x509_certificate(open(name + ".pem", "rb").read())
	ca, leaf, day = read("ca"), read("leaf"), datetime.timedelta(days=1)
	now = datetime.datetime.utcnow().replace(microsecond=0)
	for out, by, since, until in (("stale", "ca", -10, -3), ("future", "ca", 2, 9), ("old_no_next", "ca", -20, None),
	                              ("new_no_next", "ca", -1, None), ("late_delegate", "signer", -10, -3)):
	    key = serialization.load_pem_private_key(open(by + ".key", "rb").read(), None)
	    builder = ocsp.OCSPResponseBuilder().add_response(
	        cert=leaf, issuer=ca, algorithm=hashes.SHA1(), cert_status=ocsp.OCSPCertStatus.GOOD, this_update=now + since * day,
	        next_update=until and now + until * day, revocation_time=None, revocation_reason=None,
	    ).responder_id(ocsp.OCSPResponderEncoding.HASH, read(by))
	    if by != "ca":
	        builder = builder.certificates([read(by)])
	    open(out, "wb").write(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER))
END
/usr/bin/python3 -W ignore dated.py || { echo "python3-cryptography made no responses" >&2; exit 1; }
# RFC 6960 section 3.2 (5), (6): thisUpdate has come, nextUpdate has not passed. ocsptool leaves both to its caller.
ours stale leaf 'invalid: the response is out of date .nextUpdate'
peers stale leaf no yes
ours future leaf 'invalid: the response is not yet in force .thisUpdate'
peers future leaf no yes
ours late_delegate leaf 'invalid: the response is out of date'
peers late_delegate leaf no yes
# Section 4.2.2.1: without nextUpdate, newer information is available all the time. The policy's max_age bounds it here; both
# peers take a response of any age unless their caller gives a bound.
ours new_no_next leaf good --policy 'profile=rfc5280;max_age=7d'
ours old_no_next leaf 'invalid: the response has no nextUpdate and is older than max_age' --policy 'profile=rfc5280;max_age=7d'
peers old_no_next leaf yes yes
says 'old_no_next: OpenSSL, with a bound' 'status too old' openssl ocsp -issuer ca.pem -cert leaf.pem -respin old_no_next \
	-CAfile root.pem -verify_other above.pem -no_nonce -status_age 604800
ours no_next leaf good
ours no_next leaf 'invalid: the response has no nextUpdate and is older' \
	--time "$(date -u -d '+11 days' +%Y-%m-%dT%H:%M:%SZ)" --policy 'profile=rfc5280;clock_skew=0s'
ours good leaf 'invalid: the response is out of date' --time "$(date -u -d '+8 days' +%Y-%m-%dT%H:%M:%SZ)"
ours good leaf 'invalid: the response is not yet in force' --time "$(date -u -d '-1 day' +%Y-%m-%dT%H:%M:%SZ)"
ours try_later leaf 'invalid: the responder answered tryLater'
ours short leaf 'invalid: bytes end early'
ours trailing leaf 'invalid: bytes after the response'
ours bare leaf good
ours altered leaf 'invalid: the response is not signed by its signer.s key'
peers altered leaf no no

# ---- whole chains ----
verify() {
	local title=$1 want=$2 leaf=$3
	shift 3
	says "$title" "$want" "$chain" --roots root.pem --intermediates ca.pem --leaf "$leaf.pem" --host www.example.org "$@"
}
verify 'a response counts' '^valid' leaf --ocsp good
verify 'a revoked certificate' '^invalid: revoked: .*keyCompromise, by the OCSP response' bad --ocsp revoked
verify 'hard without evidence' '^invalid: ocspUnavailable' leaf --revocation hard
verify 'soft without evidence says so' '^valid.*not known .would tell: staple, OCSP, CRL' leaf --revocation soft
verify 'another certificate.s response' '^invalid: ocspUnavailable.*other certificates' leaf --ocsp revoked
verify 'a staple is not a response' '^invalid: ocspUnavailable' leaf --staple good --revocation hard,leaf,ocsp
verify 'a staple counts' '^valid' leaf --staple good
verify 'must-staple without' '^invalid: mustStapleMissing' stapled --revocation off
verify 'must-staple, fetched' '^invalid: mustStapleMissing' stapled --ocsp stapled
verify 'must-staple, stapled' '^valid' stapled --staple stapled
verify 'tryLater, hard' '^invalid: ocspUnavailable.*tryLater' leaf --ocsp try_later

# ---- revocation lists ----
mkdir -p lists && cp index.txt lists/index.txt && echo 01 >lists/number
cat >ca.cnf <<-END
	[ca]
	default_ca = own
	[own]
	database = lists/index.txt
	crlnumber = lists/number
	default_md = sha256
	default_crl_days = 7
	crl_extensions = lists_ext
	[lists_ext]
	authorityKeyIdentifier = keyid
END
openssl ca -config ca.cnf -gencrl -cert ca.pem -keyfile ca.key -out ca.crl 2>/dev/null
says 'crl show: issuer' 'revocation list of .*CN=ca' "$capcert" crl show ca.crl
says 'crl show: count as OpenSSL.s' '"count": *2\b' "$capcert" crl show ca.crl --json
says 'crl show --all' '^1002 .*keyCompromise' "$capcert" crl show ca.crl --all
says 'crl check: listed' '^listed' "$capcert" crl check bad.pem --crl ca.crl
says 'crl check: not listed' '^not listed' "$capcert" crl check leaf.pem --crl ca.crl
says 'crl check: of another issuer' 'not by the certificate.s issuer' "$capcert" crl check ca.pem --crl ca.crl
says 'OpenSSL: revoked' 'certificate revoked' openssl verify -crl_check -CAfile above.pem -CRLfile ca.crl bad.pem
says 'OpenSSL: not revoked' 'leaf.pem: OK' openssl verify -crl_check -CAfile above.pem -CRLfile ca.crl leaf.pem
says 'GnuTLS reads it' 'Revoked certificates \(2\)' certtool --crl-info --infile ca.crl
verify 'revoked by the list' '^invalid: revoked' bad --crl ca.crl --revocation hard,leaf
verify 'not on the list' '^valid' leaf --crl ca.crl --revocation hard,leaf

# Lists of a part of the certificates (section 5.2.5), changes since another list (5.2.4), others' certificates (indirectCRL), an
# extension that nobody knows.
cat >kinds.cnf <<-END
	[shard]
	authorityKeyIdentifier = keyid
	issuingDistributionPoint = critical, @point
	[point]
	fullname = URI:http://crl.example.org/1.crl
	[users]
	authorityKeyIdentifier = keyid
	issuingDistributionPoint = critical, @only_users
	[only_users]
	onlyuser = TRUE
	[some]
	authorityKeyIdentifier = keyid
	issuingDistributionPoint = critical, @some_reasons
	[some_reasons]
	onlysomereasons = keyCompromise
	[delta]
	authorityKeyIdentifier = keyid
	2.5.29.27 = critical, ASN1:INTEGER:1
	[indirect]
	authorityKeyIdentifier = keyid
	issuingDistributionPoint = critical, @others
	[others]
	fullname = URI:http://crl.example.org/1.crl
	indirectCRL = TRUE
	[unknown]
	authorityKeyIdentifier = keyid
	1.2.3.4 = critical, DER:0500
END
cat ca.cnf kinds.cnf >all.cnf
kind() { openssl ca -config all.cnf -gencrl -cert ca.pem -keyfile ca.key -crlexts "$1" -out "$2" 2>/dev/null || echo "# OpenSSL made no $2"; }
for list in shard users some indirect unknown; do kind $list $list.crl; done
ossl() { openssl verify -crl_check -CAfile above.pem -CRLfile "$@"; }
verify 'a shard, of its own point' '^valid' first --crl shard.crl --revocation hard,leaf
says 'a shard: OpenSSL' 'first.pem: OK' ossl shard.crl first.pem
verify 'a shard, of another point' '^invalid: ocspUnavailable' second --crl shard.crl --revocation hard,leaf
says 'another shard: OpenSSL' 'ifferent CRL scope' ossl shard.crl second.pem
verify 'a shard, for who names no point' '^invalid: ocspUnavailable' leaf --crl shard.crl --revocation hard,leaf
says 'a shard without a point: OpenSSL' 'ifferent CRL scope' ossl shard.crl leaf.pem
verify 'end entities: one of them' '^valid' leaf --crl users.crl --revocation hard,leaf
says 'end entities: OpenSSL' 'leaf.pem: OK' ossl users.crl leaf.pem
verify 'some reasons are not all' '^invalid: ocspUnavailable' leaf --crl some.crl --revocation hard,leaf
verify 'some reasons: the one of this certificate' '^invalid: revoked' bad --crl some.crl --revocation hard,leaf
verify 'an indirect list is not for who names no issuer of it' '^invalid: ocspUnavailable' leaf --crl indirect.crl --revocation hard,leaf
says 'an indirect list: OpenSSL' 'ifferent CRL scope|unable to get certificate CRL' ossl indirect.crl leaf.pem
verify 'a critical extension that is not known' '^invalid: ocspUnavailable' leaf --crl unknown.crl --revocation hard,leaf
says 'the same: OpenSSL' 'nhandled critical CRL extension' ossl unknown.crl leaf.pem
# The delta says what is new since list number 1, which ca.crl is.
printf 'R\t%s\t260101000000Z,keyCompromise\t1007\tunknown\t/O=Test/CN=first\n' $later >>lists/index.txt
kind delta delta.crl
sed -i '$d' lists/index.txt
verify 'the list before the change' '^valid' first --crl ca.crl --revocation hard,leaf
cat ca.crl delta.crl >both.crl
verify 'the list with its delta' '^invalid: revoked' first --crl both.crl --revocation hard,leaf
says 'the list with its delta: OpenSSL, for want of freshestCRL' 'first.pem: OK' openssl verify -crl_check -extended_crl \
	-use_deltas -CAfile above.pem -CRLfile both.crl first.pem
verify 'a delta without its list' '^invalid: ocspUnavailable' first --crl delta.crl --revocation hard,leaf
says 'a delta alone: OpenSSL takes it for a list' 'certificate revoked' ossl delta.crl first.pem

# RFC 5280 section 6.3.3 (a)(1): a list out of force counts for nobody, OpenSSL and GnuTLS agree. GnuTLS' verification of a chain then
# goes on without the list: soft, as ours is by policy only.
in_days() { date -u -d "$1 days" +%Y%m%d%H%M%SZ; }
dated_list() {
	openssl ca -config ca.cnf -gencrl -cert ca.pem -keyfile ca.key -crl_lastupdate "$(in_days "$2")" \
		-crl_nextupdate "$(in_days "$3")" -out "$1" 2>/dev/null
}
dated_list stale.crl -10 -3
dated_list future.crl 2 9
cat leaf.pem ca.pem root.pem >whole.pem
verify 'a list out of date' '^invalid: ocspUnavailable.*out of date' leaf --crl stale.crl --revocation hard,leaf
verify 'a list out of date, soft' '^valid.*out of date' leaf --crl stale.crl --revocation soft,leaf
verify 'a revocation on a list out of date is none that is known' '^invalid: ocspUnavailable' bad --crl stale.crl --revocation hard,leaf
verify 'a list from the future' '^invalid: ocspUnavailable.*not yet in force' leaf --crl future.crl --revocation hard,leaf
says 'out of date: OpenSSL' 'CRL has expired' openssl verify -crl_check -CAfile above.pem -CRLfile stale.crl leaf.pem
says 'out of date: GnuTLS' 'old and have been superseded' certtool --verify-crl --load-ca-certificate ca.pem --infile stale.crl
says 'from the future: OpenSSL' 'CRL is not yet valid' openssl verify -crl_check -CAfile above.pem -CRLfile future.crl leaf.pem
says 'from the future: GnuTLS' 'issued with a future date' certtool --verify-crl --load-ca-certificate ca.pem --infile future.crl
says 'a chain and a list out of date: GnuTLS' 'Chain verification output: Verified' certtool --verify --load-ca-certificate root.pem \
	--load-crl stale.crl --infile whole.pem
says 'crl import: from the future' 'thisUpdate is in the future' "$capcert" crl import future.crl --issuer ca.pem --dir early

# ---- lists that are kept ----
says 'crl list: no folder' 'there is no folder kept' "$capcert" crl list --dir kept
says 'crl import: whose?' '--issuer CERTFILE' "$capcert" crl import ca.crl --dir kept
says 'crl import: another signer' 'not kept: none of the certificates' "$capcert" crl import ca.crl --issuer twin.pem --dir kept
says 'crl check: nobody knows' 'no complete list' "$capcert" crl check bad.pem --dir kept
says 'crl import' 'ca.crl: kept' "$capcert" crl import ca.crl --issuer above.pem --dir kept
says 'crl import: twice' 'already' "$capcert" crl import ca.crl --issuer ca.pem --dir kept
says 'crl list' 'in force.*complete' "$capcert" crl list --dir kept
says 'crl list --json' '"entries": *2\b' "$capcert" crl list --dir kept --json
says 'crl check --dir: listed' '^listed' "$capcert" crl check bad.pem --dir kept
says 'crl check --dir: not listed' '^not listed' "$capcert" crl check leaf.pem --dir kept
says 'verify --crl-dir' '^invalid.*revoked|by the list of' "$capcert" verify --local --roots root.pem --name www.example.org \
	--policy 'revocation=crl;revocation_mode=hard' --crl-dir kept bad.pem ca.pem
says 'the folder holds what OpenSSL reads' 'CN = ca' bash -c 'openssl crl -inform DER -noout -issuer -in kept/*.crl'
openssl ca -config ca.cnf -gencrl -cert ca.pem -keyfile ca.key -out newer.crl 2>/dev/null
says 'crl import: a newer one' 'newer.crl: kept' "$capcert" crl import newer.crl --issuer ca.pem --dir kept
says 'crl import: the older one again' 'a newer list' "$capcert" crl import ca.crl --issuer ca.pem --dir kept
for f in kept/*.crl; do head -c -1 "$f" >torn && mv torn "$f"; done
says 'crl list: a damaged file' 'does not count: damaged' "$capcert" crl list --dir kept
says 'crl check: not by a damaged file' 'no complete list' "$capcert" crl check bad.pem --dir kept
says 'crl import mends it' 'newer.crl: kept' "$capcert" crl import newer.crl --issuer ca.pem --dir kept
says 'crl check: by the mended one' '^listed' "$capcert" crl check bad.pem --dir kept

# Code signing, by the lists that are kept and nothing else: fallback to lists is the policy's word.
signs() {
	says "code signing: $1" "$2" "$capcert" verify --local --roots root.pem --purpose codeSigning --policy "$3" --crl-dir kept "$4" ca.pem
}
signs 'the CA is asked about, too' '^invalid: ocspUnavailable: certificate 1' preset=code-signing code.pem
openssl ca -config ca.cnf -gencrl -cert root.pem -keyfile root.key -out root.crl 2>/dev/null
says 'crl import: the root.s' 'root.crl: kept' "$capcert" crl import root.crl --issuer root.pem --dir kept
signs 'by the preset' '^valid' preset=code-signing code.pem
signs 'revoked' '^invalid: revoked.*by the list of' preset=code-signing bad_code.pem
signs 'lists are accepted' '^valid' 'revocation=ocsp,crl;revocation_mode=hard' code.pem
signs 'lists are not' '^invalid: ocspUnavailable' 'revocation=ocsp;revocation_mode=hard' code.pem

# ---- status ----
# status TITLE STATUS PATTERN WORD...: exit status and output
status() {
	local title=$1 want=$2 pattern=$3 log got
	shift 3
	log=$("$capcert" status "$@" 2>&1)
	got=$?
	if [ $got = "$want" ] && grep -qE -- "$pattern" <<<"$log"; then result "status: $title" 1; else result "status: $title" 0 "exit $got: $log"; fi
}
status 'good by OCSP' 0 'OCSP +good' leaf.pem --issuer ca.pem --ocsp good
status 'signed by whom' 0 'signed by .*CN=signer' leaf.pem --issuer ca.pem --ocsp delegate
status 'revoked by OCSP' 1 'OCSP +revoked at 2026-01-01.*keyCompromise' bad.pem --issuer ca.pem --ocsp revoked
status 'by a list' 1 'CRL +revoked at' bad.pem --issuer ca.pem --crl ca.crl
status 'not on the list' 0 'CRL +good' leaf.pem --issuer ca.pem --crl ca.crl
status 'by a list that is kept' 1 'from the lists kept' bad.pem --issuer ca.pem --crl-dir kept
status 'revoked wins over good' 1 'status +revoked' bad.pem --issuer ca.pem --crl ca.crl --ocsp good --ocsp revoked
status 'unknown' 3 'OCSP +unknown' gone.pem --issuer ca.pem --ocsp unknown
status 'what does not count' 3 'does not count.* though it says good: the response.s signer may not' leaf.pem --issuer ca.pem --ocsp by_client
status 'tryLater' 3 'answered tryLater' leaf.pem --issuer ca.pem --ocsp try_later
status 'out of date' 3 'out of date' leaf.pem --issuer ca.pem --ocsp good --time "$(date -u -d '+8 days' +%Y-%m-%d)"
status 'a list out of date' 3 'CRL +does not count.*out of date' leaf.pem --issuer ca.pem --crl ca.crl --time "$(date -u -d '+8 days' +%Y-%m-%d)"
status 'a staple' 0 'staple +good' stapled.pem --issuer ca.pem --staple stapled
status 'must-staple is said' 0 'must-staple' stapled.pem --issuer ca.pem --staple stapled
status 'no issuer' 3 '--issuer FILE gives it' leaf.pem --ocsp good
status 'each of a chain' 3 'status +unknown' whole.pem --crl ca.crl
status 'a root is not asked about' 3 'issued by itself' whole.pem --crl ca.crl
status 'malformed' 3 'bytes end early' leaf.pem --issuer ca.pem --ocsp short
says 'status --json' '"status": "revoked"' "$capcert" status bad.pem --issuer ca.pem --ocsp revoked --json

# ---- explained ----
# explains TITLE WORDS POLICY WORD...: what verify --explain advises
explains() {
	local title=$1 want=$2 policy=$3
	shift 3
	says "explained: $title" "-> .*$want" "$capcert" verify --explain --local --roots root.pem --name www.example.org --policy "time=any;$policy" "$@"
}
hard='revocation=ocsp;revocation_mode=hard'
late=$(date -u -d '+8 days' +%Y-%m-%d)
explains 'no response' 'its responder is at http://ocsp.example.org/: capcert status --fetch' "$hard" leaf.pem ca.pem
explains 'a late one' 'get a fresh response; its responder is at' "$hard" --ocsp good --time "$late" leaf.pem ca.pem
explains 'tryLater' 'ask again later' "$hard" --ocsp try_later leaf.pem ca.pem
explains 'unknown' 'has never heard of it' "$hard" --ocsp unknown gone.pem ca.pem
explains 'another usage' 'not made for OCSP' "$hard" --ocsp by_client leaf.pem ca.pem
explains 'another CA' 'ask the issuer.s own' "$hard" --ocsp by_twin leaf.pem ca.pem
explains 'the CA, about which it is not' 'get the response about this one' "$hard;revocation_scope=chain" --ocsp good leaf.pem ca.pem
explains 'no staple' 'promises a staple' 'revocation_mode=off' stapled.pem ca.pem
explains 'another.s staple' 'staples another certificate.s response' 'revocation_mode=off' --staple good stapled.pem ca.pem
explains 'a late staple' 'staple has run out' 'revocation_mode=off' --staple stapled --time "$late" stapled.pem ca.pem
explains 'a policy that wants staples' 'this policy wants every server to staple' 'revocation_mode=off;stapling=required' leaf.pem ca.pem
explains 'a late list' 'current list' 'revocation=crl;revocation_mode=hard' --crl ca.crl --time "$late" leaf.pem ca.pem

# ---- the command ----
says 'ocsp show' 'status +good' "$capcert" ocsp show good
says 'ocsp show: several' 'answer 3 of 3' "$capcert" ocsp show several
says 'ocsp show: no answer' 'tryLater' "$capcert" ocsp show try_later
says 'ocsp show: malformed' 'bytes end early' "$capcert" ocsp show short
says 'ocsp show --json' '"reason": "keyCompromise"' "$capcert" ocsp show revoked --json
says 'ocsp check' '^good until' "$capcert" ocsp check leaf.pem --issuer ca.pem --response good
says 'ocsp check: revoked' '^revoked' "$capcert" ocsp check bad.pem --issuer ca.pem --response revoked
says 'ocsp query asks nobody' 'print-request' "$capcert" ocsp query leaf.pem --issuer ca.pem
says 'ocsp query' 'http://ocsp.example.org/' "$capcert" ocsp query leaf.pem --issuer ca.pem --print-request -o ours.req
openssl ocsp -issuer ca.pem -cert leaf.pem -no_nonce -reqout theirs.req >/dev/null 2>&1
says 'the request is OpenSSL.s, bit for bit' same bash -c 'cmp ours.req theirs.req && echo same'
"$capcert" ocsp query leaf.pem --issuer ca.pem --print-request --sha256 --nonce -o nonce.req >/dev/null
says 'OpenSSL reads one with a nonce' 'OCSP Nonce' openssl ocsp -reqin nonce.req -req_text
says 'verify --ocsp' 'by the OCSP response' "$capcert" verify --local --roots root.pem --name www.example.org \
	--policy 'revocation=ocsp;revocation_mode=hard' --ocsp revoked bad.pem ca.pem
says 'verify --staple' '^valid' "$capcert" verify --local --roots root.pem --name www.example.org \
	--policy revocation_mode=off --staple stapled stapled.pem ca.pem
says 'verify without the staple' 'mustStapleMissing' "$capcert" verify --local --roots root.pem --name www.example.org \
	--policy revocation_mode=off stapled.pem ca.pem

echo "1..$n"
exit $failed
