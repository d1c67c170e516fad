# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Go's crypto/x509: chains of verify_test.go, and name_constraints_test.go, of which the table says
what certificates to make."""
import ipaddress
import os
import make
from cases import ANY, CLIENT, CODE, EMAIL, SERVER, case, certs, skip
from golang import constants, literal
from make import der, extension, oid, seq

PURPOSES = {"Any": ANY, "ServerAuth": SERVER, "ClientAuth": CLIENT, "EmailProtection": EMAIL,
            "CodeSigning": CODE}
USAGES = {
    "serverAuth": "1.3.6.1.5.5.7.3.1",
    "clientAuth": "1.3.6.1.5.5.7.3.2",
    "email": "1.3.6.1.5.5.7.3.4",
    "netscapeSGC": "2.16.840.1.113730.4.1",
    "msSGC": "1.3.6.1.4.1.311.10.3.3",
    "any": "2.5.29.37.0",
    "other": "2.4.1.2.3",
}
SEVERAL = "several usages, of which one must do"
# Kinds of error, and ours that mean the same.
ERRORS = {
    "expectHostnameError": ["nameMismatch"],
    "expectExpired": ["expired", "notYetValid"],
    "expectUsageError": ["badEku"],
    "expectAuthorityUnknown": ["unknownAnchor"],
    "expectHashError": ["weakAlgorithm"],
    "expectNameConstraintsError": ["nameConstraintViolation"],
    "expectNotAuthorizedError": ["policyViolation"],
    "expectUnhandledCriticalExtension": ["policyViolation"],
}


def purposes(usages):
    """All that were asked for, of which one must do: those we know."""
    return [PURPOSES[u.replace("ExtKeyUsage", "")] for u in usages or ["ExtKeyUsageServerAuth"]]


def chains(text):
    """The tests of verify_test.go."""
    for i, t in enumerate(literal(text, "verifyTests", constants(text))):
        label = "verify/%02d-%s" % (i, t.get("name", "unnamed"))
        wanted = purposes(t.get("keyUsages"))
        if len(wanted) > 1:
            yield skip(label, SEVERAL)
            continue
        error = t.get("errorCallback")
        chain = certs(t["leaf"]) + [c for p in t.get("intermediates", []) for c in certs(p)]
        roots = [c for p in t.get("roots", []) for c in certs(p)]
        host = t.get("dnsName", "").strip("[]") or None
        yield case(label, error is None, chain, roots, t["currentTime"], wanted[0], host,
                   reasons=ERRORS.get(error))


def address(text):
    return ipaddress.ip_address(text).packed


def general_name(text, constraint):
    kind, value = text.split(":", 1)
    if kind == "dns":
        return der(0x82, value.encode())
    if kind == "email":
        return der(0x81, value.encode())
    if kind == "uri":
        return der(0x86, value.encode())
    if kind == "invalidip":
        return der(0x87, bytes.fromhex(value))
    if kind == "unknown":
        return der(0x89, b"\1")
    if constraint:
        net = ipaddress.ip_network(value, strict=False)
        return der(0x87, net.network_address.packed + net.netmask.packed)
    return der(0x87, address(value))


def usages(names):
    if not names:
        return []
    return [extension("2.5.29.37", False, seq(*(oid(USAGES[n]) for n in names)))]


def authority(spec, label, parent, key, parent_key, serial):
    ext = [extension("2.5.29.19", True, seq(der(1, b"\xff"))),
           extension("2.5.29.15", True, der(3, b"\2\4"))] + usages(spec.get("ekus"))
    trees = b""
    for tag, which in ((0xA0, "ok"), (0xA1, "bad")):
        names = [seq(general_name(c, True)) for c in spec.get(which, [])]
        trees += der(tag, *names) if names else b""
    if trees:
        ext.append(extension("2.5.29.30", True, seq(trees)))
    return make.certificate(label, parent, key, parent_key, serial, 1000, 2000, ext)


def end_entity(spec, parent, key, parent_key):
    ext = [extension("2.5.29.15", True, der(3, b"\7\x80"))] + usages(spec.get("ekus"))
    sans = [general_name(s, False) for s in spec.get("sans", [])]
    if sans:
        ext.append(extension("2.5.29.17", False, seq(*sans)))
    attributes = [("2.5.4.11", "Leaf")] + ([("2.5.4.3", spec["cn"])] if spec.get("cn") else [])
    return make.certificate(make.name(*attributes), parent, key, parent_key, 99, 1000, 2000, ext)


def expectation(error):
    if not error:
        return True, None
    if error == "incompatible key usage":
        return False, ["badEku"]
    return False, ["nameConstraintViolation", "policyViolation"]


def constraints(text):
    """The tests of name_constraints_test.go."""
    keys = [make.Key() for _ in range(5)]
    for i, t in enumerate(literal(text, "nameConstraintsTests")):
        parent = make.name(("2.5.4.3", "Root %d" % i))
        roots = [authority(s, parent, parent, keys[0], keys[0], n + 1) for n, s in enumerate(t["roots"])]
        others = []
        for level, specs in enumerate(t.get("intermediates", [])):
            label = make.name(("2.5.4.3", "Intermediate level %d" % level))
            others += [authority(s, label, parent, keys[level + 1], keys[level], 10 * level + n + 10)
                       for n, s in enumerate(specs)]
            parent = label
        level = len(t.get("intermediates", []))
        leaf = end_entity(t["leaf"], parent, keys[4], keys[level])
        good, reasons = expectation(t.get("expectedError"))
        wanted = purposes(t.get("requestedEKUs"))  # Go asks for a server's if none is named
        if len(wanted) > 1:
            yield skip("constraints/%02d" % i, SEVERAL)
            continue
        yield case("constraints/%02d" % i, good, [leaf] + others, roots, 1500, wanted[0],
                   reasons=reasons)


def cases(src):
    folder = os.path.join(src, "crypto/x509")
    with open(os.path.join(folder, "verify_test.go"), encoding="utf-8") as f:
        yield from chains(f.read())
    with open(os.path.join(folder, "name_constraints_test.go"), encoding="utf-8") as f:
        yield from constraints(f.read())
