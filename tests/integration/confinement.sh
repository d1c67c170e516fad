#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What a process may not do: the agent in its sandbox, a set-id program with somebody's CAPCERT_FDS.

cd "$(dirname "$0")/../.." || exit 1
build=$PWD/${BUILD:-build}
verifyd=$build/bin/capcert-verifyd
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"

n=0 failed=0
# ok TITLE CMD...: the command must succeed.
ok() {
	local title=$1
	shift
	n=$((n + 1))
	if "$@" >"$dir/out" 2>&1; then
		echo "ok $n - $title"
	else
		sed 's/^/# /' "$dir/out"
		echo "not ok $n - $title"
		failed=1
	fi
}
skip() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}
# exits STATUS TEXT CMD...: CMD ends with STATUS and says TEXT.
exits() {
	local status=0 want=$1 text=$2
	shift 2
	"$@" >"$dir/said" 2>&1 || status=$?
	cat "$dir/said"
	[ "$status" = "$want" ] && grep -qF -- "$text" "$dir/said"
}

ok "nothing gets out of the sandbox" exits 0 "0 attempts were not refused" "$verifyd" --check-sandbox
ok "nor out of that of tlsd" exits 0 "0 attempts were not refused" "$build/bin/capcert-tlsd" --check-sandbox

# The same check must notice when a wall is missing.
cat >"$dir/nofilter.c" <<'EOF'
int seccomp_load(void *filter);
int seccomp_load(void *filter)
{
	return filter ? 0 : -1;
}
EOF
ok "a library that installs no filter" "${CC:-cc}" -shared -fPIC -o "$dir/nofilter.so" "$dir/nofilter.c"
ok "without the filter the check fails" exits 1 "ALLOWED: socket AF_INET" \
	env LD_PRELOAD="$dir/nofilter.so" "$verifyd" --check-sandbox
cp "$dir/said" "$dir/said.verifyd"
ok "that of tlsd fails, too" exits 1 "ALLOWED: socket AF_NETLINK" \
	env LD_PRELOAD="$dir/nofilter.so" "$build/bin/capcert-tlsd" --check-sandbox
mv "$dir/said.verifyd" "$dir/said"
if ! grep -q "Landlock ABI 0" "$dir/said"; then
	ok "and Landlock still keeps files shut" grep -F "refused: open /etc/passwd" "$dir/said"
else
	skip "and Landlock still keeps files shut" "this kernel has no Landlock"
fi

ok "no module, and it says so" exits 1 "modprobe capcert" "$verifyd"
ok "wrong usage is 2" exits 2 "--help" "$verifyd" --no-such-option
ok "no threads at all" exits 2 "1 to 256" "$verifyd" --threads 0
ok "a number and more" exits 2 "1 to 256" "$verifyd" --threads 3x
ok "root is no user to become" exits 2 "no such user, or root" "$verifyd" --user root
ok "uid 0 neither" exits 2 "no such user, or root" "$verifyd" --user 0
ok "help" exits 0 "--check-sandbox" "$verifyd" --help
ok "version" exits 0 "capcert-verifyd " "$verifyd" --version

# CAPCERT_FDS counts in a plain program, not in one that runs with more rights than its caller.
cp "$build/tests/integration/fds" "$dir/fds"
ok "CAPCERT_FDS gives a handle" exits 0 "fd 0" env CAPCERT_FDS=store=0 "$dir/fds" store
ok "a name that is not in it" exits 1 "$(printf 'error -2')" env CAPCERT_FDS=store=0 "$dir/fds" other
nosuid=$(findmnt -no OPTIONS -T "$dir" 2>/dev/null | grep -o nosuid)
if [ "$(id -u)" = 0 ] && [ -z "$nosuid" ]; then
	chown nobody "$dir/fds" && chmod 4755 "$dir/fds"
	ok "a set-id program does not look" exits 1 "error -1" env CAPCERT_FDS=store=0 "$dir/fds" store
else
	skip "a set-id program does not look" "needs root and a file system without nosuid"
fi
echo "1..$n"
exit $failed
