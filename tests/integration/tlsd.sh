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
# A second service says everything once more, at 444; at 445 it is for members alone, whom a verifier's handle knows.
cat >"$dir/echo.py" <<'END'
import asyncio
async def serve(r, w):
    try:
        while d := await r.read(65536):
            w.write(d)
            await w.drain()
    except OSError:
        pass
    w.close()
async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", 8081) as s:
        await s.serve_forever()
asyncio.run(main())
END
python3 "$dir/echo.py" &
others+=" $!"
capcert=$build/bin/capcert
ok "whom to believe" "$capcert" trust new members
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/club.key" -out "$dir/club.pem" -days 2 -subj /CN=club \
	-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2>/dev/null
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/member.key" -subj /CN=member -out "$dir/req" 2>/dev/null
for i in {1..4}; do # of whom the module has seen one, it remembers
	openssl x509 -req -in "$dir/req" -CA "$dir/club.pem" -CAkey "$dir/club.key" -set_serial "$i" -days 1 -out "$dir/member.$i" \
		-extfile <(printf 'extendedKeyUsage=clientAuth\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n') 2>/dev/null
done
"$capcert" trust add members "$dir/club.pem" --pin-from-cert --purpose tlsClientAuth >/dev/null &&
	"$capcert" verifier new plain profile=rfc5280 >/dev/null || exit 1
ok "a config that asks who comes" tls config known --slots tls --serve web/ --default $www --client-auth required \
	--verifier plain --store members
start_verifyd() {
	"$build/bin/capcert-verifyd" --foreground 2>"$dir/verifyd.log" &
	verifyd=$!
	others+=" $verifyd"
	soon grep -q ready "$dir/verifyd.log"
}
ok "verifyd is ready" start_verifyd
start_tlsd() { # [OPTION]...
	"$capcert" exec --with c=captls:front:USE+INFO --with k=captls:known:USE+INFO -- "$build/bin/capcert-tlsd" \
		--listen '*:443' --config c --to 127.0.0.1:8080 --listen '*:444' --config c --to 127.0.0.1:8081 \
		--listen '*:445' --config k --to 127.0.0.1:8080 \
		--user nobody --status "unix:$dir/status" --drain 2 "$@" 2>"$dir/tlsd.log" &
	tlsd=$!
	soon grep -q event=ready "$dir/tlsd.log" || { cat "$dir/tlsd.log" && false; }
}
ok "tlsd is ready" start_tlsd --handshake 60
ok "and the back end" soon curl -sS http://127.0.0.1:8080/index.html
confined() {
	local status
	for status in "/proc/$tlsd/task"/*/status; do
		grep -q '^CapEff:.0000000000000000' "$status" && grep -q '^NoNewPrivs:.1' "$status" &&
			grep -q '^Seccomp:.2' "$status" && grep -qE '^Uid:.65534' "$status" || return 1
	done
}
ok "all its threads are confined" confined
get() { curl -sS --max-time 120 --cacert "$dir/ca.pem" --resolve www.example.org:443:127.0.0.1 "$@" https://www.example.org/index.html; }
certify web 17 -force_pubkey "$dir/web.pub" -extfile <(
	printf 'subjectAltName=DNS:www.example.org\nauthorityInfoAccess=OCSP;URI:http://127.0.0.1:8088/ocsp\n'
)
ok "a certificate with its name takes the place of the first" slot put tls $www --chain "$dir/web.chain" --staple "$dir/web.staple" --key web
says "curl, TLS 1.3" '^hello$' get
says "curl, TLS 1.2" '^hello$' get --tls-max 1.2
says "the staple goes with it, and is good" 'Cert Status: good' bash -c 'openssl s_client -connect 127.0.0.1:443 -servername www.example.org -CAfile "$1" -status </dev/null' _ "$dir/ca.pem"
says "openssl believes it" 'Verify return code: 0' bash -c 'openssl s_client -connect 127.0.0.1:443 -servername www.example.org -CAfile "$1" </dev/null' _ "$dir/ca.pem"
says "the status knows the slot" 'slot +web/www.example.org, version 2 since' "$build/bin/capcert" tls status "$dir/status"
says "and when its staple is over" 'staple +until 2' "$build/bin/capcert" tls status "unix:$dir/status"

# ---- a stapler with rights to that slot alone: what it puts, the next handshake has
handshake() { openssl s_client -connect 127.0.0.1:443 -servername www.example.org -CAfile "$dir/ca.pem" -status </dev/null; }
tests/responder 8088 "$dir" >"$dir/responder" 2>&1 &
others+=" $!"
ok "a responder" soon grep -q ready "$dir/responder"
ok "the slot's staple is taken away" slot put tls $www --staple-only
says "none is sent" 'OCSP response: no response sent' handshake
ok "the stapler brings one" "$capcert" exec --with s=capslot:tls:GET+PUT+WATCH --restrict "s=slots:$www" -- \
	"$capcert" ocsp staple --slots fd:s --slot $www --once --allow 127.0.0.0/8 --any-port --timeout 60
says "it is sent" 'Cert Status: good' handshake

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

# ---- peers of tlsd go and come, while octets flow through a connection that was there before
cat >"$dir/flow.py" <<'END'
import os, socket, ssl, sys
dir, into = sys.argv[1:]
c = ssl.create_default_context(cafile=dir + "/ca.pem")
c.verify_flags &= ~0x20000
t = c.wrap_socket(socket.create_connection(("127.0.0.1", 444)), server_hostname="www.example.org")
text, moved = os.urandom(65536), 0
while True:
    t.sendall(text)
    got = b""
    while len(got) < len(text):
        d = t.recv(len(text) - len(got))
        assert d, "cut off"
        got += d
    assert got == text, "something else"
    moved += 1
    with open(into + ".new", "w") as f:
        f.write("%d\n" % moved)
    os.rename(into + ".new", into)
END
python3 "$dir/flow.py" "$dir" "$dir/moved" 2>"$dir/flow.log" &
flow=$!
others+=" $flow"
logs+=("$dir/flow.log")
above() { [ "$(cat "$dir/moved")" -gt "$1" ]; }
flows() { # three more times 64 KiB there and back
	local from
	kill -0 "$flow" && soon [ -s "$dir/moved" ] && from=$(cat "$dir/moved") && soon above $((from + 3))
}
shaking() { [ "$("$capcert" tls status "$dir/status" --json | jq '.connections.open')" -ge "$1" ]; }
gone() { # SIGNAL PID
	kill "-$1" "$2" && { wait "$2" || true; } 2>/dev/null
}
ok "octets flow" flows
# restarted AGENT SIGNAL CLIENT...: without it a handshake waits, with the next one it goes on; what is open takes no notice.
restarted() {
	local client
	gone "$2" "${!1}"
	"${@:3}" >"$dir/waited" &
	client=$!
	soon shaking 2 && flows && "start_$1" && wait "$client" && grep -q hello "$dir/waited" && flows
}
member() { get --cert "$dir/member.$1" --key "$dir/member.key" --connect-to ::127.0.0.1:445; }
says "who is known is served" '^hello$' member 1
no "others are not" get --connect-to ::127.0.0.1:445
ok "keyd killed" restarted keyd KILL get
ok "keyd stopped" restarted keyd TERM get
ok "verifyd killed" restarted verifyd KILL member 2
ok "verifyd stopped" restarted verifyd TERM member 3
flow_ends() {
	gone TERM "$flow"
	! [ -s "$dir/flow.log" ]
}
ok "nothing of the flow was lost" flow_ends
ok "tlsd lives" kill -0 "$tlsd"
ends() { kill -TERM "$tlsd" && wait "$tlsd"; }
ok "SIGTERM ends it" ends
says "with a line" 'event=stopped' cat "$dir/tlsd.log"

# ---- nobody comes in time: the handshake fails, and the log says for whom it waited
ok "another tlsd has less patience" start_tlsd --handshake 2
unserved() { # WHAT CLIENT...
	! "${@:2}" && grep -qE "event=refused .*$1" "$dir/tlsd.log"
}
alone() { # AGENT WHAT CLIENT...
	gone TERM "${!1}"
	soon unserved "${@:2}" && "start_$1" && soon "${@:3}"
}
ok "no keyd: one line, and after that it is as before" \
	alone keyd 'detail="the key of this end did not sign .*is capcert-keyd running' get
ok "no verifyd: likewise" \
	alone verifyd 'detail=".*could not be verified .*is capcert-verifyd running' member 4
ok "SIGTERM ends it, too" ends

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
