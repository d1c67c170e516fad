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
from remake import remake


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


def hidden(exceptions, case, verdict):
    """Is this verdict about how certificates were made once, and the case is not?"""
    if not any(e.get("again") and e["ours"] in words(verdict) for e in exceptions):
        return False
    of_signatures = {"weakAlgorithm", "signatureMismatch"}
    if case["expected"] or verdict["reason"] != "weakAlgorithm":
        return True
    return bool(case.get("reasons")) and not of_signatures & set(case["reasons"])


class Tally:
    """What came out of a suite so far."""

    def __init__(self, suite, exceptions, verbose):
        self.suite, self.exceptions, self.verbose = suite, exceptions, verbose
        self.count, self.used = Counter(), Counter()

    def compare(self, case, verdict):
        """Counts one case."""
        good = agrees(case, verdict)
        e = None if good else excused(self.exceptions, case, verdict)
        what = "agree" if good else "listed" if e else "disagree"
        self.count[what] += 1
        if e:
            self.used[e["id"], e["ours"]] += 1
        if what == "disagree":
            wanted = "valid" if case["expected"] else "/".join(case.get("reasons") or ["invalid"])
            print("  not ok - %s/%s: expected %s, got %s" % (self.suite, case["id"], wanted, words(verdict)))
        elif self.verbose:
            print("# %s %s/%s: %s" % (what, self.suite, case["id"], words(verdict)))

    def unused(self):
        for e in self.exceptions:
            if not self.used[e["id"], e["ours"]]:
                self.count["disagree"] += 1
                print("  not ok - %s: exception without a case: %s: %s" % (self.suite, e["id"], e["ours"]))


def main(judge, suite, source, listed, verbose):
    with open(listed, encoding="utf-8") as f:
        exceptions = [e for e in json.load(f) if e["suite"] == suite]
    cases = list(importlib.import_module(suite).cases(source))
    if len({c["id"] for c in cases}) != len(cases):
        sys.exit("%s: two cases have one name" % suite)
    tally, skipped, again = Tally(suite, exceptions, verbose), Counter(), []
    verdicts = judged(judge, [c for c in cases if "skip" not in c])
    for c in cases:
        if "skip" in c:
            skipped[c["skip"]] += 1
            continue
        tally.compare(c, verdicts[c["id"]])
        # What hides behind an old way of making certificates is judged without it.
        if "chain" in c and hidden(exceptions, c, verdicts[c["id"]]):
            again.append(remake(c))
    skipped["not plain who signed, to make it again"] += again.count(None)
    again = [c for c in again if c]
    verdicts = judged(judge, again)
    for c in again:
        tally.compare(c, verdicts[c["id"]])
    tally.unused()
    count = tally.count
    for why, n in skipped.most_common():
        if n:
            print("# %s: %d skipped: %s" % (suite, n, why))
    print("# %s: %d cases were judged a second time, made again" % (suite, len(again)))
    good = not count["disagree"] and count["agree"]
    print("%s - %s # %d agree, %d differ and are listed, %d disagree, %d skipped" %
          ("ok" if good else "not ok", suite, count["agree"], count["listed"], count["disagree"],
           sum(skipped.values())))
    return 0 if good else 1


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main(*sys.argv[1:5], "-v" in sys.argv[5:]))
