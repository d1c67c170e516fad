#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: outcomes through the kernel and in a process are the same, field by field; the agent survives its peers.

cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
suites=${SUITES:-../shared/suites}
dir=$(mktemp -d)
verifyd='' listener=''
trap 'kill $verifyd $listener 2>/dev/null; rm -rf "$dir"' EXIT

# Keys live in a session keyring of this test's own.
if [ -z "${VERIFY_KERNEL_SESSION:-}" ]; then
	exec env VERIFY_KERNEL_SESSION=1 keyctl session verify-kernel "$0" "$@" 2>&1
fi
grep -q '^capcert ' /proc/modules || insmod "$CAPCERT_KO" || exit 1
echo 2000 >/proc/sys/kernel/keys/root_maxkeys

# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc
start_verifyd() {
	"$build/bin/capcert-verifyd" --threads 2 2>"$dir/log" &
	verifyd=$!
	for _ in {1..600}; do
		grep -q ready "$dir/log" && return 0
		sleep 0.1
	done
	cat "$dir/log"
	return 1
}

# uid, no capabilities, no new privileges, filtered: what the kernel says of the process.
confined() {
	local status
	status=$(cat "/proc/$verifyd/status")
	echo "$status"
	grep -q '^Uid:.\(6[0-9]*\|[1-9][0-9]*\)' <<<"$status" &&
		grep -q '^CapEff:.0000000000000000' <<<"$status" &&
		grep -q '^CapBnd:.0000000000000000' <<<"$status" &&
		grep -q '^NoNewPrivs:.1' <<<"$status" &&
		grep -q '^Seccomp:.2' <<<"$status" || return 1
	for task in "/proc/$verifyd/task"/*/status; do
		grep -q '^Seccomp:.2' "$task" && grep -q '^CapEff:.0000000000000000' "$task" || return 1
	done
}
few_fds() {
	local fds=("/proc/$verifyd/fd"/*)
	[ "${fds[*]##*/}" = "0 1 2 3 4" ]
}
stops() {
	kill -TERM "$verifyd" && wait "$verifyd"
}

# The service manager's side: what it is told, and a device that it opened.
listen() {
	python3 - "$dir/notify" >"$dir/told" <<'EOF' &
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True:
    text = s.recv(4096).decode()
    print(text, flush=True)
    if text == "STOPPING=1":
        break
EOF
	listener=$!
	for _ in {1..600}; do
		[ -S "$dir/notify" ] && return 0
		sleep 0.1
	done
	return 1
}
managed() {
	listen || return 1
	(
		exec 3<>/dev/capcert-agent
		export LISTEN_PID=$BASHPID LISTEN_FDS=1 LISTEN_FDNAMES=capcert-agent NOTIFY_SOCKET=$dir/notify
		exec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$build/bin/capcert-verifyd" --threads 1
	) 2>"$dir/log" &
	verifyd=$!
	for _ in {1..600}; do
		grep -q READY=1 "$dir/told" && break
		sleep 0.1
	done
	stops && wait "$listener" && [ "$(tr '\n' ' ' <"$dir/told")" = "READY=1 STOPPING=1 " ]
	status=$?
	cat "$dir/log" "$dir/told"
	return "$status"
}

ok "verifyd starts and is ready" start_verifyd
ok "it is confined" confined
ok "it holds only its own fds" few_fds
ok "its sandbox holds" "$build/bin/capcert-verifyd" --check-sandbox

store=$(keyctl padd captrust compared @s </dev/null)
verifier=$(printf 'preset=webpki-lenient;time=any' | keyctl padd capverify compared @s)
real=()
if [ -f "$suites/real-chains.json.xz" ]; then
	xz -dc "$suites/real-chains.json.xz" >"$dir/real.json" && real=("$dir/real.json")
fi
echo "# Subtest: compare"
"$build/tests/integration/compare" "$store" "$verifier" "${real[@]}" | tee "$dir/compare" | sed 's/^/    /'
compared() { ! grep -E '^(not ok|Bail out)' "$dir/compare" && grep -q '^1\.\.' "$dir/compare"; }
ok "compare" compared
[ ${#real[@]} -gt 0 ] || skip "real chains" "$suites/real-chains.json.xz is not there"

# The agent dies five times while others wait for verdicts: each gets his.
stress() {
	while "$build/tests/integration/compare" --stress 3 1000; do
		[ ! -e "$dir/enough" ] || return 0
	done
	return 1
}
stress >"$dir/stress" 2>&1 &
stress=$!
deaths=0
while [ $deaths -lt 5 ] && kill -0 $stress 2>/dev/null; do
	sleep 0.1
	kill -KILL "$verifyd"
	wait "$verifyd" 2>/dev/null
	deaths=$((deaths + 1))
	start_verifyd
done
touch "$dir/enough"
wait $stress
status=$?
sed "s/^/# /" "$dir/stress"
ok "$deaths agents died, no verdict was lost" test "$status" = 0 -a "$deaths" = 5

ok "verifyd stops when told, cleanly" stops
ok "and said nothing but that it was ready" test "$(wc -l <"$dir/log")" = 1
ok "a service manager gives the device and is told" managed
finish
