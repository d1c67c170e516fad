# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The webpki crate: its three chains, and its tables of names, for which certificates are made."""
import ast
import os
import re
import make
from cases import SERVER, case, skip
from make import der, extension, seq

STRING = r'b"((?:\\.|[^"\\])*)"'
PAIR = re.compile(r"\(\s*" + STRING + r"\s*,\s*(true|false),?\s*\)")
TRIPLE = re.compile(r"\(\s*" + STRING + r"\s*,\s*" + STRING + r"\s*,\s*(Some\(true\)|Some\(false\)|None),?\s*\)")
NOW = 1500000000


def unquote(text):
    return ast.literal_eval('b"%s"' % text.replace("\n", ""))


class Issuer:
    """A root, and leaves with one dNSName."""

    def __init__(self):
        self.key, self.leaf_key = make.Key(), make.Key()
        self.name = make.name(("2.5.4.3", "Root"))
        ext = [extension("2.5.29.19", True, seq(der(1, b"\xff"))), extension("2.5.29.15", True, der(3, b"\2\4"))]
        self.root = make.certificate(self.name, self.name, self.key, self.key, 1, NOW - 9, NOW + 9, ext)

    def leaf(self, presented):
        ext = [extension("2.5.29.17", False, seq(der(0x82, presented)))]
        subject = make.name(("2.5.4.10", "Leaf"))
        return make.certificate(subject, self.name, self.leaf_key, self.key, 2, NOW - 9, NOW + 9, ext)


def named(issuer, label, presented, reference, good):
    try:
        host = reference.decode("utf-8")
    except UnicodeDecodeError:
        return skip(label, "a name that is no text")
    if "\0" in host or not host:
        return skip(label, "a name that a caller cannot ask for")
    return case(label, good, [issuer.leaf(presented)], [issuer.root], NOW, SERVER, host)


def between(text, start):
    """A table, from its name to the line that ends it."""
    return re.search(start + r".*?\n\s*\];", text, re.S).group(0)


def cases(src):
    def read(*names):
        with open(os.path.join(src, *names), "rb") as f:
            return f.read()

    files = ["ee.der", "inter.der", "ca.der"]
    yield case("netflix", True, [read("tests/netflix", f) for f in files[:2]],
               [read("tests/netflix", "ca.der")], 1492441716, SERVER)
    yield case("ed25519", True, [read("tests/ed25519", "ee.der")], [read("tests/ed25519", "ca.der")],
               1547363522, SERVER)
    for f in ("serial_zero", "serial_neg"):
        data = read("tests/misc", f + ".der")
        yield dict(case(f, True, [data], [data], NOW), parse=case("", True, [data], [], 0)["chain"][0])
    issuer = Issuer()
    text = read("tests/dns_name_tests.rs").decode("utf-8")
    for i, (name, good) in enumerate(PAIR.findall(text)):
        name = unquote(name)
        # A certificate that has the very name: what is no name must not match even so.
        yield named(issuer, "validity/%03d %r" % (i, name), name.rstrip(b"."), name, good == "true")
    text = between(read("src/name/dns_name.rs").decode("utf-8"), "PRESENTED_MATCHES_REFERENCE")
    for i, (presented, reference, good) in enumerate(TRIPLE.findall(text)):
        presented, reference = unquote(presented), unquote(reference)
        yield named(issuer, "matches/%03d %r %r" % (i, presented, reference), presented, reference,
                    good == "Some(true)")
