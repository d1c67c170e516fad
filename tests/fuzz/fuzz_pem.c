// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* PEM and chains: whatever is taken reads the same when written again. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <capcert/x509.h>
#include "libcapcert/pem.h"

static void round_trip(const uint8_t *der, size_t n)
{
	struct cc_span rest;
	const char *error;
	uint8_t *again;
	size_t len, m;
	char *text;

	if (pem_write(PEM_CERTIFICATE, cc_span(der, n), &text, &len) < 0)
		return;
	assert(strlen(text) == len);
	rest = cc_span(text, len);
	assert(pem_next(&rest, PEM_CERTIFICATE, &again, &m, &error) == 1);
	assert(m == n && memcmp(again, der, n) == 0 && rest.n == 0);
	free(again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cc_span rest = cc_span(data, size);
	const char *error = NULL;
	capcert_chain *chain;
	capcert_cert *cert;
	uint8_t *der;
	size_t n;
	int r;

	for (;;) {
		size_t before = rest.n;

		r = pem_next(&rest, PEM_CERTIFICATE, &der, &n, &error);
		assert(rest.p + rest.n == data + size);
		if (r == 0)
			break;
		assert(rest.n < before); /* or it would never end */
		if (r == 1) {
			round_trip(der, n);
			free(der);
		} else {
			assert(error);
		}
	}
	if (capcert_chain_parse(data, size, &chain, &error) == 0) {
		assert(capcert_chain_count(chain) >= 1);
		capcert_chain_free(chain);
	}
	if (capcert_cert_new(data, size, &cert, &error) == 0)
		capcert_cert_free(cert);
	return 0;
}
