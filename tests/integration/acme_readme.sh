#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The configuration that the README shows is one, and means staging until somebody says otherwise.

cd "$(dirname "$0")/../.." || exit 1
build=$PWD/${BUILD:-build}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc
awk '/^\t\[ca / { on = 1 } /^$/ { on = 0 } on { print substr($0, 2) }' README.md >"$dir/acme.conf"
check() { "$build/bin/capcert-acmed" --check --config "$dir/acme.conf"; }
is "it has ten lines" 10 "$(grep -c . "$dir/acme.conf")"
says "it is right, and means staging" 'www: slot web/www.example.org, key www, by https://acme-staging-v02' check
sed -i 's/^# //' "$dir/acme.conf"
says "the comment removed, production" 'by https://acme-v02' check
finish
