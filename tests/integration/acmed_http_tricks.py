#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""acmed_http_tricks.py SOCKET TOKEN STATUS...: request lines that lead to TOKEN, or out of its folder, for a reader who decodes,
joins, cuts or folds paths. Each must be answered with one of STATUS, and never with what TOKEN is published for."""

import socket
import sys

path, token, *allowed = sys.argv[1:]
T = token.encode()
W = b"/.well-known/acme-challenge/"
escaped = b"".join(b"%%%02x" % c for c in T)
long = b"A" * 4000

PATHS = [
    # up and down
    W + b"../" + T, W + b"./" + T, W + T + b"/", W + T + b"/.", W + T + b"/..", W + T + b"/../" + T, W + b"x/../" + T,
    W + b"../acme-challenge/" + T, W + b"../../etc/passwd", W + b"..", W + b".", W, b"/", b"/etc/passwd",
    b"/.well-known/../.well-known/acme-challenge/" + T, b"/.." + W + T, b"/." + W + T,
    # escaped once, twice, overlong, wide
    W + b"%2e%2e/" + T, W + b"%2e/" + T, W + b"x/%2e%2e/" + T, W + b"x/..%2f" + T, W + b"x%2f..%2f" + T, W + b"%2e%2e%2fetc%2fpasswd",
    W + b"%252e%252e/" + T, W + b"x/%252e%252e/" + T, W + b"x/%252e%252e%252f" + T, W + escaped, W + T[:-1] + b"%%%02x" % T[-1],
    W + b"x/%c0%ae%c0%ae/" + T, W + b"x/%ef%bc%8e%ef%bc%8e/" + T, W + b"x/\xc0\xae\xc0\xae/" + T, W[:-1] + b"%2f" + T,
    b"/%2ewell-known/acme-challenge/" + T, b"/.well%2dknown/acme-challenge/" + T, W + b"%u002e%u002e/" + T, W + T + b"%", W + T + b"%zz",
    # more slashes than one, and others
    W + b"/" + T, b"/" + W + T, b"//.well-known//acme-challenge//" + T, b"///" + T, W + b"..\\" + T, W + b"\\" + T, W + b"x\\..\\" + T,
    # parameters, queries, fragments
    W + T + b";x", W + T + b"%3bx", W + b";/" + T, W + b";x/" + T, W + T + b"?", W + T + b"?x=1", W + b"?" + T, W + T + b"#", W + b"x/..;/" + T,
    # ends that a reader in C, or of lines, would see
    W + T + b"\0", W + T + b"\0x", W + T + b"%00", W + T + b"%00.txt", W + b"%00" + T, W + T + b"%0a", W + T + b"%0d%0a", W + T + b"\t",
    W + T + b"%20", W + T + b"\x7f", W + T + b"\xff", W + T + b"\r",
    # other names
    W.upper() + T, W + T.swapcase(), W + T[:-1], W + T + b"A", W + T + b".", W + T + b"=", W + T + b"*", W + T + b"~", W + b"*", W + T + b"," + T,
    b"/.well-known/acme-challenge" + T, b"/.well-known/" + T, b"/" + T, b"*", T, b"", W[1:] + T,
    # too long
    W + T + long, W + long, W + b"../" * 300 + T, W + T + b"/." * 2000, W + T + b"%00" * 300, b"/" + long + W + T, W + long * 3,
    # elsewhere
    b"http://x" + W + b"../" + T, b"http://x" + W + b"%2e%2e/" + T, b"http://x//" + W + T, b"http:" + W + T, b"http://" + W + T,
    b"file://" + W + T, b"https://x@y" + W + b"x/../" + T, b"//x" + W + T, b"http://x" + W + T + b";", b"x:80",
]


def status(line):
    """What comes for this request line: status and all of it."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(60)
        s.connect(path)
        try:
            s.sendall(line + b"\r\nHost: www.example.org\r\nConnection: close\r\n\r\n")
        except BrokenPipeError:
            pass
        data = b""
        while more := s.recv(65536):
            data += more
    return data.split(b" ", 2)[1].decode() if data.startswith(b"HTTP/1.") else "none", data


bad = 0
lines = [b"GET " + p + b" HTTP/1.1" for p in PATHS]
lines += [b"GET\t" + W + T + b" HTTP/1.1", b"GET " + W + T + b" HTTP/1.1 x", b" GET " + W + T + b" HTTP/1.1",
          b"GET " + W + T + b" HTTP/1.1\0", b"G\0ET " + W + T + b" HTTP/1.1"]
for line in lines:
    got, data = status(line)
    if got not in allowed or T + b"." in data:
        bad += 1
        print(f"{line[:150]!r}: {got} {data[-60:]!r}")
print(f"{len(lines)} request lines, {bad} not refused")
sys.exit(bad > 0)
