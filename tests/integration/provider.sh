#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: dev: PKCS#11 sessions that last while keyd is restarted, keys are revoked, slots change and tokens go; and 500 keys at once.

cd "$(dirname "$0")/../.." || exit 1
[ -n "${PROVIDER_SESSION:-}" ] || exec env PROVIDER_SESSION=1 keyctl session provider "$0" "$@" 2>&1
grep -q '^capcert ' /proc/modules || insmod "$CAPCERT_KO" || exit 1
if ! "${BUILD:-build}/bin/capcert" feature --json | grep -q '"profile": "development"'; then
	echo "skipped: SoftHSM is a development token, which this profile refuses; keyd.sh tests that" && exit 77
fi
. tests/integration/keeper.inc
many=${PROVIDER_KEYS:-500}
provider=$build/lib/libcapcert-pkcs11.so
slot() { "$build/bin/capcert" slot "$@"; }

# ---- two tokens, their keeper; a program that stays
{ token alpha 60521734 && token beta 11223344; } || exit 1
beta=
for path in "$dir/tokens"/*; do
	grep -aq beta "$path"/token.object && beta=$path
done
for name in web gone also ring; do
	key generate alpha $name --token alpha --purpose tls-server >/dev/null || exit 1
done
key generate beta mail --token beta --purpose tls-server >/dev/null || exit 1
# One PIN is in a file, the other a key of root's.
rm "$dir/pins/pin.beta"
keyctl add user capcert-keyd:pin:beta 11223344 @u >/dev/null || exit 1
ok "keyd serves two tokens" start_keyd
declare -A serial
add() { # NAME TOKEN
	serial[$1]=$(keyctl add capkey "$1" "pkcs11:token=$2;object=$1;purpose=tls-server" @s) || exit 1
}
for name in web gone also; do add $name alpha; done
add mail beta
keyctl setperm "$(keyctl padd capslot tls @s </dev/null)" 0x3f000000 || exit 1
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/ca.key" -subj /CN=CA -days 2 -out "$dir/ca.pem" 2>/dev/null
openssl req -new -key "$dir/ca.key" -subj /CN=web -out "$dir/csr" 2>/dev/null
certify() { # NAME: two certificates of that key
	key show alpha "pkcs11:token=alpha;object=$1" --json | python3 -c '
import base64, json, sys
key = json.load(sys.stdin)
print("-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(bytes.fromhex(key["spki"])).decode() + "\n-----END PUBLIC KEY-----")' >"$dir/pub"
	for serial in 1 2; do
		openssl x509 -req -in "$dir/csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -set_serial $serial -days 2 -force_pubkey "$dir/pub" \
			-out "$dir/chain$serial.pem" 2>/dev/null || return 1
	done
}
certify also || exit 1
rights=SIGN+INFO+PUBLIC
coproc P11 { exec "$build/bin/capcert" exec --with web=capkey:web:$rights+RESTRICT --with gone=capkey:gone:$rights --with mail=capkey:mail:$rights \
	--with tls=capslot:tls:LIST+GET+SIGN+WATCH+INFO --user 1000 -- "$build/tests/integration/p11" "$provider"; }
others="$others $P11_PID"
exec {to}>&"${P11[1]}" {from}<&"${P11[0]}"
tell() { echo "$*" >&$to; }
hear() {
	local line=
	# Who says nothing is not asked again.
	read -r -t 120 -u $from line || kill -9 "$P11_PID"
	echo "$line"
}
ask() {
	tell "$@"
	hear
}
asleep() { becomes grep -qsE "$1" "/proc/$P11_PID/wchan"; }
is "a key of each token signs" "OK OK" "$(ask sign web) $(ask sign mail)"
is "three pairs are there" 6 "$(ask count)"

# ---- keyd goes and comes
ok "keyd stops" stop_keyd
asked=$SECONDS
tell sign web
ok "a signature waits" asleep cc_broker_call
ok "keyd starts" start_keyd
answer=$(hear)
# Nobody waits for more than ten seconds; an emulated machine may need them for a start.
if [ "$answer" = CKR_DEVICE_ERROR ] && [ $((SECONDS - asked)) -ge 10 ]; then
	echo "# the start took longer than a signature waits"
	answer=$(ask sign web)
fi
is "and is made, in the session and by the handles that were there" OK "$answer"
hold_tokens
tell sign web
ok "the next one is in keyd's hands" keyd_works
kill_keyd
is "keyd is killed: an error, and no signature" CKR_DEVICE_ERROR "$(hear)"
release_tokens
ok "it starts again" start_keyd
is "the session signs" "OK OK" "$(ask sign web) $(ask sign mail)"

# ---- a token goes and comes, beside another one
mv "$beta" "$dir/away"
is "a token is gone" CKR_DEVICE_ERROR "$(ask sign mail)"
is "the other one's key signs" OK "$(ask sign web)"
mv "$dir/away" "$beta"
mail_signs() { [ "$(ask sign mail)" = OK ]; }
ok "when it is back its key signs again" becomes mail_signs
is "and the other one's still does" OK "$(ask sign web)"

# ---- revocation
is "a signature has begun" OK "$(ask init gone)"
keyctl revoke "${serial[gone]}"
is "its key is revoked: no signature" CKR_KEY_HANDLE_INVALID "$(ask final)"
is "nor a new one" CKR_KEY_HANDLE_INVALID "$(ask sign gone)"
is "its objects are gone" 0 "$(ask find gone)"
is "the others are there" 4 "$(ask count)"
hold_tokens
tell sign mail
ok "a signature is in keyd's hands" keyd_works
keyctl revoke "${serial[mail]}"
release_tokens
is "when its key is revoked: it is not handed out" CKR_KEY_HANDLE_INVALID "$(hear)"
is "its objects are gone" 0 "$(ask find mail)"
is "what is left signs" OK "$(ask sign web)"

# ---- a handle with few uses
is "a handle for two signatures" "OK 2 OK OK" "$(ask limit 2 web) $(ask find web) $(ask sign web) $(ask sign web)"
is "has no third" CKR_FUNCTION_REJECTED "$(ask sign web)"
is "as a refusal that costs nothing" CKR_FUNCTION_REJECTED "$(ask sign web)"

# ---- slots, and events
is "that objects went is told" OK "$(ask event)"
is "once" CKR_NO_EVENT "$(ask event)"
tell wait
ok "who waits sleeps" asleep poll
slot put tls www --chain "$dir/chain1.pem" --key also >/dev/null
is "until a slot is put" OK "$(hear)"
is "its certificate and its pair of keys are there" 3 "$(ask find www)"
is "the key signs" OK "$(ask sign www)"
is "all of it was one event" CKR_NO_EVENT "$(ask event)"
tell wait
ok "who waits again sleeps" asleep poll
slot put tls www --chain "$dir/chain2.pem" --key also >/dev/null
is "until the certificate is another one" OK "$(hear)"
is "in whose place it is" 3 "$(ask find www)"
slot delete tls www >/dev/null
is "a slot is deleted" "OK 0" "$(ask event) $(ask find www)"
is "C_Finalize wakes who waits" CKR_CRYPTOKI_NOT_INITIALIZED "$(ask later 100)"
kill "$P11_PID"
wait "$P11_PID" 2>/dev/null

# ---- keys of a keyring
add ring alpha
coproc P11 { exec "$build/tests/integration/p11" "$provider"; }
others="$others $P11_PID"
exec {to}>&"${P11[1]}" {from}<&"${P11[0]}"
is "a key of a keyring signs" OK "$(ask sign ring)"
tell wait
ok "who waits sleeps" asleep poll
keyctl revoke "${serial[ring]}"
is "until it is revoked, though it stays linked" OK "$(hear)"
is "no signature" "CKR_KEY_HANDLE_INVALID 0" "$(ask sign ring) $(ask find ring)"

# ---- more keys than a token of a test would hold
ok "keyd stops" stop_keyd
before=$(ask memory)
tell wait
"$build/tests/integration/many_keys" "$many" many >"$dir/many" &
others="$others $!"
ok "$many keys are made" becomes grep -q ready "$dir/many"
is "their arrival is told" OK "$(hear)"
# All pairs of them, and those of web and also.
is "all of them are there" $((2 * many + 4)) "$(ask count)"
each=$(ask each "$many" many)
is "each is found by its label, signs and verifies" OK "${each%% *}"
echo "# $many keys: ${each#OK }; $(($(ask memory) - before)) kB more"
finish
