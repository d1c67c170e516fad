#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest: dev: 200 rotations of a slot with two keys while connections are made to capcert-tlsd; CONNECTIONS=1000 makes more of them,
# LIGHT=1 as many a minute as there can be: by OpenSSL alone, in one process.

cd "$(dirname "$0")/../.." || exit 1
. tests/integration/tlsd.inc
ok "keyd is ready" start_keyd
"$build/bin/capcert" key generate web2 --token alpha --purpose tls-server "${vault[@]}" >/dev/null || exit 1
spki web2 >"$dir/web2.pub"
for key in web web2; do
	keyctl add capkey $key "pkcs11:token=alpha;object=$key;purpose=tls-server" @s >/dev/null || exit 1
done
store=$(keyctl padd capslot tls @s </dev/null) && keyctl setperm "$store" 0x3f000000 || exit 1
# Eight values, of one key and the other by turns, each with a staple of its own.
for i in {0..7}; do
	key=web
	[ $((i % 2)) = 0 ] || key=web2
	printf 'V\t400101000000Z\t\t%02X\tunknown\t/CN=r%d\n' $((100 + i)) "$i" >>"$dir/index"
	certify "r$i" $((100 + i)) -force_pubkey "$dir/$key.pub" -extfile <(printf 'subjectAltName=DNS:www.example.org\n') &&
		staple "r$i" || exit 1
done
www=web/www.example.org
ok "the slot" slot put tls $www --chain "$dir/r0.chain" --staple "$dir/r0.staple" --key web
ok "the config" tls config front --slots tls --serve web/ --default $www
cat >"$dir/echo.py" <<'END'
import asyncio
async def serve(r, w):
    try:
        while d := await r.read(4096):
            w.write(d)
    except OSError:
        pass
    w.close()
async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", 8080, backlog=512) as s:
        await s.serve_forever()
asyncio.run(main())
END
python3 "$dir/echo.py" &
others+=" $!"
ok "the back end" soon bash -c ': <>/dev/tcp/127.0.0.1/8080'
start_tlsd() {
	"$build/bin/capcert" exec --with c=captls:front:USE+INFO -- "$build/bin/capcert-tlsd" --listen '*:443' --config c \
		--to 127.0.0.1:8080 --user nobody --handshake 60 --status "unix:$dir/status" --drain 2 2>"$dir/tlsd.log" &
	tlsd=$!
	soon grep -q event=ready "$dir/tlsd.log" || { cat "$dir/tlsd.log" && false; }
}
ok "tlsd is ready" start_tlsd
rotate() {
	"$build/bin/capcert" exec --with s=capslot:tls:PUT+GET --with a=capkey:web:SIGN+TRANSFER+INFO+PUBLIC \
		--with b=capkey:web2:SIGN+TRANSFER+INFO+PUBLIC -- "$build/tests/integration/tlsd_rotate" "$@"
}

# The programs connect as well, one after the other, for as long as it goes on.
openssl_says() { openssl s_client -connect 127.0.0.1:443 -servername www.example.org -CAfile "$dir/ca.pem" -status -verify_return_error; }
gnutls_says() { gnutls-cli --x509cafile "$dir/ca.pem" -p 443 --sni-hostname www.example.org --verify-hostname www.example.org 127.0.0.1; }
programs() {
	local name
	while [ ! -e "$dir/over" ]; do
		for name in openssl_says gnutls_says; do
			if $name </dev/null >"$dir/$name" 2>&1; then echo good; else tail -3 "$dir/$name"; fi
		done
	done >"$dir/programs"
}
[ -n "${LIGHT:-}" ] || programs &
programs=$!
ok "${CHANGES:=200} rotations, ${CONNECTIONS:=500} handshakes: each has one value, none fails, what is open stays open" rotate traffic "$dir" 443 "$CHANGES" "$CONNECTIONS"
sed 's/^/# /' "$dir/tap.out"
: >"$dir/over" && wait $programs
all_good() { grep -q good "$dir/programs" && ! grep -v good "$dir/programs"; }
[ -n "${LIGHT:-}" ] || ok "openssl's and GnuTLS's programs meanwhile" all_good
says "no handshake failed in tlsd's eyes" '^0$' bash -c '"$@" | jq "[.handshakes.failed[]] | add"' _ "$build/bin/capcert" tls status "$dir/status" --json
# Some of it comes and goes: ROTATIONS=10000 tells, and takes its time.
if [ -n "${ROTATIONS:-}" ]; then
	ok "memory stays where it is over $ROTATIONS rotations" rotate flat "$dir" 443 "$ROTATIONS" "$tlsd"
	sed 's/^/# /' "$dir/tap.out"
fi
ends() { kill -TERM "$tlsd" && wait "$tlsd"; }
ok "SIGTERM ends it" ends
finish
