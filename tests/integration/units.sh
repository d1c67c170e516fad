#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The systemd units, as systemd itself reads them.

cd "$(dirname "$0")/../.." || exit 1
build=$PWD/${BUILD:-build}
command -v systemd-analyze >/dev/null || { echo "skipped: no systemd-analyze here" && exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

n=0 failed=0
for unit in data/systemd/*; do
	sed "s|@BINDIR@|$build/bin|g" "$unit" >"$dir/${unit##*/}"
done
for unit in data/systemd/*; do
	name=${unit##*/}
	n=$((n + 1))
	if out=$(systemd-analyze verify --man=no "$dir/$name" 2>&1) && [ -z "$out" ]; then
		echo "ok $n - $name is clean"
	else
		echo "# ${out//$'\n'/$'\n'# }"
		echo "not ok $n - $name is clean"
		failed=1
	fi
	[ "${name##*.}" = service ] || continue
	# Exposure as systemd counts it, in tenths: 0 = all walls up, 100 = none. A network and a folder take five.
	n=$((n + 1))
	most=25
	# ... and ports of its own two more.
	case $name in capcert-tlsd.service | capcert-acmed.service) most=30 ;; esac
	if out=$(systemd-analyze security --no-pager --offline=true --threshold=$most "$dir/$name" 2>&1); then
		echo "ok $n - $name: exposure $(tail -1 <<<"$out" | grep -oE '[0-9]+\.[0-9]')"
	else
		echo "# $(tail -1 <<<"$out")"
		echo "not ok $n - $name is exposed more than $most tenths"
		failed=1
	fi
done
echo "1..$n"
exit $failed
