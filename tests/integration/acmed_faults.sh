#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: dev: capcert-acmed and a CA that goes wrong as it is told: the certificate in the slot stays, and status says why. Windows of
# renewal, a clock that jumps and that nobody vouches for, a disk that is full.

cd "$(dirname "$0")/../.." || exit 1
. tests/integration/acmed.inc
acmed_ca_start "$dir" "$build/tests/acmed-ca" || exit 1
ca_trusted || exit 1
configure "$(certificate www 'www.example.org, example.org')"
mkdir "$dir/state" && mount -t tmpfs -o size=256k,mode=700 tmpfs "$dir/state" || exit 1
start_acmed
ok "there is a certificate" soon certified www
windowed() { acme status www | grep -q 'window .*, says the CA'; }
ok "the CA was asked when to renew it" soon windowed
says "and is asked again" 'asked again +20..-.*, when to renew' acme status www
says "the window is when it will be renewed" "renewal +20..-.*, .*window" acme status www
is "it is in the slot" 1 "$(version www)"

# goes_wrong FAULT VALUE PATTERN: and says so, and the slot stays
goes_wrong() {
	curl -s "http://localhost:15000/?fault=$1&value=$2" >/dev/null
	fails "$1 $2: no renewal" "failed .*$3" acme renew www --wait
	is "$1 $2: the slot stays" 1 "$(version www)"
}
goes_wrong problem rejectedIdentifier 'as asked for'
goes_wrong compound 1 'www.example.org: not .*this one'
goes_wrong rate 7200 'too many'
says "and Retry-After is kept" 'waits +until 20.*: the CA asked for it' acme status www
goes_wrong invalid 1 'that is not it'
goes_wrong names 1 'other.example|names'
goes_wrong cert-names 1 'names'
goes_wrong cert-key 1 'key'
goes_wrong cert-expired 1 'expired'
goes_wrong cert-cut 1 'base64|PEM|certificate'
goes_wrong drop 1 'closed without an answer'
goes_wrong redirect 1 'redirects are not followed'
goes_wrong type 1 'is that an ACME server'
goes_wrong broken 1 'status 500 without a reason'
goes_wrong no-json 1 'no JSON object'
goes_wrong huge 1 'a body longer than the limit'
goes_wrong host 1 'leads to the host elsewhere.example'
kill -STOP "$pebble"
fails "hanging: no renewal" 'failed .*time' acme renew www --wait
kill -CONT "$pebble"
is "hanging: the slot stays" 1 "$(version www)"
curl -s "http://localhost:15000/?fault=none" >/dev/null
says "all is well again: renewed" '^www: (idle|asking)' acme renew www --wait
is "and in the slot" 2 "$(version www)"

# ---- the disk of the state is full; a daemon that runs has its room, and goes on with that
ok "the daemon ends" stop_acmed
requests() { curl -s "http://localhost:15000/?fault=none"; }
fill() {
	head -c 1M /dev/zero >"$dir/state/full"
	! echo more >"$dir/state/more"
}
ok "no room in the state's folder" fill
start_acmed
ok "it starts" soon certified www
before=$(requests)
fails "a full disk: no renewal" 'trouble .*make room on the disk' acme renew www --wait
is "and no order was made" "$before" "$(requests)"
is "the slot stays" 2 "$(version www)"
rm "$dir/state/full" "$dir/state/more"
says "room again: renewed" '^www: (idle|asking)' acme renew www --wait
is "and in the slot" 3 "$(version www)"

# ---- a machine that slept until the window had come, with a clock that nobody vouches for
ok "the CA was asked when to renew it" soon windowed
ok "six and a half days later" date -s '+156 hours'
says "it is due" 'renewal +is due, .*window' acme status
says "but the clock is not to be trusted" 'The clock is not to be trusted' acme status
is "and nothing is renewed" 3 "$(version www)"
# What a time service says to the kernel when it has set the clock (adjtimex(2)): no error, synchronised.
cat >"$dir/synchronise.py" <<-'END'
	import ctypes, struct
	# modes ADJ_MAXERROR | ADJ_ESTERROR | ADJ_STATUS, all of them 0
	t = ctypes.create_string_buffer(struct.pack("Ixxxxqqqqixxxx", 0x1c, 0, 0, 0, 0, 0), 512)
	assert ctypes.CDLL(None).adjtimex(t) >= 0
END
ok "a time service has set it" python3 "$dir/synchronise.py"
has_version() { [ "$(version www)" = "$1" ]; }
ok "it is renewed" soon has_version 4
ok "and the CA asked when to renew the new one" soon windowed
no "the clock is believed" grep 'not to be trusted' <(acme status)
ok "the daemon ends" stop_acmed
finish
