#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What a process may not do: each helper in its sandbox, a set-id program with somebody's CAPCERT_FDS.

cd "$(dirname "$0")/../.." || exit 1
build=$PWD/${BUILD:-build}
verifyd=$build/bin/capcert-verifyd
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"

# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc

for helper in verifyd keyd statusd tlsd acmed; do
	ok "$helper: nothing gets out of the sandbox" ends 0 "0 attempts were not refused" "$build/bin/capcert-$helper" --check-sandbox
done

# The same check must notice when a wall is missing.
cat >"$dir/nofilter.c" <<'EOF'
int seccomp_load(void *filter);
int seccomp_load(void *filter)
{
	return filter ? 0 : -1;
}
EOF
ok "a library that installs no filter" "${CC:-cc}" -shared -fPIC -o "$dir/nofilter.so" "$dir/nofilter.c"
missing() { # HELPER ATTEMPT
	ok "$1: without the filter the check fails" ends 1 "ALLOWED: $2" \
		env LD_PRELOAD="$dir/nofilter.so" "$build/bin/capcert-$1" --check-sandbox
}
missing keyd "socket AF_INET"
missing acmed "socket AF_INET"
missing statusd "fork"
missing tlsd "socket AF_NETLINK"
missing verifyd "socket AF_INET"
cp "$dir/tap.out" "$dir/said"
if ! grep -q "Landlock ABI 0" "$dir/said"; then
	ok "and Landlock still keeps files shut" grep -F "refused: open /etc/group" "$dir/said"
else
	skip "and Landlock still keeps files shut" "this kernel has no Landlock"
fi

ok "no module, and it says so" ends 1 "modprobe capcert" "$verifyd"
ok "wrong usage is 2" ends 2 "--help" "$verifyd" --no-such-option
ok "no threads at all" ends 2 "1 to 256" "$verifyd" --threads 0
ok "a number and more" ends 2 "1 to 256" "$verifyd" --threads 3x
ok "root is no user to become" ends 2 "no such user, or root" "$verifyd" --user root
ok "uid 0 neither" ends 2 "no such user, or root" "$verifyd" --user 0
ok "help" ends 0 "--check-sandbox" "$verifyd" --help
ok "version" ends 0 "capcert-verifyd " "$verifyd" --version

# CAPCERT_FDS counts in a plain program, not in one that runs with more rights than its caller.
cp "$build/tests/integration/fds" "$dir/fds"
ok "CAPCERT_FDS gives a handle" ends 0 "fd 0" env CAPCERT_FDS=store=0 "$dir/fds" store
ok "a name that is not in it" ends 1 "$(printf 'error -2')" env CAPCERT_FDS=store=0 "$dir/fds" other
nosuid=$(findmnt -no OPTIONS -T "$dir" 2>/dev/null | grep -o nosuid)
if [ "$(id -u)" = 0 ] && [ -z "$nosuid" ]; then
	chown nobody "$dir/fds" && chmod 4755 "$dir/fds"
	ok "a set-id program does not look" ends 1 "error -1" env CAPCERT_FDS=store=0 "$dir/fds" store
else
	skip "a set-id program does not look" "needs root and a file system without nosuid"
fi
finish
