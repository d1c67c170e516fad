#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The systemd units, as systemd itself reads them.

cd "$(dirname "$0")/../.." || exit 1
build=$PWD/${BUILD:-build}
command -v systemd-analyze >/dev/null || { echo "skipped: no systemd-analyze here" && exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc
clean() { # UNIT: systemd has nothing to say of it
	local out
	out=$(systemd-analyze verify --man=no "$dir/$1" 2>&1) && [ -z "$out" ] && return
	echo "$out"
	return 1
}
for unit in data/systemd/*; do
	sed "s|@BINDIR@|$build/bin|g" "$unit" >"$dir/${unit##*/}"
done
for unit in data/systemd/*; do
	name=${unit##*/}
	ok "$name is clean" clean "$name"
	[ "${name##*.}" = service ] || continue
	# Exposure as systemd counts it, in tenths: 0 = all walls up, 100 = none. A network and a folder take five.
	most=25
	# ... and ports of its own two more.
	case $name in capcert-tlsd.service | capcert-acmed.service) most=30 ;; esac
	ok "$name is exposed no more than $most tenths" systemd-analyze security --no-pager --offline=true --threshold=$most "$dir/$name"
done
finish
