# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # $dir is the script's
# What the scripts here have in common: results as TAP. Sourced once $dir, a folder of the script's own, is made. The output of
# the last command is in $dir/tap.out; $logs are files whose ends are shown, too, when something fails;
# $own are exit statuses of 126 and more that are some program's own.

n=0 failed=0 logs=() own=()

# result TITLE STATUS: ok if STATUS is 0.
result() {
	local log
	n=$((n + 1))
	if [ "$2" = 0 ]; then
		echo "ok $n - $1"
		return
	fi
	{
		head -20 "$dir/tap.out"
		for log in "${logs[@]}"; do tail -4 "$log"; done
	} 2>/dev/null | sed 's/^/# /'
	echo "not ok $n - $1 # exit status $2"
	failed=1
}
# skip TITLE WHY
skip() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}
# refuses CMD...: CMD fails of its own accord: it was found, and no signal ended it.
refuses() {
	local status=0
	"$@" || status=$?
	[ $status -gt 0 ] && { [ $status -lt 126 ] || [[ " ${own[*]} " == *" $status "* ]]; }
}
said() { [ -z "$1" ] || grep -qE -- "$1" "$dir/tap.out"; }

# ok TITLE CMD...: CMD must succeed. no TITLE CMD...: it must fail, and not by a signal.
ok() {
	"${@:2}" >"$dir/tap.out" 2>&1
	result "$1" $?
}
no() {
	refuses "${@:2}" >"$dir/tap.out" 2>&1
	result "$1" $?
}
# says TITLE PATTERN CMD...: CMD succeeds and says PATTERN. fails TITLE PATTERN CMD...: it fails and says so.
says() {
	"${@:3}" >"$dir/tap.out" 2>&1 && said "$2"
	result "$1" $?
}
fails() {
	refuses "${@:3}" >"$dir/tap.out" 2>&1 && said "$2"
	result "$1" $?
}
# is TITLE WANT GOT
is() {
	printf 'want: %s\ngot:  %s\n' "$2" "$3" >"$dir/tap.out"
	[ "$2" = "$3" ]
	result "$1" $?
}
# soon CMD...: CMD succeeds within half a minute.
soon() {
	local end=$((SECONDS + 30))
	until "$@" >/dev/null 2>&1; do
		if [ $SECONDS -ge $end ]; then
			"$@"
			return
		fi
		sleep 0.05
	done
}

# Two that are no results by themselves, for ok: ends STATUS TEXT CMD...: CMD ends with STATUS and says TEXT, on stdout or stderr.
ends() {
	local status=0 want=$1 text=$2 out
	shift 2
	out=$("$@" 2>&1 </dev/null) || status=$?
	printf '%s\n' "$out"
	[ "$status" = "$want" ] || { echo "exit status $status, not $want"; return 1; }
	[ -z "$text" ] || grep -qF -- "$text" <<<"$out" || { echo "does not say: $text"; return 1; }
}
# works CMD...: for holds, if CMD must not end with 1 either.
works() { "$@" || return 2; }
# holds EXPRESSION CMD...: CMD, which may end with 1, prints JSON for which the Python expression over j holds.
holds() {
	local expression=$1
	shift
	"$@" >"$dir/json" || [ $? = 1 ] || return 1
	python3 -c '
import json, sys
j = json.load(open(sys.argv[1]))
assert eval(sys.argv[2]), j' "$dir/json" "$expression"
}

# The last words of a script.
finish() {
	echo "1..$n"
	exit $failed
}
