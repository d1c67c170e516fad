// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Parse one certificate: ours, GnuTLS, OpenSSL, and a walk over the TLVs that looks at nothing. */
#include <gnutls/x509.h>
#include <openssl/x509.h>

#include "core/cert.h"
#include "tests/bench/report.h"

struct input {
	uint8_t *der;
	size_t len;
};

static volatile unsigned int sink;

static void run_ours(void *arg, unsigned int n)
{
	const struct input *in = arg;
	struct cc_cert cert;

	while (n--) {
		if (cc_cert_parse(cc_span(in->der, in->len), &cert))
			abort();
		sink += cert.ext_present;
	}
}

/* The floor: every header once, in what is constructed and in extension values (an OCTET STRING
 * right behind an OID or BOOLEAN), and nothing else. */
static unsigned int walk(const uint8_t *p, const uint8_t *end)
{
	unsigned int count = 0;
	uint8_t before = 0;

	while (p < end) {
		uint8_t tag = p[0];
		size_t len = p[1];

		p += 2;
		if (len == 0x81) {
			len = p[0];
			p += 1;
		} else if (len == 0x82) {
			len = (size_t)p[0] << 8 | p[1];
			p += 2;
		} else if (len > 0x7f) {
			abort();
		}
		if (len > (size_t)(end - p))
			abort();
		count++;
		if ((tag & 0x20) || (tag == 0x04 && (before == 0x06 || before == 0x01)))
			count += walk(p, p + len);
		before = tag;
		p += len;
	}
	return count;
}

static void run_walk(void *arg, unsigned int n)
{
	const struct input *in = arg;

	while (n--)
		sink += walk(in->der, in->der + in->len);
}

static void run_gnutls(void *arg, unsigned int n)
{
	const struct input *in = arg;
	gnutls_datum_t datum = { in->der, (unsigned int)in->len };
	gnutls_x509_crt_t crt;

	while (n--) {
		if (gnutls_x509_crt_init(&crt) ||
		    gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_DER))
			abort();
		gnutls_x509_crt_deinit(crt);
	}
}

static void run_openssl(void *arg, unsigned int n)
{
	const struct input *in = arg;

	while (n--) {
		const unsigned char *p = in->der;
		X509 *x = d2i_X509(NULL, &p, (long)in->len);

		if (!x)
			abort();
		X509_free(x);
	}
}

static void race(const char *dir, const char *file)
{
	char path[512], name[64];
	struct input in;

	snprintf(path, sizeof(path), "%s/%s.der", dir, file);
	in.der = report_file(path, &in.len);
	struct report_case cases[] = {
		{ "capcert", run_ours, &in, 20000, 0 },
		{ "bare TLV walk", run_walk, &in, 50000, 0 },
		{ "GnuTLS", run_gnutls, &in, 300, 0 },
		{ "OpenSSL", run_openssl, &in, 100, 0 },
	};
	report_race(cases, 4);
	snprintf(name, sizeof(name), "parse %s, %zu bytes", file, in.len);
	for (size_t i = 1; i < 4; i++)
		report(name, cases[0].us, cases[i].us, cases[i].name, "us");
	free(in.der);
}

int main(int argc, char **argv)
{
	static const char *const files[] = { "ec-leaf", "rsa-leaf", "ec-root", "rsa-root" };
	const char *dir = argc > 1 ? argv[1] : "tests/data";

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		race(dir, files[i]);
	return 0;
}
