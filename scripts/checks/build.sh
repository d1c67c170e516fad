# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# Builds: every compiler, no warning, nothing left behind.

#: build-gcc - library, helpers, tools and tests build with gcc, without a warning
check_build-gcc() { mk user tests kselftest; }

#: build-clang - the same, and the fuzzers, with clang and its sanitizers
check_build-clang() { mk user tests kselftest fuzz SANITIZE=1; }

#: module - the module builds for Debian's 6.1 with W=1, without a warning
check_module() {
	[ -f Kbuild ] || skip "there is no Kbuild"
	rm -rf build/kmod
	mk module KDIR="/usr/src/linux-headers-$(debian_release)" 2>&1 | tee build/module.log
	if grep -qE '(warning|error):|^WARNING' build/module.log; then return 1; fi
}

#: core-freestanding - core/ needs nothing from its surroundings, with gcc and clang
check_core-freestanding() {
	local cc file objects
	compgen -G 'core/*.c' >/dev/null || skip "core/ has no source yet"
	for cc in gcc clang; do
		rm -rf "build/freestanding/$cc" && mkdir -p "build/freestanding/$cc"
		objects=()
		for file in core/*.c; do
			objects+=("build/freestanding/$cc/$(basename "$file" .c).o")
			$cc -std=gnu11 -O2 -ffreestanding -fno-stack-protector -DCAPCERT_FREESTANDING -Wall -Wextra -Werror \
				-Wno-unused-function -Wno-unused-parameter -I. -c -o "${objects[-1]}" "$file"
		done
		ld -r -o "build/freestanding/$cc/core" "${objects[@]}"
		nm -u "build/freestanding/$cc/core" | tee "build/freestanding/$cc/undefined"
		[ ! -s "build/freestanding/$cc/undefined" ] || die "core/ built by $cc needs the symbols above"
	done
}

#: symbols - libcapcert.so exports what its public headers declare, all versioned and named capcert_; the provider one function
check_symbols() {
	local so=build/lib/libcapcert.so.0
	mk lib
	[ -f $so ] || skip "there is no library yet"
	nm -D --defined-only $so | awk '$2 != "A" { print $3 }' | sed 's/@.*//' | sort -u >build/symbols.exported
	cat include/capcert/*.h | tr '\n' ' ' | sed 's|/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/||g' |
		grep -oE '\bcapcert_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u >build/symbols.declared
	if grep -v '^capcert_' build/symbols.exported; then die "exported without the prefix"; fi
	if nm -D --defined-only $so | awk '$2 != "A"' | grep -v '@@CAPCERT_'; then die "exported without a version"; fi
	diff -u build/symbols.declared build/symbols.exported ||
		die "- is declared in include/capcert but not exported, + exported but not declared"
	so=build/lib/libcapcert-pkcs11.so
	mk provider
	[ "$(nm -D --defined-only $so | awk '{ print $3 }')" = C_GetFunctionList ] || die "the provider exports more than C_GetFunctionList"
}

#: install - install and uninstall are symmetric; pkg-config and man pages work
check_install() {
	local dir=$root/build/install-test page flags
	rm -rf "$dir"
	mk install DESTDIR="$dir" PREFIX=/usr
	[ -f "$dir/usr/lib/libcapcert.so.0" ] || die "no library was installed"
	{
		for page in "$dir"/usr/include/capcert/*.h; do echo "#include <capcert/${page##*/}>"; done
		echo "int main(void) { return 0; }"
	} >build/install-test.c
	flags=$(PKG_CONFIG_PATH=$dir/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$dir pkg-config --cflags --libs capcert)
	# shellcheck disable=SC2086
	gcc -Wall -Werror -o build/install-test.bin build/install-test.c -Wl,--no-as-needed $flags
	LD_LIBRARY_PATH=$dir/usr/lib build/install-test.bin
	for page in "$dir"/usr/share/man/man*/*; do
		[ -f "$page" ] || die "no man page is installed"
		mandoc -T lint -W warning "$page"
		mandoc -T utf8 "$page" >/dev/null
	done
	# Every public function has its page.
	nm -D --defined-only "$dir/usr/lib/libcapcert.so.0" | awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }' |
		while read -r page; do
			[ -f "$dir/usr/share/man/man3/$page.3" ] || die "$page has no man page"
			grep -q "^\.Nm $page\b" "$dir/usr/share/man/man3/$page.3" || die "$page.3 does not name it"
		done
	mk uninstall DESTDIR="$dir" PREFIX=/usr
	[ -z "$(find "$dir" ! -type d | tee /dev/stderr)" ] || die "uninstall leaves the files above"
}

#: clean-tree - a build writes nothing outside build/
check_clean-tree() {
	local before stray
	before=$(git diff HEAD | sha256sum)
	mk user tests kselftest module
	[ "$before" = "$(git diff HEAD | sha256sum)" ] || die "the build changes files of the tree"
	stray=$(git status --porcelain --ignored | grep -E '^(\?\?|!!)' | grep -v '^!! build/$') || true
	[ -z "$stray" ] || die "neither in git nor under build/: $stray"
}
