#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: dev: certificate slots by keyctl and capcert: chains and staples of openssl, a key in a token, rotation under a watch, restore.

# shellcheck disable=SC2016 # programs for another shell
cd "$(dirname "$0")/../.." || exit 1
build=$PWD/${BUILD:-build}
if [ -z "${SLOT_SESSION:-}" ]; then
	exec env SLOT_SESSION=1 keyctl session slot "$0" "$@" 2>&1
fi
grep -q '^capcert ' /proc/modules || insmod "$CAPCERT_KO" || exit 1
softhsm=$(echo /usr/lib/*/softhsm/libsofthsm2.so)
[ -e "$softhsm" ] || { echo "skipped: softhsm2 is not installed" && exit 77; }
if ! "$build/bin/capcert" feature --json | grep -q '"profile": "development"'; then
	echo "skipped: SoftHSM is a development token, which this profile refuses; keyd.sh tests that" && exit 77
fi
dir=$(mktemp -d)
keyd= watcher= server= verifyd= backend=
trap 'kill -9 $keyd $watcher $server $verifyd $backend 2>/dev/null; keyctl clear @s; rm -rf "$dir"' EXIT
chmod 711 "$dir"

# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc
logs=("$dir/log")
slot() { "$build/bin/capcert" slot "$@"; }
tls() { "$build/bin/capcert" tls "$@"; }

# ---- a CA, a key in a token, its certificate, and what the CA's responder says of it
mkdir "$dir/tokens" "$dir/pins" && chmod 700 "$dir/pins"
printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' "$dir" >"$dir/conf"
export SOFTHSM2_CONF=$dir/conf
pin=60521734
softhsm2-util --init-token --free --label alpha --pin $pin --so-pin 87654321 >/dev/null || exit 1
chown -R nobody:nogroup "$dir/tokens"
echo $pin >"$dir/pins/pin.alpha" && chmod 400 "$dir/pins/pin.alpha"
vault=(--module "$softhsm" --records "$dir/records" --pin-file "$dir/pins/pin.alpha" --user nobody)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/ca.key" -subj '/CN=Slot CA' -days 2 -out "$dir/ca.pem" 2>/dev/null
openssl req -new -key "$dir/ca.key" -subj /CN=www.example.org -out "$dir/csr" 2>/dev/null
"$build/bin/capcert" key generate web --token alpha --purpose tls-server "${vault[@]}" >/dev/null || exit 1
"$build/bin/capcert" key show 'pkcs11:token=alpha;object=web' "${vault[@]}" --json | python3 -c '
import base64, json, sys
key = json.load(sys.stdin)
print("-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(bytes.fromhex(key["spki"])).decode() + "\n-----END PUBLIC KEY-----")' >"$dir/web.pub"
"$build/bin/capcert" key generate me --token alpha --purpose tls-client "${vault[@]}" >/dev/null || exit 1
"$build/bin/capcert" key show 'pkcs11:token=alpha;object=me' "${vault[@]}" --json | python3 -c '
import base64, json, sys
key = json.load(sys.stdin)
print("-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(bytes.fromhex(key["spki"])).decode() + "\n-----END PUBLIC KEY-----")' >"$dir/me.pub"
certify() { # NAME SERIAL OPTION...: by the CA; with --key-of-csr's own key unless one is forced
	openssl x509 -req -in "$dir/csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -set_serial "$2" -days 2 "${@:3}" -out "$dir/$1.pem" 2>/dev/null &&
		cat "$dir/$1.pem" "$dir/ca.pem" >"$dir/$1.chain"
}
certify web 17 -force_pubkey "$dir/web.pub" && certify other 18 || exit 1
staple() { # NAME [OPTION]...
	openssl ocsp -issuer "$dir/ca.pem" "${@:2}" -cert "$dir/$1.pem" -no_nonce -reqout "$dir/req" 2>/dev/null &&
		openssl ocsp -index "$dir/index" -CA "$dir/ca.pem" -rsigner "$dir/ca.pem" -rkey "$dir/ca.key" -reqin "$dir/req" \
			-ndays 1 -respout "$dir/$1.staple" >/dev/null 2>&1
}
printf 'V\t400101000000Z\t\t11\tunknown\t/CN=web\nV\t400101000000Z\t\t12\tunknown\t/CN=other\n' >"$dir/index"
staple web && staple other || exit 1
start_keyd() {
	"$build/bin/capcert-keyd" --token alpha --module "$softhsm" --path "$dir/tokens" --records "$dir/records" \
		--pin-dir "$dir/pins" --user nobody 2>"$dir/log" &
	keyd=$!
	for _ in {1..1200}; do
		grep -q ready "$dir/log" && return 0
		kill -0 "$keyd" 2>/dev/null || return 1
		sleep 0.05
	done
	return 1
}
ok "keyd is ready" start_keyd
keyctl add capkey web 'pkcs11:token=alpha;object=web;purpose=tls-server' @s >/dev/null || exit 1

# ---- put, get, list
store=$(keyctl padd capslot tls @s </dev/null) || exit 1
ok "its possessor's alone" keyctl setperm "$store" 0x3f000000
www=web/www.example.org
says "a chain, a staple and a key are put" '^version 1$' slot put tls $www --chain "$dir/web.chain" --staple "$dir/web.staple" --key web
says "get shows them" 'staple  *[0-9]+ octets, until' slot get tls $www
ok "the chain comes back as it went in" bash -c 'diff <("$1" slot get tls "$2" --pem | openssl crl2pkcs7 -nocrl -certfile /dev/stdin | openssl pkcs7 -print_certs) \
	<(openssl crl2pkcs7 -nocrl -certfile "$3" | openssl pkcs7 -print_certs)' _ "$build/bin/capcert" $www "$dir/web.chain"
ok "and the staple" slot get tls $www --staple "$dir/got"
ok "octet by octet" cmp "$dir/got" "$dir/web.staple"
says "keyctl prints the slot" "^$www version=1 leaf=[0-9a-f]{64} not-after=.* key staple" keyctl print "$store"
says "and describes the store" 'capslot.*tls: version 1, 1 slots' grep capslot /proc/keys
says "--json has it all" '"version": 1' slot get tls $www --json

# ---- what does not belong together
fails "another certificate's staple is refused" 'do not belong together' slot put tls $www --chain "$dir/web.chain" --staple "$dir/other.staple"
fails "another certificate's key is refused" "not the leaf's" slot put tls $www --chain "$dir/other.chain" --key web
fails "a chain in the wrong order is refused" 'do not belong together' slot put tls $www --chain <(cat "$dir/ca.pem" "$dir/web.pem")
fails "no chain, no value" 'chain FILE is missing' slot put tls $www
fails "a name that is none" 'is no name' slot put tls ../etc --chain "$dir/web.chain"
fails "what is there is not new" 'another version' slot put tls $www --chain "$dir/web.chain" --expect 0
says "nothing of it changed anything" '^version 2$' slot put tls mail --chain "$dir/other.chain"
says "a staple whose CertID is by SHA-256" '^version 3$' bash -c 'openssl ocsp -issuer "$1/ca.pem" -sha256 -cert "$1/other.pem" -no_nonce -reqout "$1/req" &&
	openssl ocsp -index "$1/index" -CA "$1/ca.pem" -rsigner "$1/ca.pem" -rkey "$1/ca.key" -reqin "$1/req" -ndays 1 -respout "$1/sha256" >/dev/null &&
	exec "$2" slot put tls mail --staple-only --staple "$1/sha256"' _ "$dir" "$build/bin/capcert"
says "two are listed" '"name": "mail"' slot list tls --json

# ---- rotation under a watch
"$build/bin/capcert" slot watch tls web/ --count 6 >"$dir/events" 2>&1 &
watcher=$!
soon grep -rqs 'capcert-kind:.watch of slots' "/proc/$watcher/fdinfo"
for _ in 1 2 3; do
	slot put tls $www --chain "$dir/web.chain" --key web >/dev/null
	slot put tls $www --staple-only --staple "$dir/web.staple" >/dev/null
done
ok "a watch of web/ ends after six events" wait $watcher
says "three of them new values" '^3$' grep -c " put .* $www" "$dir/events"
says "three new staples" '^3$' grep -c " staple .* $www" "$dir/events"
ok "in the order of their versions" bash -c 'sort -c -n -k3,3 "$1"' _ "$dir/events"
says "what came after a version can be asked for" '"version": ?9,' slot watch tls --from 8 --count 1 --json

# ---- a config, and a process that has it alone
config=$(tls config front --slots tls --serve web/ --default $www --alpn h2,http/1.1) || config=0
ok "a server's config is a key" test "$config" -gt 0
says "which describes itself" 'captls.*front: server intermediate 1.2 slots=web/' grep captls /proc/keys
says "and shows what it is" 'web/www.example.org' tls show front
fails "legacy is not had by chance" 'insecure-legacy' tls config old --slots tls --serve web/ --policy legacy
fails "a server that asks for certificates has somebody to judge them" 'a server has' tls config bad --slots tls --serve web/ --client-auth required
says "exec passes it on with USE alone" '^USE\+INFO$|^INFO\+USE$' "$build/bin/capcert" exec --with c=captls:front:USE+INFO --user 1000 -- \
	bash -c 'fd=${CAPCERT_FDS##*=}; sed -n "s/^capcert-rights:\t//p" /proc/self/fdinfo/$fd'

# ---- TLS by the config alone: an example of the library that has neither key nor file
ip link set lo up
"$build/bin/capcert" exec --with tls=captls:front:USE+INFO -- "$build/examples/echo_server" 0 >"$dir/echo" 2>&1 &
server=$!
for _ in {1..1200}; do
	grep -q '^port' "$dir/echo" && break
	sleep 0.05
done
port=$(sed -n 's/^port //p' "$dir/echo")
talk() { echo hello | timeout 120 openssl s_client -connect "127.0.0.1:$port" -servername www.example.org "$@" 2>&1; }
says "with the slot's staple" 'Cert Status: good' talk -status
says "and the protocol that the config prefers" 'ALPN protocol: h2' talk -alpn http/1.1,h2
certify next 19 -force_pubkey "$dir/web.pub"
ok "a rotation" slot put tls $www --chain "$dir/next.chain" --key web
says "is what the next handshake uses" 'serial=13' bash -c 'openssl x509 -noout -serial <<<"$1"' _ "$(talk)"
ok "and back" slot put tls $www --chain "$dir/web.chain" --staple "$dir/web.staple" --key web
says "a name that no slot serves gets the default one" 'serial=11' bash -c 'openssl x509 -noout -serial <<<"$1"' _ "$(talk -servername other.example)"

kill $server
wait $server 2>/dev/null

# ---- capcert tls serve, by a config or by slots; whom it shows is openssl, gnutls-cli, curl, and a client that has a config alone
"$build/bin/capcert-verifyd" 2>"$dir/verifyd.log" &
verifyd=$!
for _ in {1..400}; do
	grep -q ready "$dir/verifyd.log" && break
	sleep 0.05
done
serve() { # OPTION...: its lines are in $dir/serve, what it says on stdout in $dir/said
	: >"$dir/serve"
	"$build/bin/capcert" tls serve "$@" 0 <&0 >"$dir/said" 2>"$dir/serve" &
	server=$!
	for _ in {1..400}; do
		port=$(sed -nE 's/^listening on .*:([0-9]+)$/\1/p' "$dir/serve")
		[ -z "$port" ] || return 0
		sleep 0.05
	done
	cat "$dir/serve"
	return 1
}
modprobe tls
serve --config front --www --kernel --count 3 </dev/null
says "tls serve: curl is shown who it is" '^127\.0\.0\.1:[0-9]+: TLS 1\.3, .*name www.example.org.*, protocol http/1.1, slot web/www.example.org version [0-9]+.*, records by the kernel' \
	timeout 60 curl -s --http1.1 --cacert "$dir/ca.pem" --resolve "www.example.org:$port:127.0.0.1" "https://www.example.org:$port/"
says "gnutls-cli as well" 'TLS 1\.2, ' bash -c "printf 'GET / HTTP/1.0\r\n\r\n' | timeout 60 gnutls-cli --logfile=/dev/null --priority NORMAL:-VERS-TLS1.3 \
	--x509cafile $dir/ca.pem --no-ca-verification --sni-hostname www.example.org -p $port 127.0.0.1"
says "openssl with the staple" 'Cert Status: good' talk -status
ok "after three connections it ends" wait $server
says "each has its line" '^3$' grep -c ', slot web/www.example.org version' "$dir/serve"
serve --slots tls --serve web/ --default $www --echo --count 1 </dev/null
# The client says goodbye when it has heard its word.
# shellcheck disable=SC2094 # on purpose
echoed() {
	(echo hello; for _ in {1..600}; do grep -qx hello "$dir/echoed" && break; sleep 0.1; done) |
		timeout 120 openssl s_client -connect "127.0.0.1:$port" -servername www.example.org >"$dir/echoed" 2>&1
	cat "$dir/echoed"
}
says "tls serve --echo" '^hello$' echoed
wait $server
# stdin to the client, the client to stdout: a server that has spoken ends, one that has nothing to say listens until the client has.
serve --config front --count 1 < <(echo from the server)
says "tls serve: what stdin says comes to openssl, and its end" '^from the server$' timeout 120 openssl s_client -quiet -ign_eof -connect "127.0.0.1:$port" \
	-servername www.example.org
ok "and that was all" wait $server
serve --config front --count 1 < <(echo from the server)
timeout 120 gnutls-cli --logfile=/dev/null --no-ca-verification --sni-hostname www.example.org -p "$port" 127.0.0.1 >"$dir/heard" 2>&1 < <(sleep 120) &
heard=$!
ok "and to gnutls-cli" soon grep -q 'from the server' "$dir/heard"
ok "which goes at the end of it" wait $heard
ok "and so does the server" wait $server
serve --config front --count 1 </dev/null
ok "openssl speaks, and goes" talk
ok "the server goes, too" wait $server
says "what it said is on stdout" '^hello$' cat "$dir/said"
serve --config front --count 1 </dev/null
openssl s_client -connect "127.0.0.1:$port" -servername www.example.org >/dev/null 2>&1 < <(sleep 120) &
gone=$!
ok "a client comes" soon grep -q ', slot web/' "$dir/serve"
kill -KILL $gone
wait $gone 2>/dev/null
ok "and is gone without a word" wait $server
says "which is said" 'ended: ' cat "$dir/serve"
fails "parts go with no config" 'does not go with a config' tls serve --config front --alpn h2 0
fails "nothing to show" 'what is there to show' tls serve 0

# Both ends by handles: a client with a key in the token, a server that asks who it is.
openssl req -new -key "$dir/ca.key" -subj /CN=me -out "$dir/csr" 2>/dev/null
certify me 20 -force_pubkey "$dir/me.pub" -extfile <(printf 'basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n')
openssl req -new -key "$dir/ca.key" -subj /CN=www.example.org -out "$dir/csr" 2>/dev/null
certify full 21 -force_pubkey "$dir/web.pub" -extfile <(printf 'basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:www.example.org\n')
keyctl add capkey me 'pkcs11:token=alpha;object=me;purpose=tls-client' @s >/dev/null
ok "a client's slot" slot put tls me --chain "$dir/me.chain" --key me
ok "a server's" slot put tls $www --chain "$dir/full.chain" --key web
"$build/bin/capcert" trust new servers >/dev/null && "$build/bin/capcert" trust add servers "$dir/ca.pem" --pin-from-cert >/dev/null
"$build/bin/capcert" trust new members >/dev/null && "$build/bin/capcert" trust add members "$dir/ca.pem" --pin-from-cert --purpose tlsClientAuth >/dev/null
"$build/bin/capcert" verifier new plain profile=rfc5280 >/dev/null
ok "a config into another keyring" tls config mine --client --verifier plain --store servers @u
ok "... is there" keyctl search @u captls mine
ok "a client's config" tls config out --client --verifier plain --store servers --slots tls --default me --host www.example.org
ok "a stranger's" tls config nobody --client --verifier plain --store servers --host www.example.org
fails "a client's config serves nobody" 'is the config of a client' tls serve --config nobody 0
serve --slots tls --serve web/ --client-auth required --verifier plain --store members --json --count 2 </dev/null
ok "both ends by handles" timeout 60 "$build/bin/capcert" tls connect --config out --look "127.0.0.1:$port"
"$build/bin/capcert" tls connect --config nobody --timeout 20000 "127.0.0.1:$port" </dev/null >/dev/null 2>&1
ok "two connections, and it ends" wait $server
ok "the server saw who it was, and who was nobody" jq -es 'length == 2 and (.[0].client | test("me")) and .[0].reason == "valid" and .[0].tls.version == "TLS 1.3"
	and .[1].client == null and (.[1].error | test("no certificate"))' "$dir/said"
server=

# ---- every field of a config: read back by INFO, and what a session makes of it
shows() { tls show "$1" --json | jq -Se . >"$dir/shown" && diff "$dir/shown" <(jq -S . <<<"$2"); } # CONFIG JSON
full=$(tls config full --slots tls --serve web/ --default $www --key web --verifier plain --store members --client-auth optional --alpn h2,http/1.1 \
	--min-version 1.3 --policy legacy --insecure-legacy --staple-required) || full=0
ok "a server's config with every field" test "$full" -gt 0
ok "reads back as it was made" shows full '{"role":"server","policy":"legacy","minVersion":"1.3","clientAuth":"optional","staple":true,"stapleRequired":true,
	"slots":"web/","defaultSlot":"'$www'","host":null,"alpn":"h2,http/1.1","parts":["slots","key","verifier","store"]}'
"$build/bin/capcert" pins new pinned --expires never --cert "$dir/full.pem" >/dev/null
tls config every --client --verifier plain --store servers --pins pinned --slots tls --default me --key me --alpn http/1.1 --min-version 1.3 --policy modern \
	--host www.example.org >/dev/null
ok "a client's as well" shows every '{"role":"client","policy":"modern","minVersion":"1.3","clientAuth":"none","staple":false,"stapleRequired":false,
	"slots":null,"defaultSlot":"me","host":"www.example.org","alpn":"http/1.1","parts":["slots","key","verifier","store","pins"]}'
# A slot without a key: what signs is the config's.
ok "a chain without a key or a staple" slot put tls $www --chain "$dir/full.chain"
serves() { # NAME COUNT CONFIG-OPTION...: with it alone, for so many connections
	tls config "$1" --slots tls --serve web/ "${@:3}" >/dev/null && serve --config "$1" --look --count "$2" </dev/null
}
shakes() { timeout 120 openssl s_client -connect "127.0.0.1:$port" -servername www.example.org "$@" </dev/null 2>&1; }
serves later 3 --key web --min-version 1.3
says "the config's key signs, and 1.3 is spoken" 'New, TLSv1.3' shakes
fails "its least version is kept to" 'alert (protocol version|handshake failure)' shakes -tls1_2
says "a server that asks nobody takes everybody" 'No client certificate CA names sent' shakes -tls1_3
ok "three connections" wait $server
serves modern 2 --key web --policy modern
fails "modern has no 1.2" 'alert (protocol version|handshake failure)' shakes -tls1_2
says "and 1.3" 'New, TLSv1.3' shakes
ok "two connections" wait $server
serves legacy 2 --key web --policy legacy --insecure-legacy
says "legacy has AES-CBC" 'Cipher is ECDHE-ECDSA-AES128-SHA' shakes -tls1_2 -cipher ECDHE-ECDSA-AES128-SHA
says "and what is better" 'New, TLSv1.3' shakes
ok "two more" wait $server
serves stapled 1 --key web --staple-required
fails "a staple that is required, and not there" 'alert' shakes -status
ok "one" wait $server
serves asking 2 --key web --client-auth optional --verifier plain --store members
says "a client that may show who it is, and does not" 'New, TLSv1.3' shakes
ok "one that does, by its config's own key" timeout 60 "$build/bin/capcert" tls connect --config every --look --json "127.0.0.1:$port"
says "is known" 'client CN=me' cat "$dir/serve"
ok "two again" wait $server
serves plainly 2 --key web --no-staple --alpn http/1.1 --default $www
says "a staple that is not sent" 'no response sent' shakes -status
says "ALPN that both have" '"alpn": "http/1.1"' timeout 60 "$build/bin/capcert" tls connect --config every --look --json "127.0.0.1:$port"
ok "and two" wait $server
server=

# ---- a verified identity for a back end that believes the kernel alone
"$build/bin/capcert" verifier new private preset=private-mtls >/dev/null
ok "a front end's config" tls config vouch --slots tls --serve web/ --key web --client-auth optional --verifier private --store members
"$build/examples/identity_backend" "$dir/backend" private-mtls >"$dir/backend.log" 2>&1 &
backend=$!
"$build/bin/capcert" exec --with tls=captls:vouch:USE+INFO -- "$build/examples/identity_front" 0 "$dir/backend" >"$dir/front" 2>&1 &
server=$!
ok "example: front and back end" soon grep -q '^ready' "$dir/backend.log"
soon grep -q '^port' "$dir/front"
port=$(sed -n 's/^port //p' "$dir/front")
asks() { printf 'GET / HTTP/1.0\r\n\r\n' | timeout 120 "$build/bin/capcert" tls connect --config "$1" "127.0.0.1:$port"; }
me=$(openssl x509 -in "$dir/me.pem" -noout -fingerprint -sha256 | sed 's/.*=//; s/://g' | tr A-F a-f)
says "who it is, says the kernel" "hello, member $me" asks out
says "nobody in particular" 'hello, stranger' asks nobody
passed() { printf x | timeout 60 python3 -c '
import array, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0]))])
sys.stdout.write(s.makefile().read())' "$dir/backend"; }
says "what is no outcome counts for nothing" 'no verdict for me: EBADFD' passed
kill $server $backend
wait $server $backend 2>/dev/null
server= backend=

# ---- restore
mkdir -p "$dir/boot/$www" "$dir/boot/mail" "$dir/boot/api"
cp "$dir/web.chain" "$dir/boot/$www/chain.pem"
cp "$dir/web.staple" "$dir/boot/$www/staple.der"
echo 'pkcs11:token=alpha;object=web;purpose=tls-server' >"$dir/boot/$www/key"
cp "$dir/other.chain" "$dir/boot/mail/chain.pem"
cp "$dir/other.chain" "$dir/boot/api/chain.pem"
chmod -R go-w "$dir/boot"
says "what root laid down is restored" '^3 slots' slot restore again "$dir/boot" --new @s
says "again into the same store" '^3 slots' slot restore again "$dir/boot" --new @s
says "with its key and staple" "$www version=[0-9]+ leaf=.* key staple" keyctl print %capslot:again
chmod g+w "$dir/boot/mail/chain.pem"
ln -sf "$dir/web.chain" "$dir/boot/api/chain.pem"
fails "what others may write is not, nor is a link" '^1 slots' slot restore again "$dir/boot"
says "and the reason is said" 'others may write' bash -c '"$1" slot restore again "$2" || true' _ "$build/bin/capcert" "$dir/boot"
chown 1000 "$dir/boot"
fails "nor anything in a directory that is not root's" '^0 slots' slot restore again "$dir/boot"

# ---- the end
says "a slot is deleted" '^version' slot delete tls mail
fails "and gone" 'no such slot' slot get tls mail
"$build/bin/capcert" slot watch tls >"$dir/events" 2>&1 &
watcher=$!
ok "a watch of all" soon grep -rqs 'capcert-kind:.watch of slots' "/proc/$watcher/fdinfo"
keyctl revoke "$store"
no "revoking the store ends the watch" wait $watcher
says "with the reason" 'revoked' cat "$dir/events"
finish
