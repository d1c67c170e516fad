# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""GnuTLS's tests/test-chains.h and test-chains-issuer.h: tables of C, which the compiler reads; and
the names of tests/hostname-check.c."""
import json
import os
import re
import subprocess
import tempfile
from datetime import datetime, timezone
from cases import ANY, CLIENT, CODE, EMAIL, OCSP, SERVER, case, certs, inside, skip

PURPOSES = {"1.3.6.1.5.5.7.3.1": SERVER, "1.3.6.1.5.5.7.3.2": CLIENT, "1.3.6.1.5.5.7.3.3": CODE,
            "1.3.6.1.5.5.7.3.4": EMAIL, "1.3.6.1.5.5.7.3.9": OCSP, "": ANY}
DEFAULT_TIME = 1256803113  # chainverify.c

PRINT = r"""
#include <stdio.h>
#include <stddef.h>
#include <time.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include "%s"

static void text(const char *s)
{
	putchar('"');
	for (; s && *s; s++)
		if (*s == '\n')
			printf("\\n");
		else if (*s != '\r' && *s >= ' ' && *s != '"' && *s != '\\')
			putchar(*s);
	putchar('"');
}

static void texts(const char *key, const char **list, int one)
{
	printf(", \"%%s\": [", key);
	for (size_t i = 0; list && list[i] && !(one && i); i++) {
		if (i)
			putchar(',');
		text(list[i]);
	}
	putchar(']');
}

int main(void)
{
	for (size_t i = 0; chains[i].chain; i++) {
		unsigned int flags = chains[i].verify_flags, is = chains[i].expected_verify_result;

		printf("{\"name\": ");
		text(chains[i].name);
		texts("chain", chains[i].chain, 0);
		texts("ca", chains[i].ca, 1);
		printf(", \"notime\": %%d, \"profile\": %%u, \"lax\": %%d", !!(flags & GNUTLS_VERIFY_DISABLE_TIME_CHECKS),
		       GNUTLS_VFLAGS_TO_PROFILE(flags), !!(flags & GNUTLS_VERIFY_IGNORE_UNKNOWN_CRIT_EXTENSIONS));
		printf(", \"no_v1\": %%d", !!(flags & GNUTLS_VERIFY_DO_NOT_ALLOW_X509_V1_CA_CRT));
		printf(", \"unsorted\": %%d", !!(flags & GNUTLS_VERIFY_DO_NOT_ALLOW_UNSORTED_CHAIN));
		printf(", \"status\": [");
		if (is & GNUTLS_CERT_SIGNER_NOT_FOUND) printf("\"NOT_FOUND\",");
		if (is & GNUTLS_CERT_SIGNER_NOT_CA) printf("\"NOT_CA\",");
		if (is & GNUTLS_CERT_INSECURE_ALGORITHM) printf("\"INSECURE\",");
		if (is & GNUTLS_CERT_NOT_ACTIVATED) printf("\"NOT_ACTIVATED\",");
		if (is & GNUTLS_CERT_EXPIRED) printf("\"EXPIRED\",");
		if (is & GNUTLS_CERT_SIGNATURE_FAILURE) printf("\"SIGNATURE\",");
		if (is & GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE) printf("\"CONSTRAINTS\",");
		if (is & GNUTLS_CERT_PURPOSE_MISMATCH) printf("\"PURPOSE\",");
		if (is & GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS) printf("\"CRITICAL\",");
		printf("%%d]", is ? 1 : 0);
		%s
		printf("}\n");
	}
	return 0;
}
"""
MORE = {
    "test-chains.h": 'printf(", \\"time\\": %ld, \\"purpose\\": ", (long)chains[i].expected_time); '
                     'text(chains[i].purpose);',
    "test-chains-issuer.h": 'texts("insert", chains[i].insert, 0);',
}
# What the table expects, and ours that mean the same.
STATUS = {
    "NOT_FOUND": ["unknownAnchor"],
    "NOT_CA": ["policyViolation", "unknownAnchor"],
    "INSECURE": ["weakAlgorithm"],
    "NOT_ACTIVATED": ["notYetValid"],
    "EXPIRED": ["expired"],
    "SIGNATURE": ["signatureMismatch", "unknownAnchor"],
    "CONSTRAINTS": ["nameConstraintViolation", "chainTooLong", "policyViolation", "weakAlgorithm"],
    "PURPOSE": ["badEku", "policyViolation"],
    "CRITICAL": ["policyViolation"],
}


def table(src, header):
    """The rows of one header, as the compiler sees them."""
    with tempfile.TemporaryDirectory() as work:
        program = os.path.join(work, "print")
        text = PRINT % (header, MORE[header])
        subprocess.run(["cc", "-w", "-x", "c", "-", "-I", os.path.join(src, "tests"), "-o", program],
                       input=text.encode(), check=True)
        out = subprocess.run([program], check=True, stdout=subprocess.PIPE).stdout
    return [json.loads(line) for line in out.decode("latin-1").splitlines()]


def validity(cert):
    """(since, until) in seconds since 1970."""
    fields = list(inside(next(inside(cert))))
    fields = fields[1:] if fields[0][0] == 0xA0 else fields
    for element in inside(fields[3]):
        text = element[2:].decode().rstrip("Z")
        if element[0] == 0x17:
            text = ("19" if text[:2] >= "50" else "20") + text
        moment = datetime.strptime(text.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)
        yield int(moment.timestamp())


def anytime(chain):
    """A time when all are valid, or None."""
    times = [list(validity(c)) for c in chain]
    since, until = max(t[0] for t in times), min(t[1] for t in times)
    return since + 1 if since < until else None


def row(label, t):
    chain = [c for p in t["chain"] + t.get("insert", []) for c in certs(p)]
    roots = [c for p in t["ca"] for c in certs(p)]
    status = [s for s in t["status"] if isinstance(s, str)]
    if t["lax"]:
        return skip(label, "ignores unknown critical extensions")
    if t["unsorted"] and status:
        return skip(label, "wants the chain in order, which we never do (RFC 8446 section 4.4.2)")
    if t["no_v1"]:
        return skip(label, "refuses anchors of version 1, which we trust if they are put into a store")
    if t["profile"] > 1 and status == ["INSECURE"]:
        return skip(label, "a profile of key sizes")
    time = anytime(chain + roots) if t["notime"] else t.get("time") or DEFAULT_TIME
    if "time" not in t:
        time = anytime(chain + roots)
    if time is None:
        return skip(label, "no time when all certificates are valid")
    reasons = [r for s in status for r in STATUS[s]]
    return case(label, not t["status"][-1], chain, roots, time, PURPOSES[t.get("purpose", "")],
                reasons=reasons or None)


def hosts(text):
    """hostname-check.c: a certificate is read, then names are held against it."""
    pems = dict(re.findall(r"char (\w+)\[\] =\s*((?:\"[^;]*?\"\s*)+);", text))
    cert, n = None, 0
    for m in re.finditer(r"data\.data = \([^)]*\) ?(\w+);|check_hostname2?\(x509,\s*\"([^\"]*)\"(, \w+)?\);"
                         r"\s*if \((!?)ret\)", text):
        if m.group(1):
            cert = certs(pems.get(m.group(1), "").replace('"', "").replace("\\n", "\n"))[:1]
            continue
        if not cert:
            continue
        n += 1
        label = "hostname/%02d-%s" % (n, m.group(2))
        if m.group(3):
            yield skip(label, "hostname: wildcards forbidden by a flag")
            continue
        yield dict(case(label, m.group(4) == "!", cert, cert, anytime(cert), ANY, m.group(2)), names=True)


def cases(src):
    for header in MORE:
        rows = table(src, header)
        for i, t in enumerate(rows):
            yield row("%s/%02d %s" % (header[5:-2], i, t["name"]), t)
    with open(os.path.join(src, "tests/hostname-check.c"), encoding="latin-1") as f:
        yield from hosts(f.read())
