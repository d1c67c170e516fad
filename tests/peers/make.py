# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Makes the certificates that a suite describes but does not hold. The keys are thrown away."""
import base64
import hashlib
import re
import subprocess
from datetime import datetime, timezone
from cases import inside

SHA256_RSA = bytes.fromhex("300d06092a864886f70d01010b0500")
SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


def der(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    if n < 128:
        return bytes([tag, n]) + body
    size = (n.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + n.to_bytes(size, "big") + body


def seq(*parts):
    return der(0x30, *parts)


def integer(value):
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(text):
    first, second, *rest = map(int, text.split("."))
    out = b""
    for n in [first * 40 + second] + rest:
        part = bytes([n & 0x7F])
        while n > 0x7F:
            n >>= 7
            part = bytes([n & 0x7F | 0x80]) + part
        out += part
    return der(6, out)


class Key:
    """An RSA key."""

    def __init__(self, pem=None):
        if pem is None:
            pem = subprocess.run(["openssl", "genrsa", "2048"], check=True, stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL).stdout.decode()
        body = re.search(r"-----BEGIN (?:RSA )?PRIVATE KEY-----(.*?)-----END", pem, re.S).group(1)
        parts = list(inside(base64.b64decode("".join(body.split()))))
        if parts[1][0] == 0x30:  # PKCS#8 around PKCS#1
            parts = list(inside(parts[2][-int.from_bytes(parts[2][2:4], "big") :]))
        numbers = [int.from_bytes(self.content(p), "big") for p in parts]
        self.n, self.e, self.p, self.q, self.dp, self.dq, self.inverse = numbers[1:3] + numbers[4:9]
        public = seq(integer(self.n), integer(self.e))
        self.spki = seq(seq(oid("1.2.840.113549.1.1.1"), der(5)), der(3, b"\0", public))
        self.id = hashlib.sha1(public).digest()

    @staticmethod
    def content(element):
        n = element[1]
        return element[2 + (n & 0x7F if n & 0x80 else 0) :]

    def sign(self, tbs):
        size = (self.n.bit_length() + 7) // 8
        info = SHA256_INFO + hashlib.sha256(tbs).digest()
        padded = b"\0\1" + b"\xff" * (size - 3 - len(info)) + b"\0" + info
        m = int.from_bytes(padded, "big")
        a, b = pow(m, self.dp, self.p), pow(m, self.dq, self.q)
        return (b + (a - b) * self.inverse % self.p * self.q).to_bytes(size, "big")


def name(*attributes):
    """name(("2.5.4.3", "text"), ...)"""
    return seq(*(der(0x31, seq(oid(o), der(0x0C, v.encode()))) for o, v in attributes))


def when(seconds):
    text = datetime.fromtimestamp(seconds, timezone.utc).strftime("%y%m%d%H%M%SZ")
    return der(0x17, text.encode())


def extension(kind, critical, value):
    return seq(oid(kind), der(1, b"\xff") if critical else b"", der(4, value))


def signed(tbs, key):
    return seq(tbs, SHA256_RSA, der(3, b"\0", key.sign(tbs)))


def certificate(subject, issuer, key, issuer_key, serial, since, until, extensions):
    """With key identifiers of both keys."""
    ids = [extension("2.5.29.14", False, der(4, key.id)),
           extension("2.5.29.35", False, seq(der(0x80, issuer_key.id)))]
    tbs = seq(der(0xA0, integer(2)), integer(serial), SHA256_RSA, issuer, seq(when(since), when(until)),
              subject, key.spki, der(0xA3, seq(*ids, *extensions)))
    return signed(tbs, issuer_key)
