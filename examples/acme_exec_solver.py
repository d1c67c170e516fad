#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A program for a solver of type exec of capcert-acmed: dns-01 by nsupdate, http-01 as a file of a web server.

    [solver own]                                    # capcert-acme.conf(5)
    type = exec
    program = /usr/local/libexec/acme_exec_solver.py
    challenge = dns-01

It is run without arguments, once to publish a challenge and once to withdraw it, and reads one line of JSON from standard
input. What it may change stands in a file beside it, acme_exec_solver.py.conf:

    [dns-01]
    zone = example.org
    server = 192.0.2.53                 # the primary; a port may follow: 192.0.2.53 5353
    key = /etc/capcert/acme-exec.key    # as tsig-keygen prints it; for the daemon's user to read
    check = 192.0.2.53 198.51.100.53    # who must have a record before the CA looks; default: server

    [http-01]
    folder = /var/www/acme              # served as /.well-known/acme-challenge/; for the daemon's user to write

capcert-acmed.service may write nowhere else: a drop-in with ReadWritePaths=/var/www/acme lets this program do it.
Exit status 0: done, and the CA can see it. Anything else is a failure, and standard error is in the daemon's log. A withdrawal
comes also after a crash, so there may be nothing to take away: that is no failure."""

import configparser
import json
import os
import re
import subprocess
import sys
import time

POLL_SECONDS = 0.5
TTL = 60


class Refused(Exception):
    """What is asked is not ours to do, or could not be done."""


def need(value, pattern, what):
    """Everything in a challenge comes from a CA in the end. What is used is exactly what it has to be."""
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise Refused(f"{what} {value!r} is none")
    return value


# ---- dns-01: one TXT record, which may stand beside others

def nsupdate(settings, line):
    host, *port = settings["server"].split()
    text = f"server {host} {' '.join(port)}\nzone {settings['zone']}.\n{line}\nsend\n"
    done = subprocess.run(["nsupdate", "-k", settings["key"], "-t", "20"], input=text, text=True, stderr=subprocess.PIPE)
    if done.returncode:
        raise Refused(f"{host} does not take the update: {done.stderr.strip() or done.returncode}")


def has(server, name, text):
    """Straight from the server: no cache in between has yesterday's answer. Servers: "ADDRESS", "ADDRESS PORT"."""
    host, *port = server.split()
    done = subprocess.run(["dig", "+short", "+norecurse", "+time=2", "+tries=2", *(["-p", port[0]] if port else []),
                           "@" + host, name, "TXT"], stdout=subprocess.PIPE, text=True)
    return done.returncode == 0 and f'"{text}"' in done.stdout.splitlines()


def dns(settings, action, challenge):
    zone = settings["zone"].strip(".").lower()
    name = need(challenge["record"], r"_acme-challenge(\.[a-z0-9_-]{1,63})+", "record")
    text = need(challenge["text"], r"[A-Za-z0-9_-]{43}", "text")
    if not name.endswith("." + zone):
        raise Refused(f"{name} is not in {zone}")
    if action == "withdraw":
        nsupdate(settings, f'update delete {name}. TXT "{text}"')
        return
    nsupdate(settings, f'update add {name}. {TTL} TXT "{text}"')
    # Until all have it. The daemon ends us when its timeout is over, and withdraws.
    waits = settings["check"].split() if "check" in settings else [settings["server"]]
    while waits := [server for server in waits if not has(server, name, text)]:
        time.sleep(POLL_SECONDS)


# ---- http-01: one file, called as its token

def http(settings, action, challenge):
    token = need(challenge["token"], r"[A-Za-z0-9_-]{16,128}", "token")
    text = need(challenge["key_authorization"], re.escape(token) + r"\.[A-Za-z0-9_-]{43}", "key authorization")
    path = os.path.join(settings["folder"], token)
    if action == "withdraw":
        if os.path.lexists(path):
            os.unlink(path)
        return
    # Under another name first: nobody sees half of it.
    fd = os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    with os.fdopen(fd, "w") as file:
        file.write(text)
        os.fchmod(file.fileno(), 0o644)
    os.rename(path + ".new", path)


def main():
    path = os.path.abspath(__file__) + ".conf"
    config = configparser.ConfigParser(interpolation=None, inline_comment_prefixes="#")
    if not config.read(path):
        raise Refused(f"{path} is not there: the text at the top of {__file__} has what belongs into it")
    challenge = json.load(sys.stdin)
    action = need(challenge["action"], "publish|withdraw", "action")
    kind = need(challenge["type"], "dns-01|http-01", "type")
    if kind not in config:
        raise Refused(f"{path} has no [{kind}]")
    {"dns-01": dns, "http-01": http}[kind](config[kind], action, challenge)


try:
    main()
except (Refused, KeyError, ValueError, OSError, configparser.Error) as error:
    sys.exit(f"{sys.argv[0]}: {type(error).__name__}: {error}")
