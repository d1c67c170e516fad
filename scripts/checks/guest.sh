# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# Tests that need a kernel of their own.

need_kselftests() {
	[ -f Kbuild ] || skip "there is no module yet"
	compgen -G 'tests/kselftest/*_test.c' >/dev/null || skip "no kselftests"
	mk kselftest "$1"
}

#: vm - the guest passes on output and exit status, and notices panics, reports and timeouts
check_vm() { tests/vm/self; }

#: kselftest - kselftests under Debian's 6.1, development profile
check_kselftest() {
	need_kselftests dev
	scripts/vm --dev --load --timeout 1800 tests/vm/run-kselftests
}

#: kselftest-debug - kselftests, and keyd with the PKCS#11 provider, under the debug kernel, development profile, then a scan for leaks
check_kselftest-debug() {
	need_kselftests module-debug
	mk user tests
	scripts/vm --debug --load --kmemleak --timeout 3600 --env KSFT_TIMEOUT=900 --env KSFT_MORE=tests/integration/provider.sh \
		--env PROVIDER_KEYS=20 tests/vm/run-kselftests
}

#: kernel-6.12 - the same source builds for Linux 6.12 and passes its kselftests, production profile
check_kernel-6.12() {
	need_kselftests module-6.12
	scripts/vm --kernel 6.12 --load --timeout 1800 tests/vm/run-kselftests
}

#: unload - the module leaves only when nobody uses it, again and again, under the debug kernel
check_unload() {
	[ -f Kbuild ] || skip "there is no module yet"
	mk module-debug
	scripts/vm --debug --kmemleak --timeout 900 tests/vm/unload
}

#: failnth - every ioctl survives every failing allocation and copy, under the debug kernel
check_failnth() {
	[ -x tests/vm/failnth ] || skip "tests/vm/failnth is missing"
	need_kselftests module-debug
	scripts/vm --debug --load --kmemleak --timeout 3600 tests/vm/failnth
}

#: race - everything at once on two CPUs, under the debug kernel
check_race() {
	[ -x tests/vm/race ] || skip "tests/vm/race is missing"
	need_kselftests module-debug
	mk user
	scripts/vm --debug --cpus 2 --load --kmemleak --timeout 3600 --env "RACE_SECONDS=${RACE_SECONDS:-120}" tests/vm/race
}

#: dkms - add, build, install, load and remove by DKMS
check_dkms() {
	[ -f Kbuild ] || skip "there is no module yet"
	[ "$(id -u)" = 0 ] || skip "dkms wants root"
	# Compiling the module in emulation takes half an hour: DKMS builds here, in a tree of its own, and installs there.
	local dir=$root/build/dkms
	rm -rf "$dir" && mkdir -p "$dir/tree"
	echo "1..7"
	mk install-dkms bundle-keys DESTDIR="$dir"
	unshare -m tests/vm/dkms build "$dir" "$(debian_release)"
	scripts/vm --timeout 1200 tests/vm/dkms install "$dir" "$(debian_release)"
}

#: integration - tests/integration/*.sh; those marked `# guest:` share one guest, those marked `# guest: dev` another one, too
check_integration() {
	local host=() guest=() dev=() file status=0
	for file in tests/integration/*.sh; do
		[ -x "$file" ] || continue
		if head -5 "$file" | grep -q '^# guest:'; then guest+=("$file"); else host+=("$file"); fi
		! head -5 "$file" | grep -q '^# guest: dev' || dev+=("$file")
	done
	[ $((${#host[@]} + ${#guest[@]})) -gt 0 ] || skip "no integration tests"
	mk user tests
	[ ${#host[@]} = 0 ] || tests/tap-run 600 "${host[@]}" || status=1
	if [ ${#guest[@]} -gt 0 ]; then
		# A production build with a deployer's key of this build alone, as module-6.12 is.
		mk bundle-keys
		mk module kselftest BUNDLE_CERTS="$build/test-bundle/cert.pem"
		scripts/vm --load --timeout 3000 tests/tap-run 900 "${guest[@]}" || status=1
	fi
	# What needs the development profile for most of its steps; in production it shows what that refuses.
	if [ ${#dev[@]} -gt 0 ]; then
		mk dev
		scripts/vm --dev --load --timeout 3000 tests/tap-run 900 "${dev[@]}" || status=1
	fi
	return $status
}

#: testssl - testssl.sh on this machine against capcert-tlsd in the guest finds nothing but what is in tests/testssl/exceptions.json
check_testssl() {
	command -v testssl >/dev/null || skip "testssl.sh is not installed"
	mk user
	mk dev
	tests/testssl/run.sh build/testssl
}

#: demo - the demonstration runs through
check_demo() {
	[ -x scripts/demo ] || skip "scripts/demo is missing"
	scripts/demo | tee build/demo.out
	[ "$(tail -1 build/demo.out)" = "demo: ok" ]
}
