# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""OpenSSL's test/recipes/25-test_verify.t: calls of `openssl verify` on the files of test/certs."""
import os
import re
from cases import ALL, ANY, CLIENT, OF_EKU, POLICY, SERVER, blocks, case, certs, inside, oid, skip, tlv

PURPOSES = {"": ANY, "sslserver": SERVER, "sslclient": CLIENT}
ANY_EKU = "2.5.29.37.0"
CALL = re.compile(r'ok(?:_nofips)?\((!?)\s*verify\((.*?)\),\s*["\'](.*?)["\']\s*\);', re.S)
# A call whose exit status is to be that of a failure.
FAILS = re.compile(r"with\(\{ exit_checker => sub \{ return shift == 2; \} \},\s*sub \{\s*ok\(verify\(")
OTHER = re.compile(r"\b(?:run\(app|vfy_root)\(")

# What -auth_level N wants: bits of RSA, and from 1 on no MD5, from 2 on no SHA-1 (which we never take).
RSA_BITS = {0: 1024, 1: 1024, 2: 2048, 3: 3072}


def words(text):
    """The arguments of a call in Perl: strings, and lists of strings."""
    for m in re.finditer(r'\[\s*qw\((.*?)\)\s*\]|\[(.*?)\]|"(.*?)"|(@\w+)', text, re.S):
        if m.group(1) is not None:
            yield m.group(1).split()
        elif m.group(2) is not None:
            yield re.findall(r'"(.*?)"', m.group(2))
        else:
            yield m.group(3) if m.group(3) is not None else m.group(4)


def aux(label, der):
    """(certificate, trusted usages or None, refused usages) of a file of -trusted."""
    cert, rest = tlv(der)
    trust, reject = None, []
    if label == "TRUSTED CERTIFICATE" and rest:
        for element in inside(tlv(rest)[0]):
            if element[0] == 0x30 and trust is None:
                trust = [oid(e) for e in inside(element)]
            elif element[0] == 0xA0:
                reject = [oid(e) for e in inside(element)]
    return cert, trust, reject


def mask(usages):
    if ANY_EKU in usages:
        return ALL
    return sum(1 << OF_EKU[u] for u in set(usages) if u in OF_EKU)


def self_signed(cert):
    tbs = [e for e in inside(next(inside(cert)))]
    at = 1 if tbs[0][0] == 0xA0 else 0
    return tbs[at + 2] == tbs[at + 4]


def read(folder, name):
    with open(os.path.join(folder, name + ".pem"), encoding="latin-1") as f:
        return f.read()


def options(opts):
    """(policy, partial chain?, time or None, reason to skip or None)."""
    policy = {"rsa_min": "1024"}
    partial, time, opts = False, None, list(opts)
    while opts:
        o = opts.pop(0)
        if o == "-partial_chain":
            partial = True
        elif o == "-auth_level":
            policy["rsa_min"] = str(RSA_BITS[int(opts.pop(0))])
        elif o == "-verify_depth":
            policy["max_chain"] = str(int(opts.pop(0)) + 2)
        elif o == "-attime":
            time = int(opts.pop(0))
        elif o == "-policy":
            policy["policies"] = opts.pop(0)
        elif o == "-explicit_policy":
            policy["explicit_policy"] = "yes"
        elif o not in ("-x509_strict", "-policy_check", "-check_ss_sig", "@prov"):
            return None, False, None, "option " + o
    text = POLICY.replace(";rsa_min=1024", "")
    return text + "".join(";%s=%s" % kv for kv in policy.items()), partial, time, None


def translate(folder, number, good, args, now):
    leaf, purpose, trusted, untrusted, opts = args[0], args[1], args[2], args[3], args[4:]
    name = "%03d-%s" % (number, leaf)
    policy, partial, time, why = options(opts)
    if why:
        return skip(name, why)
    purpose = PURPOSES[purpose]
    roots, purposes, distrust, others = [], [], [], []
    for file in trusted:
        for label, der in blocks(read(folder, file)):
            cert, trust, reject = aux(label, der)
            if mask(reject) >> (SERVER if purpose == ANY else purpose) & 1:
                distrust.append(cert)  # a CA is refused, not one certificate of it
            # A store may hold issuers that are no anchors: those that did not sign themselves.
            elif self_signed(cert) or partial or trust is not None:
                roots.append(cert)
                purposes.append(ALL if trust is None else mask(trust))
            else:
                others.append(cert)
    for file in untrusted:
        others += certs(read(folder, file))
    chain = certs(read(folder, leaf))[:1] + others
    return case(name, good, chain, roots, time or now, purpose, None, policy, None, purposes, distrust)


def cases(src):
    folder = os.path.join(src, "test/certs")
    with open(os.path.join(src, "test/recipes/25-test_verify.t"), encoding="utf-8") as f:
        recipe = f.read()
    now = int(max(os.path.getmtime(os.path.join(folder, f)) for f in os.listdir(folder)))
    recipe = FAILS.sub("ok(!verify(", recipe)
    number = 0
    for bang, args, _ in CALL.findall(recipe):
        number += 1
        yield translate(folder, number, not bang, list(words(args)), now)
    for _ in OTHER.findall(recipe):
        number += 1
        yield skip("%03d" % number, "about files and options of the command, or revocation")
