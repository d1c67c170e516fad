# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Makes a case's certificates again, the same but for what their time got wrong: SHA-1 and short
keys, criticality that RFC 5280 asks for, key identifiers. What the case is about can be judged then."""
import make
from cases import certs, inside, oid, pem
from make import der, extension, integer, seq

SKID, AKID, BASIC, CONSTRAINTS = "2.5.29.14", "2.5.29.35", "2.5.29.19", "2.5.29.30"
POOL = []


class Again:
    """One certificate, taken apart."""

    def __init__(self, data):
        fields = list(inside(next(inside(data))))
        self.version = fields.pop(0) if fields[0][0] == 0xA0 else b""
        self.serial, _, self.issuer, self.validity, self.subject, self.spki = fields[:6]
        self.extensions = []
        for element in fields[6:]:
            if element[0] == 0xA3:
                self.extensions = [list(inside(e)) for e in inside(next(inside(element)))]

    def value(self, kind):
        for e in self.extensions:
            if oid(e[0]) == kind:
                return e[-1]
        return None

    def is_ca(self):
        basic = self.value(BASIC)
        return basic is not None and b"\x01\x01\xff" in basic


def keys_of(parts):
    """One new key for each old one."""
    found = {}
    for p in parts:
        if p.spki not in found:
            if len(POOL) == len(found):
                POOL.append(make.Key())
            found[p.spki] = POOL[len(found)]
    return found


def signer(part, parts, keys):
    """The key that is to sign: that of the one certificate with the issuer's name."""
    if part.issuer == part.subject:
        return keys[part.spki]
    named = {p.spki for p in parts if p.subject == part.issuer}
    return keys[named.pop()] if len(named) == 1 else None


def extensions(part, key, by):
    """As they were, with key identifiers, and critical where it has to be."""
    out = [extension(SKID, False, der(4, key.id))] if part.is_ca() else []
    if part.issuer != part.subject:
        out.append(extension(AKID, False, seq(der(0x80, by.id))))
    for e in part.extensions:
        kind = oid(e[0])
        if kind not in (SKID, AKID):
            critical = len(e) == 3 and e[1][-1:] == b"\xff"
            must = kind == CONSTRAINTS or (kind == BASIC and part.is_ca())
            out.append(seq(e[0], der(1, b"\xff") if critical or must else b"", e[-1]))
    return der(0xA3, seq(*out))


def remake(case):
    """The case again, or None where it is not plain who signed."""
    lists = [[c for p in case[k] for c in certs(p)] for k in ("chain", "roots", "distrust")]
    made = {}
    try:
        parts = {data: Again(data) for some in lists for data in some}
        keys = keys_of(parts.values())
        for data, part in parts.items():
            key, by = keys[part.spki], signer(part, parts.values(), keys)
            if not by:
                return None
            tail = extensions(part, key, by) if part.version[-1:] == b"\x02" else b""
            serial = integer(1) if part.serial == b"\x02\x01\x00" else part.serial
            made[data] = make.signed(seq(part.version, serial, make.SHA256_RSA, part.issuer, part.validity,
                                         part.subject, key.spki, tail), by)
    except (IndexError, ValueError, StopIteration):
        return None
    again = [[pem(made[data]) for data in some] for some in lists]
    return dict(case, id=case["id"] + " (again)", chain=again[0], roots=again[1], distrust=again[2])
