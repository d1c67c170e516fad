#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""judge.py EXCEPTIONS DIR: findings in DIR/{intermediate,modern}.json against the list of those that are accepted."""
import json
import sys

# Where a scan breaks off, its end is missing: each of these has to be there.
ASKED = ["SSLv2", "SSLv3", "TLS1", "TLS1_1", "TLS1_2", "TLS1_3", "cert_chain_of_trust", "OCSP_stapling",
         "heartbleed", "CCS", "ROBOT", "secure_renego", "secure_client_renego", "CRIME_TLS", "FREAK", "DROWN", "LOGJAM", "BEAST",
         "LUCKY13", "RC4"]


def findings(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def judge(policy, found, accepted):
    """Problems, as text."""
    ids = {f["id"] for f in found}
    bad = ["%s was not answered" % i for i in ASKED if i not in ids]
    met = set()
    for f in found:
        if f["severity"] in ("OK", "INFO", "DEBUG"):
            continue
        mine = [a for a in accepted if a["id"] == f["id"] and a["finding"] in f["finding"]]
        met.update(a["id"] for a in mine)
        if not mine:
            bad.append("%(severity)s %(id)s: %(finding)s" % f)
    bad += ["the exception %s is not met" % a["id"] for a in accepted if a["id"] not in met and not a.get("may")]
    return bad


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        exceptions = json.load(f)
    failed = 0
    for n, policy in enumerate(("intermediate", "modern")):
        found = findings("%s/%s.json" % (sys.argv[2], policy))
        bad = judge(policy, found, [e for e in exceptions if policy in e["policies"]])
        for text in bad:
            print("# " + text)
        print("%sok %d - testssl.sh, %s: %d findings" % ("not " if bad else "", n + 100, policy, len(found)))
        failed |= bool(bad)
    return failed


if __name__ == "__main__":
    sys.exit(main())
