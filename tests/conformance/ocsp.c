// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One OCSP response about one certificate: good, revoked, unknown or invalid, and why. For suites and
 * for comparisons with other judges. Exit status 0 good, 1 any other answer, 2 usage. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <capcert/ocsp.h>
#include "core/time.h"
#include "tests/conformance/suite.h"

static const char usage_text[] =
	"--issuer F --cert F [--time T] [--signer-certs F] [--policy TEXT] RESPONSE";

static uint8_t *read_file(const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(1 << 20);

	if (!f)
		suite_die(path, strerror(errno));
	if (!data)
		suite_die(path, "out of memory");
	*ret_len = fread(data, 1, 1 << 20, f);
	fclose(f);
	return data;
}

static capcert_cert *load_cert(const char *path)
{
	const char *fault = "cannot be read";
	capcert_cert *cert;
	size_t len;
	uint8_t *data = read_file(path, &len);

	if (capcert_cert_new(data, len, &cert, &fault) < 0)
		suite_die(path, fault);
	free(data);
	return cert;
}

static capcert_chain *load_chain(const char *path)
{
	const char *fault = "cannot be read";
	capcert_chain *chain;
	size_t len;
	uint8_t *data = read_file(path, &len);

	if (capcert_chain_parse(data, len, &chain, &fault) < 0)
		suite_die(path, fault);
	free(data);
	return chain;
}

/* What a response that does not parse is told by. */
static const char *malformed(const uint8_t *der, size_t len)
{
	const char *fault = "malformed";
	capcert_ocsp *ocsp;

	if (capcert_ocsp_new(der, len, &ocsp, &fault) == 0)
		capcert_ocsp_free(ocsp);
	return fault;
}

static bool print(int r, const struct capcert_ocsp_verdict *v, const uint8_t *der, size_t len)
{
	char when[CC_TIME_TEXT];

	if (r == -EBADMSG || r == -EMSGSIZE) {
		printf("invalid: %s\n", malformed(der, len));
	} else if (r < 0) {
		suite_die("no verdict", capcert_strerror(r));
	} else if (!v->counts) {
		printf("invalid: %s\n", v->why ? v->why : "?");
	} else if (v->status == CAPCERT_OCSP_REVOKED) {
		cc_time_format(v->revoked_at, when, sizeof(when));
		printf("revoked: %s at %s\n", capcert_revocation_reason_name((uint32_t)v->reason),
		       when);
	} else {
		cc_time_format(v->until, when, sizeof(when));
		printf("%s: until %s\n", v->status == CAPCERT_OCSP_GOOD ? "good" : "unknown", when);
	}
	return r == 0 && v->counts && v->status == CAPCERT_OCSP_GOOD;
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "issuer", required_argument, NULL, 'i' },
						 { "cert", required_argument, NULL, 'c' },
						 { "time", required_argument, NULL, 't' },
						 { "signer-certs", required_argument, NULL, 's' },
						 { "policy", required_argument, NULL, 'p' },
						 { 0 } };
	const char *text = "profile=rfc5280;clock_skew=0s;max_age=3650d", *error;
	capcert_cert *cert = NULL, *issuer = NULL;
	struct capcert_ocsp_verdict v = { 0 };
	capcert_chain *others = NULL;
	capcert_policy *policy;
	int64_t at = time(NULL);
	uint8_t *der;
	bool good;
	size_t len;
	int opt, r;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (opt == 'i')
			issuer = load_cert(optarg);
		else if (opt == 'c')
			cert = load_cert(optarg);
		else if (opt == 's')
			others = load_chain(optarg);
		else if (opt == 'p')
			text = optarg;
		else if (opt != 't' || !suite_time_parse(optarg, &at))
			suite_die("usage: ocsp", usage_text);
	}
	if (optind + 1 != argc || !issuer || !cert)
		suite_die("usage: ocsp", usage_text);
	if (capcert_policy_new(text, &policy, &error) < 0)
		suite_die(text, error);
	der = read_file(argv[optind], &len);
	r = capcert_ocsp_check(policy, cert, issuer, others, der, len, at, &v);
	good = print(r, &v, der, len);
	free(der);
	capcert_policy_free(policy);
	capcert_chain_free(others);
	capcert_cert_free(cert);
	capcert_cert_free(issuer);
	return !good;
}
