#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: dev: capcert-acmed with pebble and keys in a token: an order into a slot, renewal, faults.

cd "$(dirname "$0")/../.." || exit 1
. tests/integration/acmed.inc
PEBBLE_HTTP_PORT=5003 pebble_start "$dir" plain || exit 1
ca_trusted || exit 1
configure "$(certificate www 'www.example.org, example.org')"

says "the configuration is right" 'slot web/www' "$build/bin/capcert-acmed" --check --config "$dir/acme.conf"
start_acmed
ok "acmed answers" soon acme status
ok "there is a certificate" soon certified www
says "status tells the story" 'renewal +20..-.*lifetime' acme status
says "and so does the slot" 'version +1, ' capcert slot get tls web/www
finish
