// SPDX-License-Identifier: LGPL-2.1-or-later
/* Chains: an ordered list of certificates, leaf first. */
#include <errno.h>
#include <stdlib.h>
#include "core/digest.h"
#include "libcapcert/pem.h"
#include "libcapcert/sha.h"
#include "libcapcert/x509.h"

int capcert_chain_new(capcert_chain **ret)
{
	capcert_chain *chain = calloc(1, sizeof(*chain));

	if (!chain)
		return -ENOMEM;
	*ret = chain;
	return 0;
}

/* Takes the caller's reference over, on failure too. */
static int push_own(capcert_chain *chain, capcert_cert *cert)
{
	if (chain->count == CAPCERT_MAX_CHAIN) {
		capcert_cert_free(cert);
		return -EMSGSIZE;
	}
	chain->certs[chain->count++] = cert;
	return 0;
}

int capcert_chain_push(capcert_chain *chain, capcert_cert *cert)
{
	return push_own(chain, capcert_cert_ref(cert));
}

static int push_der(capcert_chain *chain, struct cc_span der, const char **ret_error)
{
	capcert_cert *cert;
	int r = cert_from_der(der, &cert, ret_error);

	return r < 0 ? r : push_own(chain, cert);
}

static int parse_der(capcert_chain *chain, struct cc_span in, const char **ret_error)
{
	int r = 0;

	while (r == 0 && in.n) {
		size_t n = cc_cert_size(in);

		/* Let the parser say what is wrong with an element that has no end. */
		if (n == 0 || n > in.n)
			n = in.n;
		r = push_der(chain, cc_span(in.p, n), ret_error);
		in = cc_span(in.p + n, in.n - n);
	}
	return r;
}

static int parse_pem(capcert_chain *chain, struct cc_span in, const char **ret_error)
{
	uint8_t *der;
	size_t n;
	int r;

	while ((r = pem_next(&in, PEM_CERTIFICATE, &der, &n, ret_error)) == 1) {
		r = push_der(chain, cc_span(der, n), ret_error);
		free(der);
		if (r < 0)
			return r;
	}
	return r;
}

int capcert_chain_parse(const uint8_t *data, size_t len, capcert_chain **ret,
			const char **ret_error)
{
	struct cc_span in = cc_span(data, len);
	const char *error = NULL;
	capcert_chain *chain;
	int r = capcert_chain_new(&chain);

	if (r < 0)
		return r;
	/* As in capcert_cert_new(): DER of a certificate is told from text by two bytes. */
	if (len >= 2 && data[0] == 0x30 && data[1] >= 0x80)
		r = parse_der(chain, in, &error);
	else
		r = parse_pem(chain, in, &error);
	if (r == 0 && chain->count == 0) {
		error = "no certificate in PEM or DER";
		r = -EBADMSG;
	}
	if (r < 0) {
		capcert_chain_free(chain);
		if (r == -EBADMSG && ret_error)
			*ret_error = error;
		return r;
	}
	*ret = chain;
	return 0;
}

size_t capcert_chain_count(const capcert_chain *chain)
{
	return chain->count;
}

capcert_cert *capcert_chain_at(const capcert_chain *chain, size_t index)
{
	return index < chain->count ? chain->certs[index] : NULL;
}

void capcert_chain_free(capcert_chain *chain)
{
	if (!chain)
		return;
	for (size_t i = 0; i < chain->count; i++)
		capcert_cert_free(chain->certs[i]);
	free(chain);
}

int chain_spans(const capcert_chain *chain, struct cc_span spans[CAPCERT_MAX_CHAIN],
		size_t *ret_count, uint8_t digest[32])
{
	size_t count = chain ? chain->count : 0, i, bytes = 0;
	struct sha256_ctx ctx;

	if (count == 0)
		return -EINVAL;
	sha256_init(&ctx);
	cc_absorb_chain_head(sha256_absorb, &ctx, (uint32_t)count);
	for (i = 0; i < count; i++) {
		spans[i] = chain->certs[i]->parsed.der;
		bytes += spans[i].n;
		if (bytes > CAPCERT_MAX_CHAIN_BYTES)
			return -EMSGSIZE;
		cc_absorb_chain_cert(sha256_absorb, &ctx, spans[i]);
	}
	sha256_digest(&ctx, 32, digest);
	*ret_count = count;
	return 0;
}
