# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Judges the cases of one suite and compares: peers.py JUDGE SUITE SOURCE EXCEPTIONS [-v]

Prints a line for each disagreement and one for the suite; exit status 1 if it is not ok."""
import fnmatch
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter


def judged(judge, cases):
    """Verdicts by id."""
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "cases.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(cases, f)
        out = subprocess.run([judge, path], check=True, stdout=subprocess.PIPE).stdout
    return {v["id"]: v for v in map(json.loads, out.decode().splitlines())}


def agrees(case, verdict):
    if case["expected"] != verdict["valid"]:
        return False
    return verdict["valid"] or not case.get("reasons") or verdict["reason"] in case["reasons"]


def words(verdict):
    if verdict["valid"]:
        return "valid"
    return "%s: %s" % (verdict["reason"], verdict["detail"])


def excused(exceptions, case, verdict):
    """The first exception that says exactly this."""
    for e in exceptions:
        # What we accept and they do not is listed one by one.
        exact = e["ours"] == "valid"
        same = case["id"] == e["id"] if exact else fnmatch.fnmatchcase(case["id"], e["id"])
        if same and e["ours"] in words(verdict):
            return e
    return None


def main(judge, suite, source, listed, verbose):
    with open(listed, encoding="utf-8") as f:
        exceptions = [e for e in json.load(f) if e["suite"] == suite]
    cases = list(importlib.import_module(suite).cases(source))
    if len({c["id"] for c in cases}) != len(cases):
        sys.exit("%s: two cases have one name" % suite)
    verdicts = judged(judge, [c for c in cases if "skip" not in c])
    count, skipped, used = Counter(), Counter(), Counter()
    for c in cases:
        if "skip" in c:
            skipped[c["skip"]] += 1
            continue
        v = verdicts[c["id"]]
        e = None if agrees(c, v) else excused(exceptions, c, v)
        what = "agree" if agrees(c, v) else "listed" if e else "disagree"
        count[what] += 1
        if e:
            used[e["id"], e["ours"]] += 1
        if what == "disagree":
            wanted = "valid" if c["expected"] else "/".join(c.get("reasons") or ["invalid"])
            print("  not ok - %s/%s: expected %s, got %s" % (suite, c["id"], wanted, words(v)))
        elif verbose:
            print("# %s %s/%s: %s" % (what, suite, c["id"], words(v)))
    for e in exceptions:
        if not used[e["id"], e["ours"]]:
            count["disagree"] += 1
            print("  not ok - %s: exception without a case: %s: %s" % (suite, e["id"], e["ours"]))
    for why, n in skipped.most_common():
        print("# %s: %d skipped: %s" % (suite, n, why))
    good = not count["disagree"] and count["agree"]
    print("%s - %s # %d agree, %d differ and are listed, %d disagree, %d skipped" %
          ("ok" if good else "not ok", suite, count["agree"], count["listed"], count["disagree"],
           sum(skipped.values())))
    return 0 if good else 1


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main(*sys.argv[1:5], "-v" in sys.argv[5:]))
