#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: dev: capcert-acmed proves names by tls-alpn-01 at the port of a running capcert-tlsd; renewals under requests; nginx before http-01.

# shellcheck disable=SC2016,SC2034 # programs for another shell; acmed.inc reads more_keys
cd "$(dirname "$0")/../.." || exit 1
more_keys=(challenge:tls-server)
. tests/integration/acmed.inc
PEBBLE_HTTP_PORT=5003 PEBBLE_TLS_PORT=5004 pebble_start "$dir" plain || exit 1
ca_trusted || exit 1
handles+=(--with challenge=capkey:challenge:SIGN+PUBLIC+INFO+TRANSFER+RESTRICT
	--with alpn=capslot:tls:PUT+DELETE+LIST+RESTRICT+TRANSFER)

# ---- a service behind tlsd, which has no certificate yet
mkdir "$dir/files" && echo hello >"$dir/files/index.html" && chmod 755 "$dir/files"
python3 -m http.server -d "$dir/files" -b 127.0.0.1 8080 >/dev/null 2>&1 &
pids+=($!)
ok "the config of the service" capcert tls config front --slots tls --serve web/
ok "and that of challenges" capcert tls config alpn --slots tls --serve acme-tls-alpn/ --alpn acme-tls/1
"$build/bin/capcert" exec --with c=captls:front:USE+INFO --with a=captls:alpn:USE+INFO -- "$build/bin/capcert-tlsd" \
	--listen 127.0.0.1:5004 --config c --acme a --to 127.0.0.1:8080 --user nobody --status "unix:$dir/tlsd" 2>"$dir/tlsd.log" &
pids+=($!)
logs+=("$dir/tlsd.log")
ok "tlsd is ready" soon grep -q event=ready "$dir/tlsd.log"

# ---- a challenge that is published: who sees it
s_client() { # NAME [OPTION]...
	openssl s_client -connect 127.0.0.1:5004 -servername "$@" </dev/null 2>&1
}
publish() { # IDENTIFIER COMMAND...: while it is published
	"$build/bin/capcert" exec --with k=capkey:challenge:SIGN+PUBLIC+INFO+TRANSFER+RESTRICT \
		--with s=capslot:tls:PUT+DELETE+LIST -- "$build/tests/integration/acmed_alpn" k s acme-tls-alpn/ "$1" "${@:2}"
}
shown() { # NAME PATTERN OPTION...: the certificate as openssl has it
	s_client "$1" "${@:3}" | openssl x509 -noout -text | grep -qE -- "$2"
}
refused() { # ALERT NAME OPTION...
	! s_client "${@:2}" >"$dir/refused"
	grep -q "alert number $1" "$dir/refused"
}
export -f s_client shown refused
export dir
for version in 2 3; do
	ok "TLS 1.$version: one name, and the digest in a critical extension" publish www.example.org bash -c '
		shown www.example.org "1.3.6.1.5.5.7.1.31: critical" -alpn acme-tls/1 -tls1_'$version' &&
		shown www.example.org "^ +DNS:www.example.org$" -alpn acme-tls/1 -tls1_'$version' &&
		s_client www.example.org -alpn acme-tls/1 -tls1_'$version' | grep -q "^ALPN protocol: acme-tls/1"'
done
ok "it is of its own issuer, by its own key" publish www.example.org bash -c '
	s_client www.example.org -alpn acme-tls/1 | openssl x509 >"$dir/shown.pem" &&
		openssl verify -ignore_critical -CAfile "$dir/shown.pem" -check_ss_sig "$dir/shown.pem"'
says "the digest stands in an OCTET STRING of 32" 'OCTET STRING +\[HEX DUMP\]:0420(5A){32}' openssl asn1parse -in "$dir/shown.pem"
ok "an address by its reverse name" publish 192.0.2.1 bash -c \
	'shown 1.2.0.192.in-addr.arpa "^ +IP Address:192.0.2.1$" -alpn acme-tls/1'
ok "another name: unrecognized_name" publish www.example.org bash -c 'refused 112 other.example.org -alpn acme-tls/1'
ok "no name: the same" publish www.example.org bash -c '
	openssl s_client -connect 127.0.0.1:5004 -noservername -alpn acme-tls/1 </dev/null 2>&1 | grep -q "alert number 112"'
ok "it is nobody's who offers other protocols as well, or none" publish www.example.org bash -c '
	refused 112 www.example.org -alpn h2,acme-tls/1 && refused 112 www.example.org -alpn acme-tls/1,h2 &&
		refused 112 www.example.org -alpn h2 && refused 112 www.example.org'
ok "and gone when it is withdrawn" refused 112 www.example.org -alpn acme-tls/1

# ---- pebble comes to the same port
mkdir "$dir/run" && chown nobody "$dir/run"
configure "$(
	printf '[solver alpn]\ntype = tls-alpn-01\nkey = challenge\nslots = alpn\n'
	certificate www.example.org www.example.org | sed 's/^solver = .*/solver = alpn/'
	certificate ip 127.0.0.1 | sed 's/^solver = .*/solver = alpn/'
	certificate site.example.org site.example.org
)"
sed -i "s|^listen = .*|listen = unix:$dir/run/http|" "$dir/acme.conf"

# nginx has the port of http-01, and passes one folder on.
cat >"$dir/nginx.conf" <<-END
	user root;
	worker_processes 1;
	error_log $dir/nginx.log;
	pid $dir/nginx.pid;
	events {}
	http {
		access_log off;
		server {
			listen 127.0.0.1:5003;
			location /.well-known/acme-challenge/ { proxy_pass http://unix:$dir/run/http; }
			location / { return 200 "the site\n"; }
		}
	}
END
ok "nginx" nginx -c "$dir/nginx.conf" -e "$dir/nginx.log"
pids+=("$(cat "$dir/nginx.pid")")
asked() { # PATH...: the statuses, straight from the solver's socket
	local path
	for path; do curl -s -o /dev/null -w '%{http_code} ' --max-time 300 --path-as-is --unix-socket "$dir/run/http" "http://site$path"; done
}
tricks=(/.well-known/acme-challenge/../../etc/passwd /.well-known/acme-challenge/%2e%2e/x /.well-known/acme-challenge/
	/.well-known/acme-challenge/unknown /etc/passwd)
start_acmed
ok "acmed answers" soon acme status
is "what is no published token is not found, while names are proved" '404 404 404 404 404 ' "$(asked "${tricks[@]}")"
ok "tls-alpn-01: a certificate where there was none" soon certified www.example.org
ok "and for an address" soon certified ip
ok "http-01 behind nginx" soon certified site.example.org
no_solver() { ! pgrep -x acmed-solver; }
ok "the solvers end" soon no_solver
is "and it is not found when none runs" '404 404 404 404 404 ' "$(asked "${tricks[@]}")"
is "nginx says so, too" 404 "$(curl -s -o "$dir/log" -w '%{http_code}' --max-time 300 http://127.0.0.1:5003/.well-known/acme-challenge/unknown)"
says "nginx's own site" 'the site' curl -sS http://127.0.0.1:5003/
says "tlsd has talked with the CA" 'with a CA that validates' capcert tls status "$dir/tlsd"
no "no challenge is left" grep -q acme-tls-alpn <(capcert slot list tls)

# ---- renewals of the certificate under its own requests, revocation
get() { curl -sS --max-time 60 --cacert "$dir/roots.pem" --resolve www.example.org:5004:127.0.0.1 https://www.example.org:5004/index.html; }
says "curl" '^hello$' get
renewals() { # COUNT: while curl goes on, and Python, which sees the chain
	local curl python status=0
	while [ ! -e "$dir/enough" ]; do get; done >"$dir/curl" 2>&1 &
	curl=$!
	python3 - "$dir" >"$dir/python" 2>&1 <<-'END' &
		import hashlib, os, socket, ssl, sys
		dir = sys.argv[1]
		c = ssl.create_default_context(cafile=dir + "/roots.pem")
		while not os.path.exists(dir + "/enough"):
		    with c.wrap_socket(socket.create_connection(("127.0.0.1", 5004)), server_hostname="www.example.org") as t:
		        chain = [ssl.PEM_cert_to_DER_cert(x.public_bytes()) for x in t._sslobj.get_unverified_chain()]
		        print(" ".join(hashlib.sha256(x).hexdigest() for x in chain), flush=True)
	END
	python=$!
	for ((i = 0; i < $1; i++)); do
		soon test -s "$dir/python" && acme renew www.example.org --wait || status=1
		capcert slot get tls web/www.example.org --pem >"$dir/now.pem" || status=1
		soon grep -q "^$(openssl x509 -in "$dir/now.pem" -outform DER | sha256sum | cut -d' ' -f1)" "$dir/python" || status=1
	done
	touch "$dir/enough"
	wait "$python" || status=1
	wait "$curl"
	echo "$(sort -u "$dir/python" | wc -l) chains, $(wc -l <"$dir/curl") requests of curl, $(grep -cv '^hello$' "$dir/curl") failed"
	# A leaf of one version never stands before the chain of another.
	[ "$(cut -d' ' -f1 "$dir/python" | sort -u | wc -l)" = "$(sort -u "$dir/python" | wc -l)" ] &&
		[ "$(sort -u "$dir/python" | wc -l)" = $(($1 + 1)) ] && ! grep -qv '^hello$' "$dir/curl" && return "$status"
}
says "2 renewals by tls-alpn-01 under requests: none fails, each has one version" ' 0 failed' renewals 2
serial=$(openssl x509 -in "$dir/now.pem" -noout -serial | cut -d= -f2)
ok "revoked" acme revoke www.example.org --wait
says "its CA says so" 'Revoked' curl -s --cacert "$dir/ca.pem" "https://localhost:15000/cert-status-by-serial/$serial"
says "the status tells it" 'www.example.org' acme status
says "the service goes on" '^hello$' get
ok "acmed ends" stop_acmed
finish
