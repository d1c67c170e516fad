#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Runs other projects' verification suites: run.sh BUILD [-v]. Their sources are Debian's packages, fetched
# into the cache; PEERS="openssl go ..." runs some of them only.

# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck disable=SC2154 # from lib.sh
here=$root/tests/peers
bin=$1/tests/peers/judge
shift
store=$cache/peers
mkdir -p "$store"

# An apt of our own that knows source packages: same mirrors, same keys, nothing on this machine changes.
apt_source() {
	local apt=$store/apt
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
	# shellcheck disable=SC2016 # for apt
	apt-get indextargets --format '$(ORIGIN)|deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		sed -n 's/^Debian|//p' | sort -u >"$apt/sources.list"
	[ -s "$apt/sources.list" ] || return 1
	set -- -qq -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$apt/lists" \
		-o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root "$@"
	apt-get "${@:1:11}" update && apt-get "${@:1:11}" source --download-only --tar-only "${@:12}"
}

# unpack_source DIR PACKAGE PATTERN...: those files of its upstream tarball.
unpack_source() {
	local dir=$1 package=$2 tars
	shift 2
	(cd "$dir" && apt_source "$package") || return 1
	tars=("$dir"/*.orig.tar.?z*)
	tar -xf "${tars[0]}" -C "$dir" --strip-components=1 --wildcards "$@" || return 1
	rm -f "$dir"/*.orig.tar.*
}

# unpack_deb DIR PACKAGE: a binary package, not installed.
unpack_deb() {
	(fetch_deb "$1" "$2")
}

fetch_openssl() { unpack_source "$1" openssl '*/test/certs/*' '*/test/recipes/25-test_verify.t'; }
fetch_gnutls() { unpack_source "$1" gnutls28 '*/tests/*.h' '*/tests/hostname-check.c'; }
fetch_mbedtls() { unpack_source "$1" mbedtls '*/tests/data_files/*' '*/tests/suites/test_suite_x509parse.data'; }
fetch_go() { unpack_deb "$1" golang-1.19-src; }
fetch_webpki() { unpack_deb "$1" librust-webpki-dev; }

# source_of NAME: the folder that its translator reads, fetched if need be.
source_of() {
	local dir=$store/$1 log=$store/$1.log
	if [ ! -d "$dir" ]; then
		rm -rf "$dir.tmp"
		mkdir "$dir.tmp"
		"fetch_$1" "$dir.tmp" >"$log" 2>&1 || return 1
		mv "$dir.tmp" "$dir"
	fi
	case $1 in
	go) find "$dir" -path '*/go-*/src' -type d -prune ;;
	webpki) find "$dir" -path '*/registry/webpki-*' -type d -prune ;;
	*) echo "$dir" ;;
	esac
}

exec 9>"$store/lock"
flock 9
out=$(mktemp)
trap 'rm -f "$out"' EXIT
for suite in ${PEERS:-openssl go gnutls mbedtls webpki}; do
	if src=$(source_of "$suite") && [ -n "$src" ]; then
		python3 -B "$here/peers.py" "$bin" "$suite" "$src" "$here/exceptions.json" "$@" ||
			grep -q "^not ok - $suite " "$out" || echo "not ok - $suite # the translator or the judge failed"
	else
		echo "ok - $suite # SKIP its package cannot be fetched: $(tail -1 "$store/$suite.log")"
	fi
done | tee "$out"
awk '/^(not )?ok - .* agree,/ {
		for (i = 1; i < NF; i++) {
			if ($(i + 1) == "agree,") agree += $i
			if ($(i + 1) == "differ") differ += $i
			if ($(i + 1) == "disagree,") disagree += $i
			if ($(i + 1) == "skipped") skipped += $i
		}
	}
	END {
		printf "peers: %d agree, %d differ and are listed, %d disagree, %d skipped\n", agree, differ, disagree, skipped
	}' "$out"
! grep -q '^not ok' "$out" || exit 1
grep -q ' agree,' "$out" || exit 77
