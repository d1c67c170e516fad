#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The http-01 solver of capcert-acmed, in its own process and behind its walls, straight and behind nginx: what a web server
# could be talked into with a path is not found.

cd "$(dirname "$0")/../.." || exit 1
for program in /usr/sbin/nginx /usr/bin/curl /usr/bin/python3; do
	[ -x $program ] || { echo "skipped: $program is not installed" && exit 77; }
done
build=$PWD/${BUILD:-build}
dir=$(mktemp -d)
pids=()
trap 'kill -9 "${pids[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT
# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc
logs=("$dir/nginx.log")

printf '[solver http]\ntype = http-01\nlisten = unix:%s/solver\n' "$dir" >"$dir/acme.conf"
mkfifo "$dir/pipe"
"$build/tests/integration/acmed_solver" "$dir/acme.conf" http <>"$dir/pipe" >"$dir/said" 2>&1 &
pids+=($!)
echo "publish www.example.org - -" >"$dir/pipe"
ok "a token is published" soon grep -qx '0 ' "$dir/said"
cat >"$dir/nginx.conf" <<-END
	daemon off;
	master_process off;
	pid $dir/nginx.pid;
	events {}
	http {
		access_log off;
		client_body_temp_path $dir/body;
		proxy_temp_path $dir/proxy;
		fastcgi_temp_path $dir/fastcgi;
		uwsgi_temp_path $dir/uwsgi;
		scgi_temp_path $dir/scgi;
		server {
			listen unix:$dir/nginx;
			location /.well-known/acme-challenge/ { proxy_pass http://unix:$dir/solver; }
			location / { return 404 "not of this site\n"; }
		}
	}
END
[ "$(id -u)" != 0 ] || sed -i '1i user root;' "$dir/nginx.conf"
/usr/sbin/nginx -c "$dir/nginx.conf" -e "$dir/nginx.log" &
pids+=($!)
get() { curl -sS --max-time 60 --unix-socket "$dir/$1" http://www.example.org/.well-known/acme-challenge/dG9rZW4; }
ok "nginx is there" soon get nginx
is "the token, straight" dG9rZW4.dGh1bWI "$(get solver)"
is "the token, through nginx" dG9rZW4.dGh1bWI "$(get nginx)"
ok "no trick finds it, straight" python3 tests/integration/acmed_http_tricks.py "$dir/solver" dG9rZW4 404 400
ok "nor through nginx" python3 tests/integration/acmed_http_tricks.py "$dir/nginx" dG9rZW4 404 400 414
is "it is still there" dG9rZW4.dGh1bWI "$(get nginx)"
echo "withdraw www.example.org - -" >"$dir/pipe"
withdrawn() { [ "$(wc -l <"$dir/said")" = 2 ]; }
ok "withdrawn" soon withdrawn
fails "it is gone" '404' curl -sS -f --max-time 60 --unix-socket "$dir/nginx" http://www.example.org/.well-known/acme-challenge/dG9rZW4
finish
