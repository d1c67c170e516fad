#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# SCTs that others made and tests that others wrote, as Debian packages them: our engine beside OpenSSL's.

cd "$(dirname "$0")/../.." || exit 1
build=$PWD/${BUILD:-build}
shopt -s nullglob
crates=(/usr/share/cargo/registry/sct-0.*)
vectors=/usr/lib/python3/dist-packages/cryptography_vectors/x509

if [ ${#crates[@]} = 0 ] || [ ! -d "$vectors" ]; then
	echo "1..0 # SKIP apt-get install librust-sct-dev python3-cryptography-vectors"
	exit 0
fi
exec "$build/tests/integration/sct_vectors" "${crates[0]}" "$vectors"
