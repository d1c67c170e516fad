# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# The curated set of roots.

#: roots - every rule of data/roots that a machine can check holds today
check_roots() {
	mk tools
	build/bin/capcert roots verify data/roots
}

# Debian's own list, newest first: the source packages of this release, its updates and its security suite.
newest_certdata() {
	local dir=$1 options=(-o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$1/etc" -o "Dir::State::lists=$1/lists"
		-o "Dir::Cache=$1/cache" -o APT::Sandbox::User=root)
	mkdir -p "$dir"/{etc,lists/partial,cache/archives/partial}
	# The mirrors that this machine has for packages serve their sources as well.
	# shellcheck disable=SC2016 # apt's own variables
	apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' 'Origin: Debian' | sort -u |
		sed 's|.*|deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] & main|' >"$dir/etc/debian.list"
	[ -s "$dir/etc/debian.list" ] || return 1
	apt-get "${options[@]}" update -qq >&2 || return 1
	(cd "$dir" && apt-get "${options[@]}" source -qq --download-only ca-certificates >&2) || return 1
	mkdir -p "$dir/source"
	tar -C "$dir/source" --strip-components=1 -xf "$dir"/ca-certificates_*.tar.xz
	basename "$dir"/ca-certificates_*.dsc .dsc
}

# What Debian ships, without the source: certificates only, so it shows what we have and Debian no longer has.
not_in_package() {
	local dir=$1 file bad=0
	(cd "$dir" && apt-get download -qq -o APT::Sandbox::User=root ca-certificates >&2) || return 77
	dpkg -x "$dir"/ca-certificates_*.deb "$dir/package"
	basename "$dir"/ca-certificates_*.deb _all.deb
	for file in "$dir"/package/usr/share/ca-certificates/mozilla/*.crt; do
		openssl x509 -noout -fingerprint -sha256 -in "$file"
	done | sort >"$dir/theirs"
	[ -s "$dir/theirs" ] || return 77
	for file in data/roots/*/*.pem; do
		grep -qxF "$(openssl x509 -noout -fingerprint -sha256 -in "$file")" "$dir/theirs" ||
			{ echo "Debian no longer ships $file" && bad=1; }
	done
	return $bad
}

# Labels that Debian leaves out whatever certdata.txt says: none of them may be among ours.
not_blacklisted() {
	local label bad=0
	while read -r label; do
		if grep -lxF "# Label: $label" data/roots/*/*.pem; then
			echo "Debian leaves out: $label" && bad=1
		fi
	done < <(sed -n 's/^"\(.*\)"$/\1/p' "$1")
	return $bad
}

#: roots-fresh - data/roots is what the rules make of Debian's newest list; ROOTS_CERTDATA=FILE compares with FILE
check_roots-fresh() {
	local dir status=0
	mk tools
	if [ -n "${ROOTS_CERTDATA:-}" ]; then
		build/bin/capcert roots diff "$ROOTS_CERTDATA"
		return
	fi
	[ "$(id -u)" = 0 ] || skip "apt-get wants root to read lists of its own"
	dir=$(mktemp -d "$cache/roots.XXXXXX")
	# shellcheck disable=SC2064
	trap "rm -rf '$dir'" EXIT
	if newest_certdata "$dir"; then
		build/bin/capcert roots diff "$dir/source/mozilla/certdata.txt" || status=1
		not_blacklisted "$dir/source/mozilla/blacklist.txt" || status=1
		[ $status = 0 ] || echo "capcert roots import writes what is new into a staging folder; docs/roots.md says how to go on"
		return $status
	fi
	echo "the newest source package cannot be fetched: comparing with the binary package, which has no trust records"
	not_in_package "$dir" || status=$?
	[ $status != 77 ] || skip "neither source nor binary package of ca-certificates can be fetched"
	[ $status = 0 ] || return $status
	skip "the source package cannot be fetched; every root is in the binary package"
}
