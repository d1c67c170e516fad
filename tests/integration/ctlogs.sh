#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Lists of CT logs: openssl and python3 look at the same files, and agree.

cd "$(dirname "$0")/../.." || exit 1
capcert=$PWD/build/bin/capcert
list=data/ct-logs.json
suite=${CAPCERT_SUITES:-../shared/suites}/ct
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc
exits() { ends "$1" "$2" "$capcert" ctlogs "${@:3}"; } # STATUS TEXT ARG...
json() { holds "$1" "$capcert" ctlogs "${@:2}" --json; } # EXPRESSION ARG...

# Every id is what openssl makes of the key.
ids() {
	local key id count=0
	while read -r key id; do
		base64 -d <<<"$key" >"$dir/key.der"
		openssl pkey -pubin -inform DER -in "$dir/key.der" -noout || return 1
		[ "$(openssl dgst -sha256 -binary "$dir/key.der" | base64)" = "$id" ] || { echo "$id"; return 1; }
		count=$((count + 1))
	done < <("$capcert" ctlogs show --json "$@" |
		python3 -c 'import json, sys; [print(l["key"], l["id"]) for l in json.load(sys.stdin)["logs"]]')
	[ "$count" -gt 0 ] || { echo "no logs"; return 1; }
}

# A list of one log with a key that openssl makes; members replaced by python.
new_list() { # FILE ALGORITHM [PYTHON]
	case $2 in
	rsa*) openssl genrsa "${2#rsa}" 2>/dev/null >"$dir/key.pem" ;;
	*) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:"$2" -out "$dir/key.pem" 2>/dev/null ;;
	esac
	openssl pkey -in "$dir/key.pem" -pubout -outform DER >"$dir/key.der"
	python3 - "$dir/key.der" "${3:-}" >"$1" <<-'END'
		import base64, hashlib, json, sys
		key = open(sys.argv[1], "rb").read()
		log = {"name": "one", "id": base64.b64encode(hashlib.sha256(key).digest()).decode(),
		       "key": base64.b64encode(key).decode(), "kind": "rfc6962", "operators": [{"name": "me"}],
		       "states": [{"state": "usable", "since": "2026-01-01T00:00:00Z"}],
		       "interval": {"start": "2026-01-01T00:00:00Z", "end": "2027-01-01T00:00:00Z"}, "mmd": 60,
		       "submission": "https://a.example/", "monitoring": "https://a.example/",
		       "source": {"name": "me", "date": "2026-01-01T00:00:00Z"}}
		j = {"format": "capcert ct-logs 1", "created": "2026-01-02T00:00:00Z", "logs": [log]}
		exec(sys.argv[2])
		json.dump(j, sys.stdout)
	END
}

compiled_in() { cmp <("$capcert" ctlogs show --json) <("$capcert" ctlogs show --json "$list"); }
again() { "$capcert" ctlogs import capcert "$list" -o "$dir/again.json" && cmp "$dir/again.json" "$list"; }
accepts() { new_list "$dir/new.json" "$1" && "$capcert" ctlogs show "$dir/new.json" && ids "$dir/new.json"; }
refuses() { new_list "$dir/new.json" "$1" "${3:-}" && exits 3 "$2" show "$dir/new.json"; }
problem() { new_list "$dir/new.json" P-256 "$2" && exits 1 "$1" verify "$dir/new.json"; }

ok "the list that is compiled in is the one in data/" compiled_in
ok "openssl makes its ids of its keys" ids
ok "written again, it is the same file" again
ok "it has no problem that a machine finds" exits 0 "0 problems" verify
ok "it is a table for people" exits 0 "IPng Networks" show
ok "it counts as stale when it is" exits 0 "stale" show --at 2030-01-01
ok "its logs of static-ct have two addresses" json \
	'all(l["submission"] and l["monitoring"] for l in j["logs"] if l["kind"] == "static-ct")' show
ok "states are those of the time that is asked about" json \
	'[l["state"] for l in j["logs"] if l["name"] == "Let'"'"'s Encrypt Oak2026h1"] == ["usable"]' show --at 2026-02-27
ok "and a day later" json \
	'[l["state"] for l in j["logs"] if l["name"] == "Let'"'"'s Encrypt Oak2026h1"] == ["retired"]' show --at 2026-02-28
ok "a key of P-256" accepts P-256
ok "a key of P-384" accepts P-384
ok "a key of RSA-2048" accepts rsa2048
ok "no key of P-521" refuses P-521 "log 1 (one): a log's key is"
ok "no key of RSA-1024" refuses rsa1024 "2048 to 8192 bits"
ok "no id of another key" refuses P-256 "id: not the SHA-256" 'log["id"] = base64.b64encode(bytes(32)).decode()'
ok "no log whose private key is published" refuses P-256 "refused always" \
	'log["id"] = "si9+3rWvav5QPeBAgbLXTBJThJL+3yyypSZQPO9TztI="'
ok "no unknown member" refuses P-256 'unknown member "x"' 'log["x"] = 1'
ok "no history that goes back" refuses P-256 "do not ascend" \
	'log["states"].append({"state": "retired", "since": "2025-01-01T00:00:00Z"})'
ok "an address without https is a problem" problem "not https" 'log["submission"] = "http://a.example/"'
ok "an interval of years is one" problem "longer than two years" 'log["interval"]["end"] = "2036-01-01T00:00:00Z"'
ok "a state in the future is one" problem "in the future" 'log["states"][0]["since"] = "2999-01-01T00:00:00Z"'
ok "a log without a source is one" problem "no source" 'del log["source"]'
ok "so is a list without a time" problem "does not say when" 'del j["created"]'

# Merging: what the later list says counts, the past stays.
merges() {
	new_list "$dir/old.json" P-256 && python3 - "$dir/old.json" >"$dir/new.json" <<-'END'
		import json, sys
		j = json.load(open(sys.argv[1]))
		j["created"] = "2026-06-01T00:00:00Z"
		j["logs"][0]["states"] = [{"state": "retired", "since": "2026-05-01T00:00:00Z"}]
		j["logs"][0]["operators"] = [{"name": "you"}]
		json.dump(j, sys.stdout)
	END
	"$capcert" ctlogs import auto "$dir/new.json" --merge "$dir/old.json" -o "$dir/both.json" &&
		json '[s["state"] for s in j["logs"][0]["states"]] == ["usable", "retired"]' show "$dir/both.json" &&
		json '[o["name"] for o in j["logs"][0]["operators"]] == ["me", "you"]' show "$dir/both.json"
}
ok "a merge keeps the past" merges
ok "a difference is named" exits 1 "states: usable since 2026-01-01 -> usable since 2026-01-01, retired since 2026-05-01" \
	diff "$dir/old.json" "$dir/both.json"
ok "and in JSON" json 'not j["equal"] and list(j["changed"][0]["changes"]) == ["operators", "states"]' \
	diff "$dir/old.json" "$dir/both.json"
ok "there is none between equals" exits 0 "0 added, 0 removed, 0 changed" diff "$list" "$list"
ok "logs come and go" exits 1 "54 added, 1 removed" diff "$dir/old.json" "$list"
ok "an unknown form" exits 2 "one of: auto" import apples "$list"
ok "another form than it is in" exits 3 "form capcert, not google" import google "$list"
ok "a file that is not there" exits 3 "No such file" show "$dir/none"
ok "nothing is written over by what is refused" exits 3 "" import auto /dev/null -o "$dir/old.json"
ok "and it is as it was" exits 0 "" show "$dir/old.json"
ok "a list too old" exits 1 "older than it may be" verify "$dir/old.json" --max-age 0

# As a bundle, signed by openssl and read by it.
signed() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/sign.key" -out "$dir/sign.crt" -days 2 -subj /CN=x 2>/dev/null &&
		"$capcert" ctlogs bundle --name ct-logs --number 7 -o "$dir/content" &&
		openssl cms -sign -binary -nodetach -nocerts -noattr -md sha256 -outform DER -signer "$dir/sign.crt" \
			-inkey "$dir/sign.key" -in "$dir/content" -out "$dir/bundle" &&
		openssl cms -verify -binary -inform DER -in "$dir/bundle" -certfile "$dir/sign.crt" -CAfile "$dir/sign.crt" \
			-purpose any -out "$dir/read" && cmp "$dir/content" "$dir/read"
}
ok "openssl signs it as a bundle and reads it" signed
ok "openssl reads the content as DER" sh -c "openssl asn1parse -inform DER -in '$dir/content' | grep -q 'ct-logs'"
ok "a bundle has the same logs" exits 0 "0 added, 0 removed, 0 changed" diff "$dir/read" "$list"
ok "signed or not" exits 0 "0 added, 0 removed, 0 changed" diff "$dir/bundle" "$list"
ok "a bundle that is cut" sh -c "head -c 3000 '$dir/bundle' >'$dir/cut'; '$capcert' ctlogs show '$dir/cut'; [ \$? = 3 ]"
ok "a name that no bundle has" exits 2 "" bundle --name "No" --number 7

# Lists of others, where they are at hand.
if [ -f "$suite/log-list-v3-2026-06-14.json" ]; then
	v3() {
		"$capcert" ctlogs import google "$suite/log-list-v3-2026-06-14.json" -o "$dir/v3.json" && ids "$dir/v3.json" &&
			json 'len(j["logs"]) == 56' show "$dir/v3.json"
	}
	known() {
		"$capcert" ctlogs import known "$suite/logs-all-known.json" -o "$dir/known.json" && ids "$dir/known.json" &&
			json 'len(j["logs"]) == 217' show "$dir/known.json"
	}
	ok "a list of the v3 schema" v3
	ok "a table of all keys" known
else
	skip "lists of others" "$suite is not there"
fi

finish
