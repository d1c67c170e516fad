# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Name servers that answer wrongly, on ports 5301... of the first address given, by UDP and TCP; and silent ones on port 53 of the
others, which say in one line each how they were asked: "udp ADDRESS", "tcp ADDRESS"."""
import os
import select
import socket
import sys
import threading


def reply(q, flags=b"\x84\x00", counts=b"\x00\x01\x00\x00\x00\x00\x00\x00"):
    """The question and nothing more; without the signature that came with it."""
    end = 12
    while q[end]:
        end += 1 + q[end]
    end += 5
    flags = bytes([flags[0] | q[2] & 0x78]) + flags[1:]
    return q[:2] + flags + counts + q[12:end]


MODES = [
    (5301, lambda q, tcp: os.urandom(200)),
    (5302, lambda q, tcp: bytes([q[0] ^ 1]) + reply(q)[1:]),
    (5303, lambda q, tcp: reply(q, b"\x86\x00")),
    (5304, lambda q, tcp: q[:2] + b"\x84\x00"),
    (5305, lambda q, tcp: reply(q)),
    (5306, lambda q, tcp: q[:2] + b"\x84\x00\x00\x01\x00\x00\x00\x00\x00\x00\xc0\x0c\x00\x05\x00\x01"),
    (5307, lambda q, tcp: None if tcp else reply(q, b"\x86\x00")),
]


def udp(sock, answer):
    while True:
        q, peer = sock.recvfrom(65535)
        sock.sendto(answer(q, False), peer)


def tcp(sock, answer):
    while True:
        conn, _ = sock.accept()
        q = conn.recv(2, socket.MSG_WAITALL)
        a = answer(conn.recv(int.from_bytes(q, "big"), socket.MSG_WAITALL), True)
        # None: a length, a few octets, the end
        conn.sendall(len(a).to_bytes(2, "big") + a if a is not None else b"\x01\x00\x00\x00")
        conn.close()


def silent(addresses):
    heard, kept = {}, []
    for address in addresses:
        u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        u.bind((address, 53))
        heard[u] = "udp " + address
        heard[socket.create_server((address, 53))] = "tcp " + address
    while True:
        for sock in select.select(list(heard), [], [])[0]:
            print(heard[sock], flush=True)
            if heard[sock].startswith("udp"):
                sock.recv(65535)
            else:
                kept.append(sock.accept())


for port, how in MODES:
    u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    u.bind((sys.argv[1], port))
    threading.Thread(target=udp, args=(u, how), daemon=True).start()
    if port == 5303:
        continue
    t = socket.create_server((sys.argv[1], port))
    threading.Thread(target=tcp, args=(t, how), daemon=True).start()
print("ready", flush=True)
silent(sys.argv[2:]) if sys.argv[2:] else threading.Event().wait()
