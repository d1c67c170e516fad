#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: dev: capcert-tlsd with a config of the kernel and a key in a token: curl, openssl, rotation under traffic, faults of the keeper.

# shellcheck disable=SC2016,SC2119,SC2120 # programs for another shell; functions with optional arguments
cd "$(dirname "$0")/../.." || exit 1
build=$PWD/${BUILD:-build}
if [ -z "${TLSD_SESSION:-}" ]; then
	exec env TLSD_SESSION=1 keyctl session tlsd "$0" "$@" 2>&1
fi
grep -q '^capcert ' /proc/modules || insmod "$CAPCERT_KO" || exit 1
softhsm=$(echo /usr/lib/*/softhsm/libsofthsm2.so)
[ -e "$softhsm" ] || { echo "skipped: softhsm2 is not installed" && exit 77; }
if ! "$build/bin/capcert" feature --json | grep -q '"profile": "development"'; then
	echo "skipped: SoftHSM is a development token, which this profile refuses; keyd.sh tests that" && exit 77
fi
dir=$(mktemp -d)
keyd= tlsd= backend=
trap 'kill -9 $keyd $tlsd $backend 2>/dev/null; keyctl clear @s; rm -rf "$dir"' EXIT
chmod 711 "$dir"

# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc
logs=("$dir/log" "$dir/tlsd.log")
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

ip link set lo up 2>/dev/null || ifconfig lo up 2>/dev/null

# ---- a slot, a config of it, a back end, and the daemon with nothing but the config
store=$(keyctl padd capslot tls @s </dev/null) && keyctl setperm "$store" 0x3f000000 || exit 1
www=web/www.example.org
ok "the slot" slot put tls $www --chain "$dir/web.chain" --staple "$dir/web.staple" --key web
ok "the config" tls config front --slots tls --serve web/ --default $www
mkdir "$dir/files" && echo hello >"$dir/files/index.html" && chmod 755 "$dir/files"
python3 -m http.server -d "$dir/files" -b 127.0.0.1 8080 >/dev/null 2>&1 &
backend=$!
start_tlsd() {
	"$build/bin/capcert" exec --with c=captls:front:USE+INFO -- "$build/bin/capcert-tlsd" --listen '*:443' --config c \
		--to 127.0.0.1:8080 --user nobody --status "unix:$dir/status" --drain 2 2>"$dir/tlsd.log" &
	tlsd=$!
	soon grep -q event=ready "$dir/tlsd.log" || { cat "$dir/tlsd.log" && false; }
}
ok "tlsd is ready" start_tlsd
ok "and the back end" soon curl -sS http://127.0.0.1:8080/index.html
confined() {
	local status
	for status in "/proc/$tlsd/task"/*/status; do
		grep -q '^CapEff:.0000000000000000' "$status" && grep -q '^NoNewPrivs:.1' "$status" &&
			grep -q '^Seccomp:.2' "$status" && grep -qE '^Uid:.65534' "$status" || return 1
	done
}
ok "all its threads are confined" confined
get() { curl -sS --max-time 30 --cacert "$dir/ca.pem" --resolve www.example.org:443:127.0.0.1 "$@" https://www.example.org/index.html; }
certify web 17 -force_pubkey "$dir/web.pub" -extfile <(printf 'subjectAltName=DNS:www.example.org\n')
ok "a certificate with its name takes the place of the first" slot put tls $www --chain "$dir/web.chain" --staple "$dir/web.staple" --key web
says "curl, TLS 1.3" '^hello$' get
says "curl, TLS 1.2" '^hello$' get --tls-max 1.2
says "the staple goes with it, and is good" 'Cert Status: good' bash -c 'openssl s_client -connect 127.0.0.1:443 -servername www.example.org -CAfile "$1" -status </dev/null' _ "$dir/ca.pem"
says "openssl believes it" 'Verify return code: 0' bash -c 'openssl s_client -connect 127.0.0.1:443 -servername www.example.org -CAfile "$1" </dev/null' _ "$dir/ca.pem"
says "the status knows the slot" 'slot +web/www.example.org, version 2 since' "$build/bin/capcert" tls status "$dir/status"
says "and when its staple is over" 'staple +until 2' "$build/bin/capcert" tls status "unix:$dir/status"

# ---- rotation: each handshake has one value, none fails, and what is open stays open
traffic() {
	python3 - "$dir" "$build/bin/capcert" <<-'END'
		import hashlib, socket, ssl, subprocess, sys, threading
		dir, capcert = sys.argv[1:]
		c = ssl.create_default_context(cafile=dir + "/ca.pem")
		c.verify_flags &= ~0x20000 # what a plain certificate lacks is not the subject
		def connect():
		    return c.wrap_socket(socket.create_connection(("127.0.0.1", 443)), server_hostname="www.example.org")
		seen, errors, stop = [], [], False
		def many():
		    while not stop:
		        try:
		            with connect() as t:
		                seen.append(hashlib.sha256(t.getpeercert(True)).hexdigest())
		        except Exception as e:
		            errors.append(repr(e))
		old = connect()
		thread = threading.Thread(target=many)
		thread.start()
		for i in range(20):
		    subprocess.run([capcert, "slot", "put", "tls", "web/www.example.org", "--chain", dir + "/r%d.chain" % i, "--key", "web"], check=True, stdout=subprocess.DEVNULL)
		    with connect() as t: # begun after the put
		        want = ssl.PEM_cert_to_DER_cert(open(dir + "/r%d.pem" % i).read())
		        assert t.getpeercert(True) == want, "not the new one after put %d" % i
		stop = True
		thread.join()
		old.sendall(b"GET /index.html HTTP/1.0\r\n\r\n")
		got = b""
		while d := old.recv(65536): got += d
		assert b"hello" in got, got
		print(len(seen), "handshakes,", len(set(seen)), "certificates", errors)
		assert not errors
	END
}
for i in {0..19}; do
	certify "r$i" $((100 + i)) -force_pubkey "$dir/web.pub" -extfile <(printf 'subjectAltName=DNS:www.example.org\n')
done
ok "20 rotations: the next handshake has the new one, none fails, the old connection goes on" traffic

# ---- the keeper of keys is started anew
restarted() {
	kill -KILL "$keyd"
	wait "$keyd" 2>/dev/null
	get >"$dir/waited" &
	local client=$!
	start_keyd && wait "$client" && grep -q hello "$dir/waited"
}
ok "without the keeper a handshake waits, with the next one it goes on" restarted
ok "tlsd lives" kill -0 "$tlsd"
ends() { kill -TERM "$tlsd" && wait "$tlsd"; }
ok "SIGTERM ends it" ends
says "with a line" 'event=stopped' cat "$dir/tlsd.log"

# ---- a service manager's socket
activated() {
	systemd-socket-activate -l 127.0.0.1:8443 --fdname=https "$build/bin/capcert" exec --with c=captls:front:USE+INFO -- \
		"$build/bin/capcert-tlsd" --socket https --config c --to 127.0.0.1:8080 --user nobody 2>"$dir/tlsd.log" &
	tlsd=$!
	soon grep -q Listening "$dir/tlsd.log"
	curl -sS --max-time 30 --cacert "$dir/ca.pem" --resolve www.example.org:8443:127.0.0.1 https://www.example.org:8443/index.html
}
says "an inherited socket is served" '^hello$' activated
finish
