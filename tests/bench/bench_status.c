/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A verification whose status was fetched, made again, in a guest with a responder: what it costs, and by
 * the module's own counters whether anybody was asked for it.
 * bench_status DIR: ca.pem, leaf.pem (www.example, names the responder) and ocsp.resp, what that one says. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <gnutls/ocsp.h>
#include <gnutls/x509.h>
#include <nettle/sha2.h>

#include <capcert/verify.h>
#include "tests/bench/report.h"

#define NAME "www.example"
#define POLICY "profile=rfc5280"
#define ASKS POLICY ";revocation=ocsp;revocation_mode=hard;revocation_scope=leaf"

static struct {
	int store, asks, plain, null;
	capcert_chain *chain;
	capcert_cert *leaf;
	gnutls_x509_crt_t gnutls_leaf, gnutls_ca;
	gnutls_x509_trust_list_t trust;
	gnutls_datum_t response;
} b;

static void check(int r, const char *what)
{
	if (r >= 0)
		return;
	fprintf(stderr, "bench_status: %s: %s\n", what, capcert_strerror(r));
	exit(1);
}

static void fail(const char *what)
{
	fprintf(stderr, "bench_status: %s\n", what);
	exit(1);
}

static int32_t new_key(const char *type, const char *name, const char *payload)
{
	long serial = syscall(SYS_add_key, type, name, payload, payload ? strlen(payload) : 0,
			      -2 /* process keyring */);

	if (serial < 0)
		fail(type);
	return (int32_t)serial;
}

static int verifier(const char *name, const char *policy)
{
	int fd;

	check(capcert_open(new_key("capverify", name, policy),
			   CAPCERT_RIGHT_VERIFY | CAPCERT_RIGHT_FETCH, &fd),
	      policy);
	return fd;
}

static struct capcert_status counters(void)
{
	struct capcert_status s = { .size = sizeof(s) };

	check(capcert_get_status(&s), "status");
	return s;
}

static void verify(int fd, struct capcert_fetches *fetches)
{
	static struct capcert_result result;
	struct capcert_params params = {
		.chain = b.chain, .name = NAME, .timeout_ms = 60000, .fetches = fetches
	};

	check(capcert_verify(fd, b.store, &params, &result, NULL), "verify");
	if (!result.outcome.valid)
		fail(result.outcome.detail);
}

static void with_status(void *arg, unsigned int n)
{
	(void)arg;
	while (n--)
		verify(b.asks, NULL);
}

static void without(void *arg, unsigned int n)
{
	(void)arg;
	while (n--)
		verify(b.plain, NULL);
}

static void by_gnutls(void *arg, unsigned int n)
{
	gnutls_typed_vdata_st host = { .type = GNUTLS_DT_DNS_HOSTNAME,
				       .data = (unsigned char *)(uintptr_t)NAME };
	gnutls_ocsp_resp_t response;
	unsigned int status, leaf_status;

	(void)arg;
	while (n--) {
		if (gnutls_x509_trust_list_verify_crt2(b.trust, &b.gnutls_leaf, 1, &host, 1, 0,
						       &status, NULL) < 0 ||
		    status || gnutls_ocsp_resp_init(&response) < 0 ||
		    gnutls_ocsp_resp_import(response, &b.response) < 0 ||
		    gnutls_ocsp_resp_verify_direct(response, b.gnutls_ca, &status, 0) < 0 ||
		    status || gnutls_ocsp_resp_check_crt(response, 0, b.gnutls_leaf) < 0 ||
		    gnutls_ocsp_resp_get_single(response, 0, NULL, NULL, NULL, NULL, &leaf_status,
						NULL, NULL, NULL, NULL) < 0 ||
		    leaf_status != GNUTLS_OCSP_CERT_GOOD)
			fail("GnuTLS does not call it good");
		gnutls_ocsp_resp_deinit(response);
	}
}

static void by_hash(void *arg, unsigned int n)
{
	uint8_t digest[32];
	size_t len;
	const uint8_t *der = capcert_cert_der(b.leaf, &len);

	(void)arg;
	while (n--) {
		struct sha256_ctx ctx;

		sha256_init(&ctx);
		sha256_update(&ctx, len, der);
		sha256_digest(&ctx, sizeof(digest), digest);
		if (ioctl(b.null, CAPCERT_VERSION, digest) == 0)
			fail("the floor");
	}
}

static gnutls_x509_crt_t gnutls_cert(const gnutls_datum_t *pem)
{
	gnutls_x509_crt_t crt;

	if (gnutls_x509_crt_init(&crt) < 0 ||
	    gnutls_x509_crt_import(crt, pem, GNUTLS_X509_FMT_PEM) < 0)
		fail("GnuTLS reads no certificate");
	return crt;
}

static gnutls_datum_t load(const char *dir, const char *name)
{
	gnutls_datum_t d;
	char path[512];
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	d.data = report_file(path, &n);
	d.size = (unsigned int)n;
	return d;
}

static void set_up(const char *dir)
{
	const gnutls_datum_t ca = load(dir, "ca.pem"), leaf = load(dir, "leaf.pem");
	capcert_cert *cert;
	uint8_t pin[32];
	const uint8_t *der;
	size_t n;

	check(capcert_cert_new(ca.data, ca.size, &cert, NULL), "ca.pem");
	check(capcert_cert_new(leaf.data, leaf.size, &b.leaf, NULL), "leaf.pem");
	check(capcert_chain_new(&b.chain), "chain");
	check(capcert_chain_push(b.chain, b.leaf), "chain");
	check(capcert_open(new_key("captrust", "bench-status", NULL),
			   CAPCERT_RIGHT_VERIFY | CAPCERT_RIGHT_ADD, &b.store),
	      "store");
	der = capcert_cert_der(cert, &n);
	capcert_cert_spki_hash(cert, CAPCERT_HASH_SHA256, pin);
	check(capcert_store_add(b.store, der, n, 0, pin, NULL), "anchor");
	b.asks = verifier("asks", ASKS);
	b.plain = verifier("plain", POLICY);
	b.null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	b.gnutls_ca = gnutls_cert(&ca);
	b.gnutls_leaf = gnutls_cert(&leaf);
	if (gnutls_x509_trust_list_init(&b.trust, 0) < 0 ||
	    gnutls_x509_trust_list_add_cas(b.trust, &b.gnutls_ca, 1, 0) != 1)
		fail("GnuTLS takes no anchor");
}

/* Twice at most somebody is asked: for a verdict without status, and for one with it. */
static void first(void)
{
	static struct capcert_fetches fetches;
	const struct capcert_status before = counters();
	struct capcert_status after;

	verify(b.asks, &fetches);
	after = counters();
	if (fetches.count != 1 || fetches.item[0].error ||
	    fetches.item[0].status != CAPCERT_OCSP_GOOD)
		fail("the status was not fetched");
	report("status agent asked, first verification",
	       (double)(after.status_requests - before.status_requests), 1, "the goal", "  ");
}

/* The second time: each one hit, and nobody was asked for anything. */
static void again(void)
{
	struct report_case c[] = { { "with", with_status, NULL, 400, 0 },
				   { "without", without, NULL, 400, 0 },
				   { "floor", by_hash, NULL, 400, 0 },
				   { "gnutls", by_gnutls, NULL, 4, 0 } };
	const double scale = getenv("BENCH_ICOUNT") ? 1 / 8.0 : 1;
	const char *unit = getenv("BENCH_ICOUNT") ? "ki" : "us";
	struct capcert_status before, after;
	const unsigned int n = 100;

	verify(b.asks, NULL);
	verify(b.plain, NULL);
	before = counters();
	with_status(NULL, n);
	after = counters();
	report("hits of the cache, each later one",
	       (double)(after.cache_hits - before.cache_hits) / n, 1, "the goal", "  ");
	if (after.cache_hits - before.cache_hits != n || after.cache_misses != before.cache_misses)
		fail("later verifications are not one hit of the cache each");
	report_race(c, sizeof(c) / sizeof(*c));
	after = counters();
	if (after.status_requests != before.status_requests ||
	    after.verify_requests != before.verify_requests ||
	    after.fetch_hits != before.fetch_hits)
		fail("later verifications asked for something");
	printf("# later verifications: no question to an agent, so no fetch and no signature\n");
	report("verified again, status and all", c[0].us * scale, c[1].us * scale,
	       "the same without status", unit);
	report("verified again, status and all", c[0].us * scale, c[2].us * scale,
	       "SHA-256 + ioctl", unit);
	report("verified again, status and all", c[0].us * scale, c[3].us * scale,
	       "GnuTLS verify + OCSP", unit);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: bench_status DIR   (in tests/bench/in-guest)\n");
		return 2;
	}
	set_up(argv[1]);
	first();
	b.response = load(argv[1], "ocsp.resp");
	again();
	return 0;
}
