#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# capcert-statusd --ask against openssl's OCSP responder and a file server on loopback: what it fetches, what it refuses,
# what it keeps, and that it stays locked in.

cd "$(dirname "$0")/../.." || exit 1
build=$PWD/${BUILD:-build}
statusd=$build/bin/capcert-statusd
dir=$(mktemp -d)
chmod 755 "$dir"
n=0 failed=0 pids=()
cleanup() {
	[ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT

report() { # TITLE STATUS
	n=$((n + 1))
	if [ "$2" = 0 ]; then
		echo "ok $n - $1"
	else
		head -20 "$dir/err" | sed 's/^/# /'
		echo "not ok $n - $1"
		failed=1
	fi
}
# asks TITLE STATUS WORDS OPTION...: what it says on stderr, and how it ends; the answer is in $dir/answer
asks() {
	local title=$1 status=$2 words=$3 got
	shift 3
	"$statusd" --timeout 60 "$@" >"$dir/answer" 2>"$dir/err" </dev/null
	got=$?
	[ $got = "$status" ] && grep -qF -- "$words" "$dir/err"
	report "$title" $?
}
holds() { # TITLE CMD...
	local title=$1
	shift
	"$@" >"$dir/err" 2>&1
	report "$title" $?
}
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# ---- a CA, its responder, its list ----
ocsp_port=$(free_port) file_port=$(free_port)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/ca.key" -out "$dir/ca.pem" -days 30 -subj /CN=CA \
	-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign,digitalSignature 2>/dev/null
mkdir "$dir/www"
cat >"$dir/ca.cnf" <<-END
	[ca]
	default_ca = it
	[it]
	database = $dir/index
	serial = $dir/serial
	crlnumber = $dir/crlnumber
	new_certs_dir = $dir
	default_md = sha256
	default_days = 20
	default_crl_days = 7
	policy = any
	crl_extensions = list
	[any]
	commonName = supplied
	[list]
	authorityKeyIdentifier = keyid
END
: >"$dir/index"
echo 1000 >"$dir/serial"
echo 01 >"$dir/crlnumber"
issue() { # NAME [OCSP-URL|-] [CRL-URL|-]
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/key" -subj "/CN=$1" -out "$dir/req" 2>/dev/null
	{
		printf '%s\n' 'basicConstraints = CA:FALSE' 'keyUsage = critical, digitalSignature' 'extendedKeyUsage = serverAuth' \
			"subjectAltName = DNS:$1.example" 'authorityKeyIdentifier = keyid' 'subjectKeyIdentifier = hash'
		[ "$2" = - ] || echo "authorityInfoAccess = OCSP;URI:$2"
		[ "$3" = - ] || echo "crlDistributionPoints = URI:$3"
	} >"$dir/ext"
	openssl ca -batch -config "$dir/ca.cnf" -cert "$dir/ca.pem" -keyfile "$dir/ca.key" -in "$dir/req" -notext -extfile "$dir/ext" \
		-out "$dir/$1.crt" 2>/dev/null
	cat "$dir/$1.crt" "$dir/ca.pem" >"$dir/$1.pem"
}
ocsp=http://127.0.0.1:$ocsp_port/ files=http://127.0.0.1:$file_port
issue good "$ocsp" "$files/ca.crl"
issue bad "$ocsp" "$files/ca.crl"
issue listed - "$files/ca.crl"
issue lost - "$files/nothing.crl"
issue odd - "$files/odd.crl"
issue silent - -
issue inner http://127.0.0.1:22/ -
issue named "http://localhost:$ocsp_port/" -
issue directory - "ldap://127.0.0.1/cn=CA"
openssl ca -config "$dir/ca.cnf" -cert "$dir/ca.pem" -keyfile "$dir/ca.key" -revoke "$dir/bad.crt" 2>/dev/null
openssl ca -config "$dir/ca.cnf" -cert "$dir/ca.pem" -keyfile "$dir/ca.key" -gencrl -out "$dir/crl.pem" 2>/dev/null
openssl crl -in "$dir/crl.pem" -outform DER -out "$dir/www/ca.crl"
head -c 100 "$dir/www/ca.crl" >"$dir/www/odd.crl"
openssl ocsp -index "$dir/index" -port "$ocsp_port" -rsigner "$dir/ca.pem" -rkey "$dir/ca.key" -CA "$dir/ca.pem" -ndays 1 \
	>"$dir/responder" 2>&1 &
pids+=($!)
python3 -c '
import functools, http.server, sys
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[2])
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), handler).serve_forever()' "$file_port" "$dir/www" 2>"$dir/requests" &
pids+=($!)
# A connection without a request would stop openssl's responder: its log tells when it listens.
for _ in {1..600}; do
	grep -q waiting "$dir/responder" &&
		python3 -c "import socket; socket.create_connection(('127.0.0.1', $file_port), 1)" 2>/dev/null && break
	sleep 0.1
done

here=(--allow 127.0.0.0/8 --any-port)
verify() { openssl ocsp -respin "$dir/answer" -issuer "$dir/ca.pem" -cert "$dir/$1.crt" -CAfile "$dir/ca.pem" -no_nonce; }
asks "an OCSP response" 0 "OCSP response" --ask "$dir/good.pem" "${here[@]}"
holds "which openssl believes: good" sh -c "$(declare -f verify); dir=$dir; verify good 2>&1 | grep -q ': good'"
asks "about a revoked certificate" 0 "OCSP response" --ask "$dir/bad.pem" "${here[@]}"
holds "openssl: revoked" sh -c "$(declare -f verify); dir=$dir; verify bad 2>&1 | grep -q ': revoked'"
asks "a revocation list" 0 "revocation list" --crl --ask "$dir/good.pem" "${here[@]}"
holds "octet for octet" cmp "$dir/answer" "$dir/www/ca.crl"
asks "the list, where there is no responder" 0 "revocation list" --ask "$dir/listed.pem" "${here[@]}"
asks "a name in place of an address" 0 "OCSP response" --ask "$dir/named.pem" "${here[@]}"

asks "with a nonce" 0 "OCSP response" --nonce ask --ask "$dir/good.pem" "${here[@]}"
asks "the same nonce, which is asked for" 0 "OCSP response" --nonce require --ask "$dir/good.pem" "${here[@]}"
holds "openssl's response has one" sh -c "openssl ocsp -respin $dir/answer -resp_text -noverify | grep -q 'OCSP Nonce'"
asks "another word" 2 "off, ask or require" --nonce maybe --ask "$dir/good.pem"

before=$(wc -l <"$dir/requests")
asks "loopback, not allowed" 1 "the host is on no public address" --ask "$dir/good.pem" --any-port
asks "nor by a name" 1 "the host is on no public address" --ask "$dir/named.pem" --any-port
asks "another port" 1 "an address that is not fetched" --ask "$dir/inner.pem" --allow 127.0.0.0/8
holds "nobody was connected to" test "$(wc -l <"$dir/requests")" = "$before"
asks "no address in the certificate" 1 "names no address" --ask "$dir/silent.pem" "${here[@]}"
asks "a directory" 1 "names no address" --ask "$dir/directory.pem" "${here[@]}"
asks "what is not there" 1 "the server refused" --ask "$dir/lost.pem" "${here[@]}"
asks "what is no list" 1 "no revocation list" --ask "$dir/odd.pem" "${here[@]}"
holds "nothing is written then" test ! -s "$dir/answer"

# Another CA of the same name: what the responder says is not by it.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/other.key" -out "$dir/other.pem" -days 30 -subj /CN=CA \
	-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
cat "$dir/good.crt" "$dir/other.pem" >"$dir/false.pem"
asks "an issuer that is none" 1 "nothing that holds" --ask "$dir/false.pem" "${here[@]}"

# ---- what is kept ----
count() { grep -c 'GET /ca.crl' "$dir/requests"; }
asks "fetched and kept" 0 "fetched" --crl --ask "$dir/listed.pem" "${here[@]}" --cache "$dir/cache"
before=$(count)
asks "kept, the second time" 0 "kept since" --crl --ask "$dir/good.pem" "${here[@]}" --cache "$dir/cache"
holds "without a request" test "$(count)" = "$before"
holds "the same list" cmp "$dir/answer" "$dir/www/ca.crl"
sleep 1 # fetched within the second is fresh
asks "fresh, on demand" 0 "fetched" --crl --fresh --ask "$dir/good.pem" "${here[@]}" --cache "$dir/cache"
holds "with a request" test "$(count)" = $((before + 1))
holds "to which the server said that it has not changed" test "$(grep -c 'GET /ca.crl.* 304 ' "$dir/requests")" = 1
holds "still the same list" cmp "$dir/answer" "$dir/www/ca.crl"
for f in "$dir"/cache/c*; do printf 'x' | dd of="$f" bs=1 seek=50 conv=notrunc status=none; done
asks "an altered file is not believed" 0 "fetched" --crl --ask "$dir/good.pem" "${here[@]}" --cache "$dir/cache"
holds "but fetched anew" cmp "$dir/answer" "$dir/www/ca.crl"

# ---- the command that asks by it ----
capcert=$build/bin/capcert
status() { # TITLE STATUS PATTERN WORD...
	local title=$1 want=$2 pattern=$3 got
	shift 3
	"$capcert" "$@" >"$dir/err" 2>&1 </dev/null
	got=$?
	[ $got = "$want" ] && grep -qE -- "$pattern" "$dir/err"
	report "$title" $?
}
verdict() { python3 -c '
import json, sys
leaf = json.load(sys.stdin)["certificates"][0]
print(leaf["status"], *sorted("%s=%s%s" % (e["kind"], e["says"], "" if e["counts"] else "!") for e in leaf["evidence"]))'; }
status "status --fetch: good" 0 'status +good' status --fetch "${here[@]}" "$dir/good.pem"
status "both sources" 0 '^ *CRL +good' status --fetch "${here[@]}" "$dir/good.pem"
status "its age and end" 0 'seconds? old|minutes? old' status --fetch "${here[@]}" "$dir/good.pem"
status "status --fetch: revoked" 1 'status +revoked' status --fetch "${here[@]}" "$dir/bad.pem"
status "status --fetch --nonce" 0 'status +good' status --fetch --nonce require "${here[@]}" "$dir/good.pem"
status "status --fetch: nobody to ask" 3 'names no address' status --fetch "${here[@]}" "$dir/silent.pem"
status "status --fetch: nothing there" 3 'nothing from network: the server refused' status --fetch "${here[@]}" "$dir/lost.pem"
status "status --fetch: not public" 3 'on no public address' status --fetch --any-port "$dir/good.pem"
status "status without evidence" 3 'no evidence about it' status "$dir/good.pem"
"$capcert" status --fetch "${here[@]}" --json "$dir/bad.pem" 2>"$dir/err" | verdict >"$dir/verdict"
holds "as JSON" grep -qx 'revoked CRL=revoked OCSP=revoked' "$dir/verdict"

status "staple: none without its issuer" 2 'its issuer.s second' ocsp staple "$dir/good.crt" -o "$dir/staple" --once
status "staple: no responder" 2 'names no OCSP responder' ocsp staple "$dir/silent.pem" -o "$dir/staple" --once
status "staple: nobody answers" 3 'no public address' ocsp staple "$dir/good.pem" -o "$dir/staple" --once --any-port
status "staple: fetched" 0 'good until' ocsp staple "$dir/good.pem" -o "$dir/staple" --once "${here[@]}"
holds "which openssl believes" sh -c "cp $dir/staple $dir/answer; $(declare -f verify); dir=$dir; verify good 2>&1 | grep -q ': good'"
cp "$dir/staple" "$dir/before"
status "staple: not due yet, nobody is asked" 0 'good until' ocsp staple "$dir/good.pem" -o "$dir/staple" --once
holds "it stays" cmp "$dir/staple" "$dir/before"
status "staple: another certificate's is not kept" 3 'no response to staple' ocsp staple "$dir/named.pem" -o "$dir/staple" --once --any-port
holds "but removed" test ! -e "$dir/staple"
status "staple: revoked" 1 'revoked until' ocsp staple "$dir/bad.pem" -o "$dir/staple" --once "${here[@]}"
"$capcert" ocsp staple "$dir/good.pem" -o "$dir/kept" "${here[@]}" >"$dir/log" 2>&1 &
keeper=$!
for _ in {1..600}; do grep -q 'next question at' "$dir/log" && break; sleep 0.05; done
holds "staple: stays, and says when it asks again" sh -c "grep -q 'next question at' $dir/log && test -s $dir/kept"
kill $keeper
wait $keeper
report "and ends when told" $?

# ---- usage ----
asks "no question" 2 "--ask FILE" --ocsp
asks "no such file" 2 "No such file" --ask "$dir/none"
asks "no issuer" 2 "and its issuer are needed" --ask "$dir/good.crt"
asks "no network" 2 "no network" --ask "$dir/good.pem" --allow 10.0.0.1/8
if [ "$(id -u)" = 0 ]; then
	asks "not as root" 2 "no such user, or root" --ask "$dir/good.pem" --user root
fi
echo "1..$n"
exit $failed
