#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: dev: programs of others use handles: through the PKCS#11 provider, and through a CA file of one store.

# shellcheck disable=SC2016,SC2119 # programs for another shell; functions with optional arguments
cd "$(dirname "$0")/../.." || exit 1
build=$PWD/${BUILD:-build}
if [ -z "${PKCS11_SESSION:-}" ]; then
	exec env PKCS11_SESSION=1 unshare -m keyctl session pkcs11 "$0" "$@" 2>&1
fi
grep -q '^capcert ' /proc/modules || insmod "$CAPCERT_KO" || exit 1
softhsm=$(echo /usr/lib/*/softhsm/libsofthsm2.so)
[ -e "$softhsm" ] || { echo "skipped: softhsm2 is not installed" && exit 77; }
if ! "$build/bin/capcert" feature --json | grep -q '"profile": "development"'; then
	echo "skipped: SoftHSM is a development token, which this profile refuses; keyd.sh tests that" && exit 77
fi
provider=$build/lib/libcapcert-pkcs11.so
dir=$(mktemp -d)
keyd= served=
trap 'kill -9 $keyd $served 2>/dev/null; keyctl clear @s; rm -rf "$dir"' EXIT
chmod 711 "$dir"

# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc
logs=("$dir/log") own=(128 255) # git's and certutil's
need() { command -v "$1" >/dev/null || { echo "skipped: $1 is not installed" && exit 77; }; }
for program in p11tool pkcs11-tool openssl gnutls-cli gnutls-serv certtool curl wget git nginx certutil modutil ssh-keygen; do
	need "$program"
done

# ---- a token, keys in it, their keeper; certificates of them
mkdir "$dir/tokens" "$dir/pins" "$dir/home" && chmod 700 "$dir/pins" && chown 1000:1000 "$dir/home"
printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' "$dir" >"$dir/conf"
export SOFTHSM2_CONF=$dir/conf
pin=60521734
softhsm2-util --init-token --free --label alpha --pin $pin --so-pin 87654321 >/dev/null || exit 1
chown -R nobody:nogroup "$dir/tokens"
echo $pin >"$dir/pins/pin.alpha" && chmod 400 "$dir/pins/pin.alpha"
vault=(--module "$softhsm" --records "$dir/records" --pin-file "$dir/pins/pin.alpha" --user nobody)
home=$dir/home ca=$dir/ca.pem
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/ca.key" -subj '/CN=Anchor' -days 2 -out "$ca" 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/other.key" -subj '/CN=Other' -days 2 \
	-addext subjectAltName=DNS:localhost -out "$dir/other.pem" 2>/dev/null
openssl req -new -key "$dir/ca.key" -subj /CN=localhost -out "$dir/csr" 2>/dev/null
echo 'subjectAltName=DNS:localhost' >"$dir/san"
for what in 'web p256 tls-server,tls-client' 'rsa rsa2048 tls-server' 'ed ed25519 tls-server' 'code p256 code-sign' 'ca p256 ca-sign'; do
	read -r name type purposes <<<"$what"
	"$build/bin/capcert" key generate "$name" --token alpha --type "$type" --purpose "$purposes" "${vault[@]}" >/dev/null || exit 1
done
# NAME: the public key, and a certificate of it by the CA.
certify() {
	"$build/bin/capcert" key show "pkcs11:token=alpha;object=$1" "${vault[@]}" --json | python3 -c '
import base64, json, sys
key = json.load(sys.stdin)
print("-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(bytes.fromhex(key["spki"])).decode() + "\n-----END PUBLIC KEY-----")' >"$dir/$1.pub" &&
		openssl x509 -req -in "$dir/csr" -CA "$ca" -CAkey "$dir/ca.key" -CAcreateserial -force_pubkey "$dir/$1.pub" \
			-extfile "$dir/san" -days 2 -out "$home/$1.pem" 2>/dev/null
}
for name in web rsa code; do certify $name || exit 1; done
cp "$ca" "$dir/other.pem" "$home/" && chmod 644 "$home"/*.pem
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
for what in 'web tls-server,tls-client' 'rsa tls-server' 'ed tls-server' 'code code-sign' 'ca ca-sign'; do
	keyctl add capkey "${what% *}" "pkcs11:token=alpha;object=${what% *};purpose=${what#* }" @s >/dev/null || exit 1
done
for name in web rsa code; do
	openssl x509 -in "$home/$name.pem" -outform DER | keyctl padd capcert "$name" @s >/dev/null || exit 1
done
"$build/bin/capcert" trust new one @s >/dev/null
"$build/bin/capcert" trust add one "$ca" --pin-from-cert >"$dir/out" 2>&1 || { cat "$dir/out" && exit 1; }

# This module is the only one, registered as `make install` does it.
mkdir "$dir/modules" && chmod 755 "$dir/modules"
sed "s|@LIBDIR@/pkcs11|${provider%/*}|" data/p11-kit/capcert.module >"$dir/modules/capcert.module"
mount --bind "$dir/modules" "$(pkg-config --variable=p11_module_configs p11-kit-1)" || exit 1

# run [NAME=KEY:RIGHTS]... -- CMD...: as uid 1000 with these handles and no keyring
rights=SIGN+INFO+PUBLIC+TRANSFER
run() {
	local with=()
	while [ "$1" != -- ]; do
		with+=(--with "$1")
		shift
	done
	"$build/bin/capcert" exec "${with[@]}" --user 1000 -- env HOME="$home" "${@:2}"
}
web=("web=capkey:web:$rights" cert=capcert:web:INFO+READ+TRANSFER)
store=store=captrust:one:INFO+READ+TRANSFER

# ---- p11tool
says "p11tool --list-tokens: one token, no PIN" 'URL: pkcs11:model=handles;manufacturer=capcert;serial=capcert-handles;token=capcert$' \
	run "${web[@]}" -- p11tool --list-tokens
no "without handles there is nothing in it" bash -c '"$@" | grep -q "Object 0"' _ run -- p11tool --list-all pkcs11:token=capcert
all() {
	run "${web[@]}" rsa=capkey:rsa:"$rights" "$store" -- p11tool --list-all pkcs11:token=capcert >"$dir/all" &&
		[ "$(grep -c 'Type: Private key' "$dir/all") $(grep -c 'Type: Public key' "$dir/all") $(grep -c 'Type: X.509 Cert' "$dir/all")" = "2 2 2" ]
}
ok "--list-all: two pairs of keys, a certificate, an anchor" all
says "the anchor is trusted" 'CKA_TRUSTED' run "$store" -- p11tool --list-all-trusted pkcs11:token=capcert
no "the certificate is not" bash -c '"$@" | grep -q "Object 0"' _ run "${web[@]}" -- p11tool --list-all-trusted pkcs11:token=capcert
ids() { [ "$(grep -o 'id=[^;]*' "$dir/all" | sort | uniq -c | awk '{ print $1 }' | sort | tr -d '\n')" = 123 ]; }
ok "a key's certificate has its CKA_ID" ids
says "p11tool --test-sign, ECDSA" 'ok$' run "${web[@]}" -- p11tool --test-sign 'pkcs11:token=capcert;object=web'
says "RSA" 'ok$' run rsa=capkey:rsa:"$rights" -- p11tool --test-sign 'pkcs11:token=capcert;object=rsa'
says "Ed25519" 'ok$' run ed=capkey:ed:"$rights" -- p11tool --hash SHA512 --test-sign 'pkcs11:token=capcert;object=ed'
no "nothing can be exported" run "${web[@]}" -- p11tool --export 'pkcs11:token=capcert;object=web;type=private'
no "a handle without SIGN is a public key" bash -c '"$@" | grep -q "Private"' _ run web=capkey:web:INFO+PUBLIC -- p11tool --list-all pkcs11:token=capcert
says "keys of the process's keyrings, without a handle" 'object=code;type=private' p11tool --list-keys pkcs11:token=capcert
says "and they sign" 'ok$' p11tool --test-sign 'pkcs11:token=capcert;object=web;type=private'

# ---- OpenSC
tool() { run "${web[@]}" rsa=capkey:rsa:"$rights" -- pkcs11-tool --module "$provider" "$@"; }
ok "pkcs11-tool lists slots, mechanisms and objects" tool -L -M -O
says "pkcs11-tool --test" 'No errors' run "${web[@]}" -- pkcs11-tool --module "$provider" --test
head -c 300 /dev/urandom >"$home/message" && openssl dgst -sha256 -binary "$home/message" >"$home/sha256" && chmod 644 "$home"/*
verify() { # NAME SIG [OPTION]...
	openssl dgst -sha256 -verify "$dir/$1.pub" -signature "$2" "${@:3}" "$home/message"
}
id() { openssl pkey -pubin -in "$dir/$1.pub" -outform DER | openssl dgst -sha256 -r | cut -d' ' -f1; }
web_id=$(id web) rsa_id=$(id rsa)
signs() { # ID MECHANISM INPUT [OPTION]...
	rm -f "$home/sig" && tool --sign --id "$1" -m "$2" -i "$home/$3" -o "$home/sig" "${@:4}"
}
hashed_ec() { signs "$web_id" ECDSA-SHA256 message --signature-format openssl && verify web "$home/sig"; }
ok "CKM_ECDSA_SHA256" hashed_ec
{ printf '\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20' && cat "$home/sha256"; } >"$home/info"
raw_rsa() { signs "$rsa_id" RSA-PKCS info && verify rsa "$home/sig"; }
ok "CKM_RSA_PKCS" raw_rsa
pss() { signs "$rsa_id" RSA-PKCS-PSS sha256 --hash-algorithm SHA256 && verify rsa "$home/sig" -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32; }
ok "CKM_RSA_PKCS_PSS" pss
fails "no DigestInfo, no signature" CKR_DATA_INVALID signs "$rsa_id" RSA-PKCS message
ca_sign() { run "ca=capkey:ca:$rights" -- pkcs11-tool --module "$provider" --sign -m "$1" -i "$home/$2" -o "$home/none"; }
fails "a key that must see what it signs takes no digest" CKR_KEY_FUNCTION_NOT_PERMITTED ca_sign ECDSA sha256
fails "and no message that is no certificate" CKR_KEY_FUNCTION_NOT_PERMITTED ca_sign ECDSA-SHA256 message
tbs() { openssl asn1parse -in "$home/web.pem" -strparse 4 -noout -out "$home/tbs" && ca_sign ECDSA-SHA256 tbs; }
ok "but one that is" tbs

# ---- GnuTLS
uri() { echo "pkcs11:token=capcert;object=$1;type=${2:-private}"; }
request() {
	printf 'cn = web\n' >"$home/template" && chmod 644 "$home/template"
	run "${web[@]}" -- certtool --generate-request --load-privkey "$(uri web)" --template "$home/template" >"$dir/csr.pem" &&
		openssl req -verify -noout -in "$dir/csr.pem"
}
ok "certtool signs a request, which openssl verifies" request
fails "but by a CA's key nothing: GnuTLS signs digests" 'error|rror:' run "ca=capkey:ca:$rights" -- certtool --generate-request --load-privkey "$(uri ca)" \
	--template "$home/template"
ip link set lo up
# serve PORT CMD...: CMD listens on the port.
serve() {
	local port=$1
	shift
	"$@" >"$dir/serve" 2>&1 &
	served="$served $!"
	for _ in {1..1200}; do
		(: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return 0
		sleep 0.1
	done
	cat "$dir/serve"
	return 1
}
ok "gnutls-serv by the key, with the certificate of the token" serve 7001 run "${web[@]}" -- gnutls-serv --quiet -p 7001 --echo \
	--x509keyfile "$(uri web)" --x509certfile "$(uri web cert)"
"$build/bin/capcert" trust new two @s >/dev/null
"$build/bin/capcert" trust add two "$dir/other.pem" --pin-from-cert >/dev/null
client() { run "$1" -- gnutls-cli -p 7001 --x509cafile "$2" localhost </dev/null; }
says "gnutls-cli by the store" 'certificate is trusted' client "$store" pkcs11:token=capcert
fails "not by another store" 'NOT trusted' client store=captrust:two:INFO+READ+TRANSFER pkcs11:token=capcert
says "by an anchor alone" 'certificate is trusted' client "$store" "$(uri Anchor cert)"

# ---- OpenSSL's engine, through p11-kit's proxy
cms() {
	run "code=capkey:code:$rights" -- openssl cms -sign -nodetach -binary -in "$home/message" -signer "$home/code.pem" -engine pkcs11 \
		-keyform engine -inkey "$(uri code)" -outform DER -out "$home/cms" &&
		openssl cms -verify -inform DER -in "$home/cms" -CAfile "$ca" -purpose any -binary -out "$dir/cms.out" && cmp "$dir/cms.out" "$home/message"
}
ok "openssl cms -sign" cms
no "not by a key of others" run "${web[@]}" -- openssl cms -sign -binary -in "$home/message" -signer "$home/code.pem" -engine pkcs11 \
	-keyform engine -inkey "$(uri code)" -outform DER -out "$home/none"

# ---- nginx: its workers sign; a second server that is none of ours, and whom this system trusts
mkdir "$dir/certs" "$home/www" && cp "$dir/other.pem" "$dir/certs/other.pem" && openssl rehash "$dir/certs" && cp "$dir/other.pem" "$dir/certs/ca-certificates.crt" &&
	chmod -R a+rX "$dir/certs" && mount --bind "$dir/certs" /etc/ssl/certs
cp "$dir/other.key" "$home/other.key" && chmod 644 "$home/other.key"
echo hello >"$home/www/hello"
git init -q "$home/www/repo" && git -C "$home/www/repo" -c user.name=n -c user.email=e commit -q --allow-empty -m one &&
	git -C "$home/www/repo" update-server-info
chown -R 1000:1000 "$home"
# nginx does not initialise an engine, OpenSSL does where it is configured.
printf '%s\n' openssl_conf=init '[init]' engines=engines '[engines]' pkcs11=pkcs11 '[pkcs11]' engine_id=pkcs11 init=1 >"$home/openssl.cnf"
cat >"$home/nginx.conf" <<-CONF
	daemon off;
	worker_processes 1;
	pid $home/nginx.pid;
	error_log $home/nginx.log;
	env CAPCERT_FDS;
	events { worker_connections 32; }
	http {
		access_log off;
		client_body_temp_path $home/t1; proxy_temp_path $home/t2; fastcgi_temp_path $home/t3; uwsgi_temp_path $home/t4; scgi_temp_path $home/t5;
		root $home/www;
		server { listen 7002 ssl; ssl_certificate $home/web.pem; ssl_certificate_key "engine:pkcs11:$(uri web)"; }
		server { listen 7003 ssl; ssl_certificate $home/other.pem; ssl_certificate_key $home/other.key; }
	}
CONF
ok "nginx with ssl_certificate_key engine:pkcs11:" serve 7002 run "${web[@]}" -- env OPENSSL_CONF="$home/openssl.cnf" nginx -c "$home/nginx.conf" -e "$home/nginx.log"
tls() { openssl s_client -connect "localhost:7002" -CAfile "$ca" -verify_return_error </dev/null; }
says "its worker signs a handshake" 'Verify return code: 0' tls

# ---- programs with a CA file
with_file() { "$build/bin/capcert" exec --ca-file one --user 1000 -- env HOME="$home" "$@"; }
ours=https://localhost:7002 other=https://localhost:7003
py='import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())'
says "curl trusts the store" hello with_file curl -sS $ours/hello
says "the other server is one that this system trusts" hello env -u CURL_CA_BUNDLE curl -sS $other/hello
fails "and with the store curl does not" 'certificate' with_file curl -sS $other/hello
says "wget trusts the store" hello with_file wget -q -O - $ours/hello
fails "and nothing else" 'not trusted|issuer' with_file wget -O - $other/hello
says "python trusts the store" hello with_file python3 -c "$py" $ours/hello
fails "and nothing else" CERTIFICATE_VERIFY_FAILED with_file python3 -c "$py" $other/hello
says "git trusts the store" HEAD with_file git ls-remote $ours/repo/.git
fails "and nothing else" 'certificate' with_file git ls-remote $other/repo/.git
fails "what closes descriptors trusts nobody" . with_file bash -c 'for n in {3..80}; do eval "exec $n>&-"; done; exec "$@"' _ curl -sS $ours/hello
no "the file cannot be changed" with_file bash -c 'echo x >>"$SSL_CERT_FILE"'
no "nor the directory" with_file bash -c ': >"$SSL_CERT_DIR/x"'
says "a store of --with, as it is given" 'CERTIFICATE' "$build/bin/capcert" exec --with "$store" --ca-file store -- sh -c 'cat "$SSL_CERT_FILE"'
fails "a store without READ" 'lacks the right' "$build/bin/capcert" exec --with store=captrust:one:VERIFY --ca-file store -- true
fails "a store without anchors" 'no anchor' "$build/bin/capcert" exec --with "$store" --restrict store=exclude:"$(openssl x509 -in "$ca" -noout -fingerprint -sha256 | sed 's/.*=//; s/://g')" --ca-file store -- true

# ---- NSS
mkdir "$home/nss" && chown 1000:1000 "$home/nss"
nss() { # PROGRAM OPTION...
	run "${web[@]}" "$store" -- "$1" -d "sql:$home/nss" "${@:2}"
}
module() {
	run -- certutil -N -d "sql:$home/nss" --empty-password &&
		run -- modutil -dbdir "sql:$home/nss" -force -add capcert -libfile "$provider"
}
ok "modutil adds the module" module
says "certutil lists the key" 'web' nss certutil -K -h capcert
says "certificate and anchor, which is trusted for servers" 'Anchor +C' nss certutil -L -h all
says "certutil verifies the certificate by the anchor" 'certificate is valid' nss certutil -V -u V -n capcert:web
fails "not without it" 'invalid|not trusted|unknown issuer|issuer' run "${web[@]}" -- certutil -d "sql:$home/nss" -V -u V -n capcert:web
nss_request() { nss certutil -R -k "$web_id" -s CN=web -a -o "$home/nss.csr" -h capcert && openssl req -verify -noout -in "$home/nss.csr"; }
ok "certutil signs a request, which openssl verifies" nss_request

# ---- ssh
says "ssh-keygen -D lists the keys" '^ecdsa-sha2-nistp256 ' run "${web[@]}" -- ssh-keygen -D "$provider"
cat >"$home/agent" <<-'AGENT'
	printf '#!/bin/sh\necho\n' >"$HOME/askpass" && chmod 700 "$HOME/askpass"
	export SSH_ASKPASS="$HOME/askpass" SSH_ASKPASS_REQUIRE=force
	ssh-add -s "$1" && ssh-add -L | grep '^ecdsa' >"$HOME/web.ssh" &&
		ssh-keygen -Y sign -f "$HOME/web.ssh" -n file "$HOME/message" && ssh-keygen -Y check-novalidate -n file -s "$HOME/message.sig" <"$HOME/message"
AGENT
says "ssh-agent signs" 'Good "file" signature' run "${web[@]}" -- ssh-agent -P "$provider" bash "$home/agent" "$provider"

stop_keyd() { kill -TERM "$keyd" && wait "$keyd"; }
ok "the end" stop_keyd
finish
