// SPDX-License-Identifier: LGPL-2.1-or-later
/* Values of slots: chain, key, staple and SCTs that belong together, in the form that GnuTLS takes. */
#include <errno.h>
#include <stdlib.h>
#include "core/ocsp.h"
#include "core/sct.h"
#include "libcapcert/tls.h"
#include "libcapcert/x509.h"

#define STAPLE_MAX 65535 /* what a Certificate message holds is more, a slot not */

static void value_free(struct tls_value *value)
{
	unsigned int i;

	for (i = 0; i < value->cert_count; i++)
		gnutls_pcert_deinit(&value->certs[i]);
	if (value->key)
		gnutls_privkey_deinit(value->key);
	free(value->staple);
	free(value->scts);
	free(value);
}

struct tls_value *tls_value_ref(struct tls_value *value)
{
	atomic_fetch_add(&value->refs, 1);
	return value;
}

void tls_value_put(struct tls_value *value)
{
	if (value && atomic_fetch_sub(&value->refs, 1) == 1)
		value_free(value);
}

static int take_chain(const capcert_chain *chain, struct tls_value *value)
{
	size_t i, n = chain ? capcert_chain_count(chain) : 0;

	if (!n)
		return -EINVAL;
	if (n > TLS_CHAIN_MAX)
		return -EMSGSIZE;
	for (i = 0; i < n; i++) {
		gnutls_datum_t der;
		size_t len;
		int r;

		der.data = (unsigned char *)(uintptr_t)capcert_cert_der(capcert_chain_at(chain, i),
									&len);
		der.size = (unsigned int)len;
		r = gnutls_pcert_import_x509_raw(&value->certs[i], &der, GNUTLS_X509_FMT_DER, 0);
		if (r < 0)
			return r == GNUTLS_E_MEMORY_ERROR ? -ENOMEM : -EBADMSG;
		value->cert_count++;
	}
	return 0;
}

/* The answer about the leaf, by its serial number. */
static bool find_answer(const struct cc_ocsp *ocsp, struct cc_span serial,
			struct cc_ocsp_single *ret)
{
	struct cc_span rest = ocsp->singles;

	while (cc_ocsp_single_next(&rest, ret) > 0)
		if (cc_span_equal(ret->id.serial, serial))
			return true;
	return false;
}

/* Is the staple about the leaf? Whether it holds is for the peer to find out. */
static int take_staple(const struct capcert_tls_value *from, struct tls_value *value)
{
	const capcert_cert *leaf = capcert_chain_at(from->chain, 0);
	struct cc_span der = cc_span(from->staple, from->staple_len);
	struct cc_ocsp_single answer;
	struct cc_ocsp ocsp;

	if (!from->staple)
		return 0;
	if (der.n > STAPLE_MAX)
		return -EMSGSIZE;
	if (cc_ocsp_parse(der, &ocsp) != CC_OCSP_OK || ocsp.status)
		return -EBADMSG;
	if (!find_answer(&ocsp, leaf->parsed.serial, &answer))
		return -EKEYREJECTED;
	value->staple = malloc(der.n);
	if (!value->staple)
		return -ENOMEM;
	memcpy(value->staple, der.p, der.n);
	value->staple_len = der.n;
	value->staple_until = answer.has_next_update ? answer.next_update : INT64_MAX;
	return 0;
}

static int take_scts(const struct capcert_tls_value *from, struct tls_value *value)
{
	struct cc_span rest;
	uint32_t count;

	if (!from->scts)
		return 0;
	if (from->scts_len > UINT16_MAX ||
	    cc_sct_list_open(cc_span(from->scts, from->scts_len), &rest, &count) || !count)
		return -EBADMSG;
	value->scts = malloc(from->scts_len);
	if (!value->scts)
		return -ENOMEM;
	memcpy(value->scts, from->scts, from->scts_len);
	value->scts_len = from->scts_len;
	return 0;
}

/* Does the key sign what the leaf's key verifies? Public parts are compared, nothing is signed. */
static int check_key(const capcert_cert *leaf, gnutls_privkey_t key, int key_fd)
{
	gnutls_datum_t spki = { NULL, 0 };
	gnutls_pubkey_t public = NULL;
	const uint8_t *want;
	size_t want_len, n;
	uint8_t *der;
	int r;

	want = capcert_cert_spki(leaf, &want_len);
	if (key_fd >= 0) {
		r = capcert_key_public(key_fd, &der, &n);
		if (r < 0)
			return r;
		r = n == want_len && !memcmp(der, want, n) ? 0 : -EKEYREJECTED;
		free(der);
		return r;
	}
	if (gnutls_pubkey_init(&public) < 0)
		return -ENOMEM;
	if (gnutls_pubkey_import_privkey(public, key, 0, 0) < 0 ||
	    gnutls_pubkey_export2(public, GNUTLS_X509_FMT_DER, &spki) < 0)
		r = -EKEYREJECTED;
	else
		r = spki.size == want_len && !memcmp(spki.data, want, want_len) ? 0 : -EKEYREJECTED;
	gnutls_free(spki.data);
	gnutls_pubkey_deinit(public);
	return r;
}

int tls_value_new(const struct capcert_tls_value *from, gnutls_privkey_t key, bool fits,
		  struct tls_value **ret)
{
	struct tls_value *value = calloc(1, sizeof(*value));
	int r;

	if (!value)
		return -ENOMEM;
	atomic_init(&value->refs, 1);
	value->stapler = from->stapler;
	r = take_chain(from->chain, value);
	if (r == 0)
		r = take_staple(from, value);
	if (r == 0)
		r = take_scts(from, value);
	if (r == 0 && !fits)
		r = check_key(capcert_chain_at(from->chain, 0), key, from->key_fd);
	if (r < 0) {
		value_free(value);
		return r;
	}
	value->key = key;
	*ret = value;
	return 0;
}
