# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Shared by every script: where things are, how they report, which packages they need.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export root
build=${BUILD_DIR:-$root/build}
export build

log() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() {
	log "$*"
	exit 1
}

# Downloads and built kernels are kept here: they survive `make clean` and serve every clone.
cache=${XDG_CACHE_HOME:-/var/cache}/capcert
if ! mkdir -p "$cache" 2>/dev/null || [ ! -w "$cache" ]; then
	cache=$HOME/.cache/capcert
	mkdir -p "$cache"
fi
export cache

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt_update() {
	as_root apt-get update -qq -o DPkg::Lock::Timeout=600 >&2
}

# need_pkgs: install what scripts/packages lists and this machine lacks. Quick when nothing is missing.
need_pkgs() {
	local want have missing
	mapfile -t want < <(sed 's/#.*//' "$root/scripts/packages" | awk 'NF { print $1 }')
	have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${want[@]}" 2>/dev/null |
		sed -n 's/^installed //p') || true
	mapfile -t missing < <(printf '%s\n' "${want[@]}" | grep -vxFf <(echo "$have"))
	[ ${#missing[@]} -gt 0 ] || return 0
	log "installing: ${missing[*]}"
	install_pkgs "${missing[@]}" || { apt_update && install_pkgs "${missing[@]}"; } || {
		tail -20 "$cache/apt.log" >&2
		die "packages could not be installed; as root: apt-get install ${missing[*]}"
	}
}

install_pkgs() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
		-o DPkg::Lock::Timeout=600 "$@" >"$cache/apt.log" 2>&1 </dev/null
}

download() {
	apt-get download -qq -o APT::Sandbox::User=root "$@" >&2
}

# fetch_deb DIR PACKAGE[=VERSION]...: unpack packages into DIR without installing them.
fetch_deb() {
	local dir=$1 tmp deb
	shift
	tmp=$(mktemp -d "$cache/deb.XXXXXX")
	(cd "$tmp" && { download "$@" || { apt_update && download "$@"; }; }) || {
		rm -rf "$tmp"
		die "cannot download $*"
	}
	mkdir -p "$dir"
	for deb in "$tmp"/*.deb; do dpkg -x "$deb" "$dir"; done
	rm -rf "$tmp"
}

# The release of the Debian 6.1 headers that modules are built against, such as 6.1.0-56-amd64.
debian_release() {
	find /usr/src -maxdepth 1 -name 'linux-headers-6.1.*-amd64' -printf '%f\n' |
		sed 's/^linux-headers-//' | grep -Ev -- '-(rt|cloud)-' | sort -V | tail -1
}
