#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: dev: capcert-tlsd with a config of the kernel and a key in a token: curl, openssl, rotation under traffic, faults of the keeper.

# shellcheck disable=SC2016,SC2119,SC2120 # programs for another shell; functions with optional arguments
cd "$(dirname "$0")/../.." || exit 1
. tests/integration/tlsd.inc
ok "keyd is ready" start_keyd
keyctl add capkey web 'pkcs11:token=alpha;object=web;purpose=tls-server' @s >/dev/null || exit 1


# ---- a slot, a config of it, a back end, and the daemon with nothing but the config
store=$(keyctl padd capslot tls @s </dev/null) && keyctl setperm "$store" 0x3f000000 || exit 1
www=web/www.example.org
ok "the slot" slot put tls $www --chain "$dir/web.chain" --staple "$dir/web.staple" --key web
ok "the config" tls config front --slots tls --serve web/ --default $www
mkdir "$dir/files" && echo hello >"$dir/files/index.html" && chmod 755 "$dir/files"
python3 -m http.server -d "$dir/files" -b 127.0.0.1 8080 >/dev/null 2>&1 &
others+=" $!"
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
