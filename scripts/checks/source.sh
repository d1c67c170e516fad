# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# What the source says, without running it.

#: layers - nobody includes what the table of docs/architecture.md forbids
check_layers() {
	local bad=0
	# only DIR REGEX: every #include in DIR names something that REGEX matches. Only core/platform.h sees the world.
	only() {
		local stray
		[ -d "$1" ] || return 0
		stray=$(grep -rnE --include='*.[chS]' '^[[:space:]]*#[[:space:]]*include' "$1" | grep -v '^core/platform\.h:' |
			grep -vE "include[[:space:]]*($2)") || true
		[ -z "$stray" ] || { echo "$1/ may not include:" && echo "$stray" && bad=1; }
	}
	# never DIR REGEX: the opposite, for folders that may otherwise use the whole system.
	never() {
		local stray
		[ -d "$1" ] || return 0
		stray=$(grep -rnP --include='*.[ch]' "^[[:space:]]*#[[:space:]]*include[[:space:]]*($2)" "$1") || true
		[ -z "$stray" ] || { echo "$1/ may not include:" && echo "$stray" && bad=1; }
	}
	only core '"core/[a-z0-9_]+\.h"'
	only include/uapi '<linux/(types|ioctl|capcert[a-z_]*)\.h>'
	only kmod '"(core|kmod)/|"[a-z0-9_]+\.[hS]"|<(linux|asm|keys|crypto|net|trace|uapi|generated)/|TRACE_INCLUDE'
	never include/capcert '"|<(nettle|gmp)'
	never libcapcert '"(kmod|helpers|tools|tests|pkcs11)/|"\.\.|<openssl'
	# Networks are for libcapcert/net/, which is an archive of its own, and for helpers that are about them.
	grep -rn --include='*.[ch]' '<curl/\|"libcapcert/net/\|<capcert/net/' core libcapcert kmod include helpers | grep -vE '^(libcapcert/net|helpers/statusd)/' &&
		echo "only libcapcert/net/ and helpers/statusd/ may use a network" && bad=1
	# libcapcert/engine.h is the one inner header that a helper may see: the agent is that engine behind a queue.
	never helpers '"((core|kmod|tools|tests)/|libcapcert/(?!engine\.h"))|"\.\.|<(gnutls|nettle|openssl)/'
	never tools '"(core|kmod|libcapcert|helpers|tests)/|"\.\.|<(gnutls|nettle|openssl)/'
	never pkcs11/consumer '"(?!pkcs11/consumer/)|<(gnutls|nettle|openssl)/'
	# Loaded into programs of all kinds: the library's public headers, p11-kit's of PKCS#11 alone, and the system's.
	never pkcs11/provider '"(?!pkcs11/provider/)|<(gnutls|nettle|openssl)/|<p11-kit/(?!pkcs11x?\.h>)|<capcert/gnutls\.h'
	grep -rn LINUX_VERSION_CODE kmod core 2>/dev/null | grep -v '^kmod/compat\.h:' &&
		echo "kernel versions are kmod/compat.h's business" && bad=1
	local h other
	for h in helpers/*/; do
		for other in helpers/*/; do
			[ "$h" = "$other" ] || [ "$other" = helpers/common/ ] || never "${h%/}" "\"$other"
		done
	done
	return $bad
}

#: spdx - every file says its licence, and it is the one of its folder
check_spdx() {
	local bad=0 file id dir text
	local -A said=() texts=()
	while read -r file && read -r id; do
		: "${said[$file]:=$id}"
	done < <(git ls-files -z -- ':!LICENSES' | xargs -0 \
		sed -sn '1,8{s/.*SPDX-License-Identifier: *\([^*>"]*[^*>" -]\).*/\1/;T;F;p}')
	[ ${#said[@]} -gt 0 ] || die "no file says its licence: is this a clone?"
	while read -r file; do
		case $file in LICENSES/* | *.license) continue ;; esac
		id=${said[$file]:-}
		if [ -z "$id" ]; then # vectors and corpora cannot say it themselves: a README.md above them does
			dir=$file
			while [ -z "$id" ] && [[ $dir == */* ]]; do
				dir=${dir%/*}
				id=${said[$dir/README.md]:-}
			done
			case $file in *.c | *.h | *.S | *.sh | *.py | *.md | *.mk | Makefile) id= ;; esac
		fi
		case $file:$id in
		*:) echo "$file: no SPDX-License-Identifier" && bad=1 ;;
		kmod/*:GPL-2.0-only | libcapcert/*:LGPL-2.1-or-later | include/capcert/*:LGPL-2.1-or-later) ;;
		core/*:"GPL-2.0-only OR BSD-2-Clause") ;;
		include/uapi/*:"(GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause") ;;
		kmod/* | libcapcert/* | include/* | core/*) echo "$file: $id does not belong here" && bad=1 ;;
		esac
		[ -z "$id" ] || : "${texts[$id]:=$file}"
	done < <(git ls-files)
	for id in "${!texts[@]}"; do
		while read -r text; do
			[ -z "$text" ] || [ -f "LICENSES/$text.txt" ] || { echo "${texts[$id]}: LICENSES/$text.txt is missing" && bad=1; }
		done < <(grep -oE '[A-Z][A-Za-z]+-[0-9][A-Za-z0-9.-]*' <<<"$id")
	done
	return $bad
}

#: no-workplace - nothing names somebody's machine: absolute paths outside the standard, package mirrors
check_no-workplace() {
	local known='bin|boot|dev|etc|host|lib|lib64|mnt|modules|new|opt|overlay|path|proc|run|sbin|sys|tmp|usr|var'
	local files bad=0
	mapfile -t files < <(git ls-files | grep -vE '^(LICENSES|tests/fuzz/corpus|data/roots)/|\.(der|pem|json|bin)$')
	# A path: after a blank, = or ( and perhaps a quote, two folders deep or more, not of the system's own folders.
	if grep -nIP "(^|[\s=(,:]|[\s=(,\[][\"'\`])/(?!($known)/)[a-z][a-z0-9_-]*/[A-Za-z0-9_.-]" "${files[@]}"; then
		echo "absolute paths of one machine" && bad=1
	fi
	if grep -nIE '(registry|mirror|artifact|proxy|nexus)[a-z0-9-]*\.[a-z0-9.-]+\.(com|org|net|io|dev|internal|local)|https?://(10|172|192\.168)(\.[0-9]+){2,3}[:/]' \
		"${files[@]}" | grep -vE '127\.0\.0|192\.0\.2|example\.'; then
		echo "mirrors and addresses of one machine" && bad=1
	fi
	return $bad
}

#: shellcheck - every shell script is clean
check_shellcheck() {
	local scripts
	mapfile -t scripts < <(git grep -lE '^#!/bin/(ba)?sh|^# shellcheck shell' -- . ':!LICENSES')
	shellcheck "${scripts[@]}"
}

#: sparse - user pointers, locking and endianness annotations hold (C=2 on the module, sparse on core/)
check_sparse() {
	local log=$build/sparse-module.log
	if [ -f Kbuild ]; then
		# C=2 looks at what is compiled already, too, and compiles it no second time.
		flock "$build/.lock" make module -j"$(nproc)" KDIR="/usr/src/linux-headers-$(debian_release)" C=2 >"$log" 2>&1 ||
			{ cat "$log" && return 1; }
		[ "$(grep -c '^  CHECK ' "$log")" -ge "$(cat <(compgen -G 'kmod/*.c') <(compgen -G 'core/*.c') | wc -l)" ] ||
			die "sparse did not see each file: $log"
		if grep -E "^($root/build/kmod/)?(kmod|core|include)/.*(warning|error):" "$log"; then return 1; fi
	fi
	compgen -G 'core/*.c' >/dev/null || skip "core/ has no source yet"
	sparse -Wno-unknown-attribute -std=gnu11 -ffreestanding -DCAPCERT_FREESTANDING -I. core/*.c 2>&1 | tee build/sparse.log
	! grep -E '(warning|error):' build/sparse.log
}

#: checkpatch - kernel style in kmod/, core/ and the UAPI; exceptions in .checkpatch.conf
check_checkpatch() {
	local files tools
	tools=$(scripts/kernel tools)
	# Headers of tracepoints are a dialect that checkpatch cannot read, and X-macros make it see a ':' twice.
	mapfile -t files < <(git ls-files 'kmod/*.[chS]' 'core/*.[ch]' 'include/uapi/*.h' | grep -v 'kmod/trace\.h')
	[ ${#files[@]} -gt 0 ] || skip "no kernel code yet"
	mkdir -p build
	"$tools/scripts/checkpatch.pl" -f "${files[@]}" >build/checkpatch.log || true
	if grep -E '(WARNING|ERROR|CHECK):' build/checkpatch.log | grep -vE "SPACING: .* that ':'"; then return 1; fi
	grep -q . build/checkpatch.log || echo "${#files[@]} files"
}

# Not headers, which are tables set by hand, nor what is written in the macros of the kselftest harness, nor a file that is one
# table: it is left alone between "clang-format off" and "on", and yet costs clang-format a minute.
formatted() {
	git ls-files {core,libcapcert,helpers,tools,tests,pkcs11}/'*.c' | grep -vE '^tests/(kselftest/|differential/grammar\.c)'
}

#: format - C outside the module is as clang-format writes it (make format)
check_format() {
	local files
	mapfile -t files < <(formatted)
	[ ${#files[@]} -gt 0 ] || skip "no C yet"
	clang-format --dry-run -Werror "${files[@]}"
}
