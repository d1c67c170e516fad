# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Mbed TLS's tests/suites/test_suite_x509parse.data: verifications of the files of tests/data_files,
and certificates in hexadecimal, most of them broken in one place."""
import os
import re
from cases import ANY, POLICY, case, certs, pem, skip

# Flags of the result, and ours that mean the same. Revocation is judged elsewhere.
FLAGS = {
    "BADCERT_NOT_TRUSTED": ["unknownAnchor", "signatureMismatch", "policyViolation", "chainTooLong"],
    "BADCERT_CN_MISMATCH": ["nameMismatch"],
    "BADCERT_FUTURE": ["notYetValid"],
    "BADCERT_EXPIRED": ["expired"],
    "BADCERT_BAD_MD": ["weakAlgorithm"],
    "BADCERT_BAD_PK": ["weakAlgorithm"],
    "BADCERT_BAD_KEY": ["weakAlgorithm"],
}
# Their profiles that our policies can say.
PROFILES = {
    "": POLICY,
    "compat": POLICY,
    "all": POLICY,
    "next": POLICY.replace("rsa_min=1024", "rsa_min=2048"),
    "rsa3072": "profile=rfc5280;time=any;clock_skew=0s;rsa_min=3072;schemes=all;algs=rsa",
    "suite_b": "profile=rfc5280;time=any;clock_skew=0s;schemes=ecdsa-sha256,ecdsa-sha384;algs=p256,p384",
    "suiteb": "profile=rfc5280;time=any;clock_skew=0s;schemes=ecdsa-sha256,ecdsa-sha384;algs=p256,p384",
    "sha512": POLICY.replace("schemes=all", "schemes=rsa-pkcs1-sha512,ecdsa-sha512"),
}


def read(src, name):
    """Certificates of a file, PEM or DER; None if it is made by their build."""
    path = os.path.join(src, "tests", name)
    if not os.path.exists(path):
        return None
    with open(path, "rb") as f:
        data = f.read()
    return certs(data.decode("latin-1")) if b"-----BEGIN" in data else [data]


def arguments(line):
    return [a or b for a, b in re.findall(r':(?:"([^"]*)"|([^":]+))', line)] if '""' not in line else [
        a.strip('"') for a in re.findall(r':("[^"]*"|[^":]*)', line)]


def verification(src, label, chain, roots, host, flags, profile, now):
    if "REVOKED" in flags or "BADCRL" in flags:
        return skip(label, "revocation, judged by our own suites")
    if profile not in PROFILES:
        return skip(label, "profile " + profile)
    names = re.findall(r"BADCERT_\w+", flags)
    if any(n not in FLAGS for n in names):
        return skip(label, "result of a callback")
    chain = [read(src, n) for n in chain]
    roots = read(src, roots)
    if None in chain or roots is None:
        return skip(label, "a file that their build makes")
    return case(label, not names, [c for file in chain for c in file], roots, now, ANY, host,
                PROFILES[profile], [r for n in names for r in FLAGS[n]] or None)


def one(src, label, line, now):
    """A case of one line of data, or None."""
    kind = line.split(":", 1)[0]
    args = arguments(line)
    if kind == "x509_verify":
        if args[7] == "verify_none":
            return skip(label, "result of a callback")
        host = None if args[3] == "NULL" else args[3]
        return verification(src, label, [args[0]], args[1], host, args[5], args[6], now)
    if kind == "mbedtls_x509_crt_verify_chain":
        if args[2] == "-1" or args[3] == "-1":
            return skip(label, "errors of a callback, or a profile that does not exist")
        return verification(src, label, args[0].split(), args[1], None, args[2], args[4], now)
    if kind == "x509parse_crt":
        result = line.rsplit(":", 1)[1]
        return {"id": label, "expected": result == "0", "parse": pem(bytes.fromhex(args[0]))}
    return None


def cases(src):
    folder = os.path.join(src, "tests/data_files")
    now = int(max(os.path.getmtime(os.path.join(folder, f)) for f in os.listdir(folder)))
    with open(os.path.join(src, "tests/suites/test_suite_x509parse.data"), encoding="latin-1") as f:
        groups = f.read().split("\n\n")
    for n, group in enumerate(groups):
        lines = [l for l in group.splitlines() if l and not l.startswith("#")]
        if len(lines) > 1:
            made = one(src, "%03d %s" % (n, lines[0]), lines[-1], now)
            if made:
                yield made
