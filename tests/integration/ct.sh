#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A real chain under webpki-strict's CT rule: valid, and how it fails closed.

cd "$(dirname "$0")/../.." || exit 1
capcert=$PWD/build/bin/capcert
suites=${CAPCERT_SUITES:-../shared/suites}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# shellcheck source=tests/integration/tap.inc
. tests/integration/tap.inc

if [ ! -r "$suites/real-chains.json.xz" ] || [ ! -r "$suites/ct/log-list-v3-2026-06-14.json" ]; then
	echo "1..0 # SKIP no real-chains.json.xz and ct/ in $suites (set CAPCERT_SUITES)"
	exit 0
fi

# A chain of three logs by three operators, and lists made of the one that knows them.
python3 - "$suites" "$dir" <<'EOF' || exit 1
import copy, json, lzma, sys
suites, out = sys.argv[1:]
case = next(c for c in json.load(lzma.open(suites + "/real-chains.json.xz"))
            if c["name"] == "limbo-bing.com-53a537223867128b")
open(out + "/chain.pem", "w").write("\n".join(case["chain"]))
open(out + "/roots.pem", "w").write("\n".join(case["roots"]))
names = ("Google 'Argon2026h2' log", "DigiCert 'Wyvern2026h2'", "Sectigo 'Tiger2026h2'")
full = json.load(open(f"{suites}/ct/log-list-v3-2026-06-14.json"))

def save(name, edit):
    j = copy.deepcopy(full)
    for operator in j["operators"]:
        for kind in ("logs", "tiled_logs"):
            for log in operator.get(kind, []):
                edit(operator, log, names.index(log["description"]) if log["description"] in names else -1)
    json.dump(j, open(f"{out}/{name}.json", "w"))

def retire(when, which):
    def edit(operator, log, i):
        if i in which:
            log["state"] = {"retired": {"timestamp": when}}
    return edit

def one_operator(operator, log, i):
    operator["name"] = "One"

save("good", lambda *a: None)
save("retired-before", retire("2026-01-01T00:00:00Z", (0, 1)))
save("retired-after", retire("2026-02-10T00:00:00Z", (0,)))
save("all-retired-after", retire("2026-02-10T00:00:00Z", (0, 1, 2)))
full["operators"] = [dict(full["operators"][0], name="One",
                          logs=[l for o in full["operators"] for l in o.get("logs", [])],
                          tiled_logs=[l for o in full["operators"] for l in o.get("tiled_logs", [])])]
save("one-operator", lambda *a: None)
EOF

# judged TITLE STATUS TEXT LIST TIME ARG...: verify ends with STATUS and says TEXT.
judged() {
	ok "$1" judges "${@:2}"
}
judges() {
	local status=0
	"$capcert" verify --local --roots "$dir/roots.pem" --name bing.com --time "$4" \
		--policy 'preset=webpki-strict;revocation_mode=off;time=any' --ctlogs "$dir/$3.json" "${@:5}" \
		"$dir/chain.pem" >"$dir/said" 2>&1 || status=$?
	cat "$dir/said"
	[ "$status" = "$1" ] && grep -qE -- "$2" "$dir/said"
}

at=2026-07-15
judged "three logs of three operators" 0 '^valid' good $at
judged "the table names the logs" 0 "Google 'Argon2026h2' log +Google +usable +[0-9]+d +valid" good $at --ct
judged "the table counts" 0 '3 of 3 SCTs valid, 3 logs, 3 operators' good $at --ct
judged "the same as JSON" 0 '"distinctValidLogCount": 3' good $at --ct --json
judged "one log retired since" 0 '^valid' retired-after $at
judged "no log is still accepted" 1 'insufficientScts.*still accepted' all-retired-after $at
judged "two logs retired before their SCTs" 1 'insufficientScts.*retiredLog' retired-before $at
judged "all logs of one operator" 1 'insufficientScts.*two operators' one-operator $at
judged "a list of 41 days" 0 '^valid' good 2026-07-25T00:00:00Z

# 70 days behind the list's time the chain is over, so age the list instead.
sed -i 's/"log_list_timestamp": "2026-06-14/"log_list_timestamp": "2026-04-14/' "$dir/good.json"
judged "a list of more than 70 days" 1 'logListStale' good $at

finish
