#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# capcert-tlsd with keys of files (tlsd_soft), between real clients and real back ends: curl, openssl, gnutls-cli, nginx.

# shellcheck disable=SC2016,SC2119 # programs for another shell; functions with optional arguments
cd "$(dirname "$0")/../.." || exit 1
build=$PWD/${BUILD:-build}
for program in curl openssl gnutls-cli python3 nginx; do
	command -v $program >/dev/null || [ -x /usr/sbin/$program ] || { echo "skipped: $program is not installed" && exit 77; }
done
dir=$(mktemp -d)
tlsd= others=
# shellcheck disable=SC2086 # several numbers
trap '{ kill -9 $tlsd $others; wait $others; } 2>/dev/null; rm -rf "$dir"' EXIT

# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc
logs=("$dir/log")
logged() { soon grep -qE -- "$1" "$dir/log"; }

# ---- a CA, a server's certificate, a client's
mkdir "$dir/front" "$dir/out.d" "$dir/files" "$dir/alice"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/ca.key" -out "$dir/ca.pem" -subj /CN=ca \
	-days 30 2>/dev/null
issue() { # FOLDER CN EKU
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/$1/key.pem" -out "$dir/req.pem" -subj "/CN=$2" 2>/dev/null
	openssl x509 -req -in "$dir/req.pem" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -days 20 -out "$dir/chain.new" \
		-extfile <(printf 'subjectAltName=DNS:%s\nextendedKeyUsage=%s\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n' "$2" "$3") \
		2>/dev/null && mv "$dir/chain.new" "$dir/$1/chain.pem"
}
: >"$dir/db"
issue front www.example.org serverAuth && issue alice alice clientAuth || exit 1
cp "$dir/ca.pem" "$dir/front/" && cp "$dir/ca.pem" "$dir/out.d/" && printf 'http/1.1' >"$dir/front/alpn"
mkdir "$dir/old" && cp "$dir/front/key.pem" "$dir/old/"
openssl req -new -key "$dir/old/key.pem" -subj /CN=www.example.org -out "$dir/req.pem" 2>/dev/null
openssl ca -batch -notext -config <(printf '%s\n' [ca] default_ca=d [d] database="$dir/db" rand_serial=yes new_certs_dir="$dir" \
	default_md=sha256 policy=p x509_extensions=x [p] commonName=supplied [x] subjectAltName=DNS:www.example.org) -in "$dir/req.pem" \
	-cert "$dir/ca.pem" -keyfile "$dir/ca.key" -startdate 20200101000000Z -enddate 20210101000000Z -out "$dir/old/chain.pem" 2>/dev/null ||
	exit 1
head -c 3000000 /dev/urandom >"$dir/files/big" && echo small >"$dir/files/small"
chmod 755 "$dir" "$dir/files" # nginx reads as somebody else

# ---- back ends: nginx that believes the PROXY protocol; one that says what it heard
cat >"$dir/nginx.conf" <<END
daemon off;
pid $dir/nginx.pid;
master_process off; # a worker would survive its master's death, and hold on to our output
error_log $dir/nginx.log;
worker_processes 1;
events {}
http {
	access_log off;
	client_body_temp_path $dir/t; proxy_temp_path $dir/t; fastcgi_temp_path $dir/t; uwsgi_temp_path $dir/t; scgi_temp_path $dir/t;
	server {
		listen unix:$dir/nginx.sock proxy_protocol;
		root $dir/files;
		location /who { return 200 "\$proxy_protocol_addr \$proxy_protocol_server_port\n"; }
	}
	server { listen unix:$dir/plain.sock; root $dir/files; }
}
END
cat >"$dir/echo.py" <<'END'
import socket, struct, sys, threading
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen(512)
def text(d):
    """A PROXY header as addresses and what TLS has to say."""
    assert d[:13] == b"\r\n\r\n\0\r\nQUIT\n\x21" and len(d) >= 16 + struct.unpack(">H", d[14:16])[0], d
    size, out, tlvs = 12 if d[13] == 0x11 else 36, [], {}
    a = d[16:16 + size]
    out.append(socket.inet_ntop(socket.AF_INET if size == 12 else socket.AF_INET6, a[:4 if size == 12 else 16]))
    def take(d):
        while d:
            t, n = struct.unpack(">BH", d[:3])
            yield t, d[3:3 + n]
            d = d[3 + n:]
    for t, v in take(d[16 + size:16 + struct.unpack(">H", d[14:16])[0]]):
        tlvs[t] = v
    ssl = tlvs.get(0x20, b"")
    sub = dict(take(ssl[5:]))
    for v in (tlvs.get(2, b"-"), tlvs.get(1, b"-"), sub.get(0x21, b"-"), b"%x" % ssl[0], ssl[1:5].hex().encode(), sub.get(0x22, b"-"),
              tlvs.get(0xe0, b"-").hex().encode() if 0xe0 in tlvs else b"-"):
        out.append(v.decode())
    return " ".join(out)
def serve(c):
    data = b""
    if sys.argv[2] == "who":
        while b"\r\n\r\n" not in data[16:]:
            data += c.recv(65536)
        t = text(data).encode() + b"\n"
        c.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(t), t))
        return c.close()
    while True:
        try:
            d = c.recv(65536)
        except ConnectionError:
            return
        if not d:
            break
        if sys.argv[2] == "echo":
            try:
                c.sendall(d)
            except ConnectionError:
                return
        data += d
    if sys.argv[2] == "sum":  # answers when all was said
        c.sendall(b"%d octets\n" % len(data))
    c.close()
while True:
    c = s.accept()[0]
    threading.Thread(target=serve, args=(c,), daemon=True).start()
END
PATH=$PATH:/usr/sbin
nginx -c "$dir/nginx.conf" -p "$dir" 2>/dev/null &
others+=" $!"
python3 "$dir/echo.py" "$dir/sum.sock" sum & others+=" $!"
python3 "$dir/echo.py" "$dir/echo.sock" echo & others+=" $!"
python3 "$dir/echo.py" "$dir/who.sock" who & others+=" $!"
soon test -S "$dir/who.sock" -a -S "$dir/nginx.sock" -a -S "$dir/sum.sock" -a -S "$dir/echo.sock" || exit 1

port=$((20000 + RANDOM % 12000)) # below those of outgoing connections
start() { # OPTION...
	"$build/tests/integration/tlsd_soft" --listen "*:$port" --config "$dir/front" --to "unix:$dir/nginx.sock" --proxy \
		--listen "127.0.0.1:$((port + 1))" --config "$dir/front" --to "unix:$dir/sum.sock" \
		--listen "127.0.0.1:$((port + 2))" --config "$dir/front" --to "unix:$dir/echo.sock" \
		--listen "unix:$dir/client.sock" --config "$dir/out.d" --connect www.example.org --to "127.0.0.1:$port" \
		--listen "unix:$dir/wrong.sock" --config "$dir/out.d" --connect mail.example.org --to "127.0.0.1:$port" \
		--listen "127.0.0.1:$((port + 3))" --config "$dir/front" --to "unix:$dir/none.sock" \
		--listen "*:$((port + 4))" --config "$dir/front" --to "unix:$dir/who.sock" --proxy \
		--listen "unix:$dir/to-openssl.sock" --config "$dir/out.d" --connect www.example.org --to "127.0.0.1:$((port + 5))" \
		--listen "unix:$dir/to-gnutls.sock" --config "$dir/out.d" --connect www.example.org --to "127.0.0.1:$((port + 6))" \
		--listen "unix:$dir/to-old.sock" --config "$dir/out.d" --connect www.example.org --to "127.0.0.1:$((port + 7))" \
		--status "unix:$dir/status" --threads 2 "$@" 2>"$dir/log" &
	tlsd=$!
	soon grep -q event=ready "$dir/log"
}
stop() { kill -TERM "$tlsd" && wait "$tlsd"; }
get() { curl -sS --max-time 60 --cacert "$dir/ca.pem" --resolve "www.example.org:$port:${at:-127.0.0.1}" "${@:2}" "https://www.example.org:$port/$1"; }
status() { # PYTHON-EXPRESSION over s
	"$build/bin/capcert" tls status "$dir/status" --json | python3 -c 'import json, sys
s = json.load(sys.stdin); print(s)
sys.exit(not eval(sys.argv[1]))' "$1"
}
same() { cmp - "$dir/files/$1"; }

ok "it listens" start
[ $failed = 0 ] || exit 1
# ---- real clients
ok "curl, HTTP/1.1" bash -c '[ "$("$@")" = small ]' _ curl -sS --http1.1 --cacert "$dir/ca.pem" --resolve "www.example.org:$port:127.0.0.1" "https://www.example.org:$port/small"
big() { get big "$@" | same big; }
ok "curl, TLS 1.3, three megabytes" big --tlsv1.3
ok "curl, TLS 1.2" big --tls-max 1.2
v6() { at='[::1]' get small; }
ok "over IPv6" v6
s_client() { openssl s_client -quiet -connect "127.0.0.1:$1" -servername www.example.org -CAfile "$dir/ca.pem" -verify_return_error "${@:2}" 2>/dev/null; }
openssl_gets() { printf 'GET /small HTTP/1.0\r\n\r\n' | s_client "$port" | grep -q '^small'; }
ok "openssl s_client" openssl_gets
# shellcheck disable=SC2094 # it is read while it is written
gnutls_gets() {
	: >"$dir/gnutls" # gnutls-cli ends when its input does, answer or no answer
	(printf 'GET /small HTTP/1.0\r\n\r\n' && soon grep -q '^small' "$dir/gnutls") | gnutls-cli --x509cafile "$dir/ca.pem" -p "$port" \
		--sni-hostname www.example.org --verify-hostname www.example.org 127.0.0.1 >"$dir/gnutls"
	grep -q '^small' "$dir/gnutls"
}
ok "gnutls-cli" gnutls_gets
no "a name that it has not" curl -sS --cacert "$dir/ca.pem" --resolve "mail.example.org:$port:127.0.0.1" "https://mail.example.org:$port/"
again_with() { # OPTION...
	printf 'GET /small HTTP/1.0\r\n\r\n' | openssl s_client -connect "127.0.0.1:$port" -servername www.example.org \
		-CAfile "$dir/ca.pem" -ign_eof "$@" 2>&1
}
resumes() { again_with -sess_out "$dir/sess" >/dev/null; again_with -sess_in "$dir/sess" | grep '^Reused'; }
ok "a session is resumed" resumes

# ---- many connections, by programs made for that
many_h2load() { h2load --h1 -n 300 -c 10 -t 1 "https://127.0.0.1:$port/small" | tee /dev/stderr | grep -q ' 300 2xx'; }
many_wrk() { # no line about socket errors, nor about answers that are none
	wrk -t 1 -c 8 -d 1 "https://127.0.0.1:$port/small" | tee "$dir/wrk" && grep -qE '[1-9][0-9]* requests in' "$dir/wrk" &&
		! grep -qE 'Socket errors|Non-2xx' "$dir/wrk"
}
if command -v h2load >/dev/null; then ok "h2load" many_h2load; else echo "ok $((n += 1)) - h2load # SKIP it is not installed"; fi
if command -v wrk >/dev/null; then ok "wrk" many_wrk; else echo "ok $((n += 1)) - wrk # SKIP it is not installed"; fi

# ---- who the client is
who() { port=$((port + 4)) get who "$@"; }
is_who() { local got; got=$(who "${@:2}"); echo "$got"; [ "$got" = "$1" ]; }
ok "nginx has the client's address from the PROXY header" bash -c '[ "$("$@")" = "127.0.0.1 $0" ]' "$port" \
	curl -sS --cacert "$dir/ca.pem" --resolve "www.example.org:$port:127.0.0.1" "https://www.example.org:$port/who"
ok "nobody, says the header" is_who "127.0.0.1 www.example.org http/1.1 TLSv1.3 1 00000001 - -"
leaf=$(openssl x509 -in "$dir/alice/chain.pem" -outform DER | sha256sum | cut -d' ' -f1)
ok "alice, verified" is_who "127.0.0.1 www.example.org http/1.1 TLSv1.2 7 00000000 alice $leaf" --tls-max 1.2 \
	--cert "$dir/alice/chain.pem" --key "$dir/alice/key.pem"
mkdir "$dir/mallory"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/mallory/key.pem" -out "$dir/mallory/chain.pem" -subj /CN=alice -days 3 2>/dev/null
no "a certificate of nobody's gets no further" who --cert "$dir/mallory/chain.pem" --key "$dir/mallory/key.pem"
ok "the log says why" logged 'event=refused .*reason=certificate-refused'

# ---- ends
half_closed() {
	python3 - "$dir/ca.pem" $((port + 1)) <<-'END'
		import socket, ssl, sys
		# ssl of Python waits for the peer in unwrap(): a bare BIO says goodbye and reads on.
		c = ssl.create_default_context(cafile=sys.argv[1])
		i, o = ssl.MemoryBIO(), ssl.MemoryBIO()
		t = c.wrap_bio(i, o, server_hostname="www.example.org")
		s = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
		def do(f, *a):
		    while True:
		        try:
		            r = f(*a)
		            s.sendall(o.read())
		            return r
		        except ssl.SSLWantReadError:
		            s.sendall(o.read())
		            d = s.recv(65536)
		            i.write(d) if d else i.write_eof()
		do(t.do_handshake)
		do(t.write, b"x" * 12345)
		try:
		    t.unwrap()
		except ssl.SSLWantReadError:
		    pass
		s.sendall(o.read())
		got = b""
		while d := s.recv(65536):
		    i.write(d)
		try:
		    while d := t.read(65536):
		        got += d
		except ssl.SSLError as e:
		    got += b""
		assert s is not None
		print(got)
	END
}
ok "the answer to close_notify comes" half_closed
ok "the back end had the end, and all before it" logged 'gate=127.0.0.1:'$((port + 1))' .*in=12345 out=13 .*reason=closed'
plain_http() { curl -sS --max-time 60 "http://127.0.0.1:$port/" && return 1; logged 'reason=no-tls'; }
ok "plain HTTP is told from TLS" plain_http
no "no back end, no answer" curl -sS --cacert "$dir/ca.pem" --resolve "www.example.org:$((port + 3)):127.0.0.1" "https://www.example.org:$((port + 3))/"
ok "and the log says so" logged 'event=no-backend .*reason=connect'

# ---- the client's side
ok "plain in, TLS out" bash -c 'curl -sS --unix-socket "$1" http://www.example.org/big | cmp - "$2"' _ "$dir/client.sock" "$dir/files/big"
no "not to a server that is another" curl -sS --unix-socket "$dir/wrong.sock" http://www.example.org/small
ok "the log has the reason" logged 'gate=unix:.*/wrong.sock .*reason=certificate-refused .*detail=".*name'
openssl s_server -www -quiet -accept $((port + 5)) -cert "$dir/front/chain.pem" -key "$dir/front/key.pem" </dev/null >/dev/null 2>&1 &
others+=" $!"
gnutls-serv --http --quiet --port $((port + 6)) --x509certfile "$dir/front/chain.pem" --x509keyfile "$dir/front/key.pem" >/dev/null 2>&1 &
others+=" $!"
openssl s_server -www -quiet -accept $((port + 7)) -cert "$dir/old/chain.pem" -key "$dir/old/key.pem" </dev/null >/dev/null 2>&1 &
others+=" $!"
answers() { curl -sS --max-time 20 --unix-socket "$dir/$1.sock" http://www.example.org/ | grep -qi "$2"; }
ok "to openssl s_server" soon answers to-openssl 's_server'
ok "to gnutls-serv" soon answers to-gnutls 'gnutls'
no "not to a server whose certificate has expired" answers to-old .
ok "the log has that reason, too" logged 'gate=unix:.*/to-old.sock .*reason=certificate-refused .*detail=".*expired'

# ---- a rotation each 50 ms, while connections are made and one goes on
traffic() {
	python3 - "$dir" $((port + 2)) "$tlsd" <<-'END'
		import os, signal, socket, ssl, subprocess, sys, threading, time
		dir, port, pid = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
		front = dir + "/front/"
		c = ssl.create_default_context(cafile=dir + "/ca.pem")
		def connect():
		    return c.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="www.example.org")
		def talk(t, text):
		    t.sendall(text)
		    got = b""
		    while len(got) < len(text):
		        d = t.recv(65536)
		        assert d, "cut off"
		        got += d
		    assert got == text
		seen, errors, stop = set(), [], False
		def many():
		    while not stop:
		        try:
		            with connect() as t:
		                seen.add(t.getpeercert(True))
		                talk(t, os.urandom(100))
		        except Exception as e:
		            errors.append(repr(e))
		old = connect()
		first = old.getpeercert(True)
		threads = [threading.Thread(target=many) for _ in range(3)]
		[t.start() for t in threads]
		patience = time.time() + 120
		for i in range(20):
		    key = dir + ("/keys.%d" % i)
		    os.rename(key + "/chain.pem", front + "chain.pem")
		    os.rename(key + "/key.pem", front + "key.pem")
		    os.kill(pid, signal.SIGHUP)
		    time.sleep(0.05)
		    talk(old, b"still here")
		    while len(seen) <= i // 2 and time.time() < patience:
		        time.sleep(0.01)
		while time.time() < patience:
		    with connect() as t:
		        if t.getpeercert(True) == ssl.PEM_cert_to_DER_cert(open(front + "chain.pem").read()):
		            break
		else:
		    errors.append("the last one is never used")
		stop = True
		[t.join() for t in threads]
		print(len(seen), "certificates seen;", errors[:5])
		assert not errors and len(seen) >= 10
	END
}
for i in {0..19}; do
	mkdir "$dir/keys.$i" && issue "keys.$i" www.example.org serverAuth
done
ok "20 rotations: no handshake fails, no connection drops" traffic

# ---- those who say nothing
cat >"$dir/pong.py" <<'END'
import asyncio, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
async def serve(r, w):
    try:
        while await r.readline():
            w.write(b"pong\n")
    except OSError:
        pass
    w.close()
async def main():
    async with await asyncio.start_unix_server(serve, sys.argv[1], backlog=4096) as s:
        await s.serve_forever()
asyncio.run(main())
END
python3 "$dir/pong.py" "$dir/pong.sock" & others+=" $!"
soon test -S "$dir/pong.sock" || exit 1
stop
ok "with room for many" start --per-peer 0 --max 1000 --idle 7200 --listen "127.0.0.1:$((port + 8))" --config "$dir/front" \
	--to "unix:$dir/pong.sock"
ok "500 connections are held, and all answer" "$build/tests/bench/bench_tlsd" idle 500 "tlsd=$((port + 8)):$tlsd"
grep 'held' "$dir/tap.out" | sed 's/^/# /'

# ---- those who mean no good
stop
ok "with short times and few connections" start --handshake 3 --idle 2 --max 40 --per-peer 30 --drain 60
loris() {
	python3 - $((port + 2)) <<-'END'
		import socket, sys, time
		s = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(25)]
		start, at = time.time(), 0
		open_ = list(s)
		hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(400)
		while open_ and time.time() - start < 60:
		    at += 1
		    for c in list(open_):
		        try:
		            c.send(hello[at - 1:at])
		            c.setblocking(False)
		            if c.recv(100) == b"":
		                open_.remove(c)
		        except BlockingIOError:
		            pass
		        except ConnectionError:
		            open_.remove(c)
		    time.sleep(0.1)
		assert not open_, len(open_)
	END
}
ok "an octet at a time is no handshake" loris
ok "and is counted" status 's["handshakes"]["failed"]["timeout"] == 25'
crowd() {
	python3 - $((port + 2)) <<-'END'
		import socket, sys
		s = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(45)]
		closed = 0
		for c in s[30:]:
		    c.settimeout(60)
		    try:
		        closed += c.recv(1) == b""
		    except ConnectionError:
		        closed += 1
		assert closed == 15, closed
	END
}
ok "the 31st of a peer is closed" crowd
ok "and is counted" status 's["connections"]["over_limit"] >= 15'
ok "they are gone again" soon status 's["connections"]["open"] == 0'
# What is sent after connecting, a Python expression of octets, ends the connection; the next one is served.
sends() {
	python3 - $((port + 2)) "$1" <<-'END' && soon get small
		import socket, sys
		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		s.settimeout(60)
		try:
		    s.sendall(eval(sys.argv[2]))
		    while s.recv(4096):
		        pass
		except ConnectionError:
		    pass
	END
}
ok "a record of 65535 octets" sends 'b"\x16\3\1\xff\xff" + bytes(65535)'
ok "a record above 2^14" sends 'b"\x16\3\1\x40\1" + bytes(16385)'
ok "a ClientHello that says 16 megabytes" sends 'b"\x16\3\1\x40\0\1\xff\xff\xff\3\3" + bytes(16378)'
ok "records without anything" sends 'b"\x16\3\1\0\0" * 5000'
# A real handshake, the first flight of which comes in records of one octet each.
fragmented() {
	python3 - "$dir/ca.pem" $((port + 2)) <<-'END'
		import socket, ssl, sys
		c = ssl.create_default_context(cafile=sys.argv[1])
		i, o = ssl.MemoryBIO(), ssl.MemoryBIO()
		t = c.wrap_bio(i, o, server_hostname="www.example.org")
		s = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
		s.settimeout(60)
		try:
		    t.do_handshake()
		except ssl.SSLWantReadError:
		    pass
		hello = o.read()
		size = int.from_bytes(hello[3:5], "big")
		assert len(hello) == 5 + size, "one record"
		s.sendall(b"".join(hello[:3] + b"\0\1" + hello[5 + k:6 + k] for k in range(size)))
		while True:
		    d = s.recv(65536)
		    assert d, "it is refused"
		    i.write(d)
		    try:
		        t.do_handshake()
		        break
		    except ssl.SSLWantReadError:
		        s.sendall(o.read())
		t.write(b"hello")
		s.sendall(o.read())
		got = b""
		while len(got) < 5:
		    try:
		        got += t.read(5)
		    except ssl.SSLWantReadError:
		        i.write(s.recv(65536))
		assert got == b"hello"
	END
}
ok "a ClientHello in records of one octet is a ClientHello" fragmented
renegotiates() { # it asks for it, and is not heard
	{ printf 'first\n' && sleep 1 && printf 'R\n' && sleep 1 && printf 'second\n' && sleep 1; } | timeout 60 openssl s_client -tls1_2 \
		-connect "127.0.0.1:$((port + 2))" -servername www.example.org -CAfile "$dir/ca.pem" 2>&1 | tee "$dir/reneg"
	grep -q '^RENEGOTIATING' "$dir/reneg" && grep -q '^first' "$dir/reneg" && ! grep -q '^second' "$dir/reneg"
}
ok "renegotiation ends a connection" renegotiates
mkdir "$dir/huge" && openssl ecparam -name prime256v1 -genkey -noout -out "$dir/huge/key.pem"
openssl req -new -key "$dir/huge/key.pem" -subj /CN=huge -out "$dir/req.pem" 2>/dev/null
openssl x509 -req -in "$dir/req.pem" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -days 3 -out "$dir/huge/chain.pem" -extfile <(
	printf 'extendedKeyUsage=clientAuth\n1.2.3.4=DER:' && printf '04:83:01:86:a0' && printf '%0.s:00' {1..100000} && echo) 2>/dev/null || exit 1
huge() {
	[ "$(wc -c <"$dir/huge/chain.pem")" -gt 100000 ] || return 1
	! port=$((port + 4)) get who --cert "$dir/huge/chain.pem" --key "$dir/huge/key.pem" "$@" && soon who
}
ok "a client certificate of 100 kB gets no further, TLS 1.3" huge
ok "nor in TLS 1.2" huge --tls-max 1.2
silent() {
	python3 - "$dir/ca.pem" $((port + 2)) <<-'END'
		import socket, ssl, sys, time
		c = ssl.create_default_context(cafile=sys.argv[1])
		t = c.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[2]))), server_hostname="www.example.org", suppress_ragged_eofs=True)
		start = time.time()
		assert t.recv(1) == b"" and 1.5 < time.time() - start < 60, time.time() - start
	END
}
ok "who is silent is closed" silent
starved() {
	local used before after
	used=$(find "/proc/$tlsd/fd" -type l | wc -l)
	prlimit --pid "$tlsd" --nofile=$((used + 3)):
	python3 - $((port + 2)) <<-'END' &
		import socket, sys, time
		s = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(20)]
		time.sleep(0.7)
	END
	logged 'event=not-accepted .*open files' || return 1
	before=$(awk '{ print $14 + $15 }' "/proc/$tlsd/stat")
	sleep 0.5
	after=$(awk '{ print $14 + $15 }' "/proc/$tlsd/stat")
	echo "$((after - before)) ticks in half a second"
	prlimit --pid "$tlsd" --nofile=1000:
	wait $!
	[ $((after - before)) -lt 20 ] && soon get small
}
ok "without file descriptors it waits, does not spin, and comes back" starved
# Address space runs out while many come; those who are served then are fewer, and afterwards it is as before.
squeezed() {
	local size
	size=$(awk '/^VmSize/ { print $2 * 1024 }' "/proc/$tlsd/status")
	prlimit --pid "$tlsd" --as=$((size + 200000)):
	python3 - "$dir/ca.pem" $((port + 2)) <<-'END'
		import socket, ssl, sys
		c = ssl.create_default_context(cafile=sys.argv[1])
		good, bad, open_ = 0, 0, []
		for _ in range(60):
		    try:
		        s = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
		        s.settimeout(20)
		        open_.append(c.wrap_socket(s, server_hostname="www.example.org"))
		        open_[-1].sendall(bytes(100000))
		        good += 1
		    except OSError:
		        bad += 1
		print(good, "served,", bad, "not")
	END
	prlimit --pid "$tlsd" --as=unlimited:
	kill -0 "$tlsd" && soon get small
}
ok "without memory it turns some away, and comes back" squeezed
draining() {
	python3 - "$dir/ca.pem" $((port + 2)) "$tlsd" <<-'END'
		import os, signal, socket, ssl, sys, time
		c = ssl.create_default_context(cafile=sys.argv[1])
		t = c.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[2]))), server_hostname="www.example.org")
		t.sendall(b"a")
		assert t.recv(1) == b"a"
		os.kill(int(sys.argv[3]), signal.SIGTERM)
		time.sleep(0.3)
		t.sendall(b"b")
		assert t.recv(1) == b"b"
		try:
		    s = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
		    s.settimeout(0.3)
		    assert s.recv(1) == b""
		except (ConnectionError, TimeoutError):
		    pass
		t.close()
	END
	wait "$tlsd"
}
ok "SIGTERM: what is open goes on, then it ends" draining
ok "it says so" grep -q 'event=stopped' "$dir/log"
finish
