#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# SCTs that others made and tests that others wrote, as Debian packages them: our engine beside OpenSSL's.

cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=../../scripts/lib.sh
. scripts/lib.sh
shopt -s nullglob
# Unpacked, not installed: the package wants half of Rust.
# shellcheck disable=SC2154 # from lib.sh
kept=$cache/librust-sct-dev
if [ ! -d "$kept" ]; then
	(rm -rf "$kept.new" && fetch_deb "$kept.new" librust-sct-dev && mv "$kept.new" "$kept") >&2 || true
fi
crates=("$kept"/usr/share/cargo/registry/sct-0.*)
vectors=/usr/lib/python3/dist-packages/cryptography_vectors/x509

if [ ${#crates[@]} = 0 ] || [ ! -d "$vectors" ]; then
	echo "1..0 # SKIP librust-sct-dev cannot be fetched, or python3-cryptography-vectors is not installed"
	exit 0
fi
# shellcheck disable=SC2154 # from lib.sh
exec "$build/tests/integration/sct_vectors" "${crates[0]}" "$vectors"
