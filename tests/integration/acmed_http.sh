#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The http-01 solver of capcert-acmed, in its own process and behind its walls, straight and behind nginx: what a web server
# could be talked into with a path is not found. And the example for exec, with a folder of nginx.

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
		server {
			listen unix:$dir/files;
			location /.well-known/acme-challenge/ { alias $dir/web/; }
		}
	}
END
[ "$(id -u)" != 0 ] || sed -i '1i user root;' "$dir/nginx.conf"
/usr/sbin/nginx -c "$dir/nginx.conf" -e "$dir/nginx.log" &
pids+=($!)
mkdir "$dir/web" && chmod 755 "$dir" "$dir/web"
get() { curl -sS -f --max-time 60 --unix-socket "$dir/$1" "http://www.example.org/.well-known/acme-challenge/${2:-dG9rZW4}"; }
ok "nginx is there" soon get nginx
is "the token, straight" dG9rZW4.dGh1bWI "$(get solver)"
is "the token, through nginx" dG9rZW4.dGh1bWI "$(get nginx)"
ok "no trick finds it, straight" python3 tests/integration/acmed_http_tricks.py "$dir/solver" dG9rZW4 404 400
ok "nor through nginx" python3 tests/integration/acmed_http_tricks.py "$dir/nginx" dG9rZW4 404 400 414
is "it is still there" dG9rZW4.dGh1bWI "$(get nginx)"
echo "withdraw www.example.org - -" >"$dir/pipe"
withdrawn() { [ "$(wc -l <"$dir/said")" = 2 ]; }
ok "withdrawn" soon withdrawn
fails "it is gone" '404' get nginx

# ---- the example
solve() { # ACTION TOKEN KEY-AUTHORIZATION
	printf '{"action":"%s","type":"http-01","identifier":{"type":"dns","value":"www.example.org"},"wildcard":false,"token":"%s",' "$1" "$2" >"$dir/in"
	printf '"key_authorization":"%s","record":"","text":"","digest":""}\n' "$3" >>"$dir/in"
	env -i PATH="$PATH" "$dir/solver.py" <"$dir/in"
}
cp examples/acme_exec_solver.py "$dir/solver.py"
token=LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0
text=$token.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI
fails "the example without its settings" 'solver.py.conf is not there' solve publish $token $text
printf '[http-01]\nfolder = %s/web # nginx has it\n' "$dir" >"$dir/solver.py.conf"
ok "it publishes" solve publish $token $text
is "nginx serves it" "$text" "$(get files $token)"
fails "a token that is a path" 'token .* is none' solve publish ../$token ../$text
fails "one of another's text" 'key authorization .* is none' solve publish $token x$text
ok "it withdraws" solve withdraw $token $text
fails "which nginx sees" '404' get files $token
ok "and a second time, after a crash" solve withdraw $token $text
is "nothing is left" "" "$(ls "$dir/web")"
finish
