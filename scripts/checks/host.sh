# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# Tests that run on this machine.

#: unit - unit tests (cmocka)
check_unit() {
	compgen -G 'tests/unit/test_*.c' >/dev/null || skip "no unit tests"
	mk tests
	CMOCKA_MESSAGE_OUTPUT=TAP tests/tap-run 120 build/tests/unit/test_*
}

#: unit-asan - the same under address and undefined-behaviour sanitizers
check_unit-asan() {
	compgen -G 'tests/unit/test_*.c' >/dev/null || skip "no unit tests"
	mk tests SANITIZE=1
	CMOCKA_MESSAGE_OUTPUT=TAP tests/tap-run 300 build/sanitized/tests/unit/test_*
}

#: coverage - unit tests run 95 % of the lines of core/ and of the engine; the rest is in build/coverage.txt
check_coverage() {
	local name status=0
	compgen -G 'tests/unit/test_*.c' >/dev/null || skip "no unit tests"
	# Warnings are the business of the checks that build for use: without optimisation gcc has others.
	mk tests replay B=build/cov OPT=-O0 LDFLAGS="--coverage \$(LLD)" \
		CFLAGS="--coverage -fprofile-update=atomic -U_FORTIFY_SOURCE -w"
	find build/cov -name '*.gcda' -delete
	CMOCKA_MESSAGE_OUTPUT=TAP tests/tap-run 300 build/cov/tests/unit/test_* >build/cov/unit.log ||
		{ grep '^not ok' build/cov/unit.log && return 1; }
	echo "Unit tests alone:"
	scripts/coverage build/cov/obj build/coverage.txt || status=1
	for name in build/cov/replay/*; do
		"$name" "tests/fuzz/corpus/${name##*/}"/* >/dev/null
	done
	tests/conformance/run.sh build/cov >build/cov/conformance.log 2>&1 || true # its own check judges it
	echo "With fuzz corpora and public suites (for information; suites that are absent add nothing):"
	scripts/coverage build/cov/obj build/coverage-all.txt | grep 'as a whole' || true
	return $status
}

#: ct-logs - data/ct-logs.json keeps its rules, and is written as the tool writes it
check_ct-logs() {
	mk tools
	build/bin/capcert ctlogs verify data/ct-logs.json
	build/bin/capcert ctlogs import capcert data/ct-logs.json | diff -u data/ct-logs.json -
}

#: conformance - public test suites against the library
check_conformance() {
	compgen -G 'tests/conformance/*.c' >/dev/null || skip "no conformance programs"
	mk tests
	tests/conformance/run.sh build
}

#: peers - verification suites of OpenSSL, Go, GnuTLS, Mbed TLS and webpki against the library
check_peers() {
	local status=0
	mk tests
	tests/peers/run.sh build || status=$?
	[ $status != 77 ] || skip "no package of theirs can be fetched"
	return $status
}

#: differential - made chains, through us, GnuTLS and OpenSSL: every difference is a known one, with its RFC section
check_differential() {
	local seed status=0 n=0 log=$build/differential.log seeds=(1 2 3) length
	compgen -G 'tests/differential/*.c' >/dev/null || skip "no differential program"
	mk tests
	# Three runs whose chains are the same every time. The day's own look for what nobody has seen yet: no gate.
	[ "${CI:-}" = true ] || seeds+=("$(date +%Y%m%d)")
	echo "1..${#seeds[@]}"
	for seed in "${seeds[@]}"; do
		n=$((n + 1))
		length=(--chains 2500)
		[ $n -le 3 ] || length=(--seconds "${DIFF_SECONDS:-60}")
		if build/tests/differential "${length[@]}" --seed "$seed" --out build/differential >"$log"; then
			echo "ok $n - seed $seed # $(sed -n 's/^ok 1 - //p' "$log")"
		else
			sed 's/^/# /' "$log"
			echo "not ok $n - seed $seed; build/tests/differential --replay build/differential/class-N.case shows one"
			status=1
		fi
	done
	return $status
}

#: fuzz-smoke - each fuzzer for FUZZ_SECONDS (60, or 5 when CI=true), starting from its corpus
check_fuzz-smoke() {
	local seconds=${FUZZ_SECONDS:-60} target name seeds n=0 failed=0 log
	[ "${CI:-}" != true ] || seconds=${FUZZ_SECONDS:-5}
	compgen -G 'tests/fuzz/fuzz_*.c' >/dev/null || skip "no fuzzers"
	mk fuzz SANITIZE=1
	set -- build/sanitized/fuzz/fuzz_*
	echo "1..$#"
	for target; do
		n=$((n + 1)) name=${target##*/fuzz_} log=build/fuzz/$name.log
		mkdir -p "build/fuzz/corpus/$name"
		seeds=tests/fuzz/corpus/$name
		[ -d "$seeds" ] || seeds=
		# shellcheck disable=SC2086
		if "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -max_len=65536 \
			-artifact_prefix="build/fuzz/$name-" "build/fuzz/corpus/$name" $seeds >"$log" 2>&1; then
			echo "ok $n - $name # $(sed -n 's/.*number_of_executed_units: *//p' "$log") executions in $seconds s"
		else
			tail -30 "$log" | sed 's/^/# /'
			echo "not ok $n - $name"
			failed=1
		fi
	done
	return $failed
}
