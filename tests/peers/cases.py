# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the translators share: certificates out of PEM, and cases for the judge."""
import base64
import re

# Purposes by the numbers of the wire. webauthnRoot is the one that asks for no extended key usage.
SERVER, CLIENT, CODE, EMAIL, OCSP, ANY = 0, 1, 2, 3, 6, 7
ALL = 0xFF
OF_EKU = {
    "1.3.6.1.5.5.7.3.1": SERVER,
    "1.3.6.1.5.5.7.3.2": CLIENT,
    "1.3.6.1.5.5.7.3.3": CODE,
    "1.3.6.1.5.5.7.3.4": EMAIL,
    "1.3.6.1.5.5.7.3.9": OCSP,
}
POLICY = ("profile=rfc5280;time=any;clock_skew=0s;rsa_min=1024;schemes=all;"
          "algs=rsa,rsa-pss,p256,p384,p521,ed25519,ed448")

BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]*CERTIFICATE)-----(.*?)-----END \1-----", re.S)


def blocks(text):
    """(label, bytes) of each certificate in a text; what is not base64 is left out."""
    for label, body in BLOCK.findall(text):
        body = "".join(line for line in body.split() if line)
        try:
            yield label, base64.b64decode(body, validate=True)
        except ValueError:
            continue


def certs(text):
    return [tlv(der)[0] for _, der in blocks(text)]


def pem(der):
    body = base64.b64encode(der).decode()
    lines = [body[i : i + 64] for i in range(0, len(body), 64)]
    return "-----BEGIN CERTIFICATE-----\n" + "\n".join(lines) + "\n-----END CERTIFICATE-----\n"


def tlv(data):
    """(first element whole, what follows it) of DER; all of it if it is no DER."""
    if len(data) < 2:
        return data, b""
    n, at = data[1], 2
    if n & 0x80:
        at = 2 + (n & 0x7F)
        n = int.from_bytes(data[2:at], "big")
    return data[: at + n], data[at + n :]


def inside(data):
    """The elements that a constructed one holds."""
    n = data[1]
    rest = data[2 + (n & 0x7F if n & 0x80 else 0) :]
    while rest:
        first, rest = tlv(rest)
        yield first


def oid(element):
    numbers, value = [], 0
    for byte in element[2:]:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, [first, numbers[0] - 40 * first] + numbers[1:]))


def case(name, expected, chain, roots, time, purpose=ANY, host=None, policy=POLICY, reasons=None,
         purposes=None, distrust=()):
    """A chain to judge. @expected: is it valid? @reasons: ours that mean what the peer means, of
    which one must come out when it is not; None = any."""
    return {
        "id": name,
        "expected": expected,
        "reasons": reasons,
        "chain": [pem(c) for c in chain],
        "roots": [pem(c) for c in roots],
        "purposes": purposes or [ALL] * len(roots),
        "distrust": [pem(c) for c in distrust],
        "time": time,
        "purpose": purpose,
        "name": host,
        "policy": policy,
    }


def skip(name, why):
    return {"id": name, "skip": why}
