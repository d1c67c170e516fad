// SPDX-License-Identifier: LGPL-2.1-or-later
/* One revocation list: parsed, its entries indexed, hashed when somebody asks for that. */
#include <errno.h>
#include <stdlib.h>
#include "core/crl_entry.h"
#include "libcapcert/evidence.h"
#include "libcapcert/sha.h"

/* Offset of the entry whose certificateIssuer holds for the one at @at: its own or the last one
 * before it (section 5.3.3); 0 = the list's issuer. */
static uint32_t issuer_of(const struct crl *crl, uint32_t at)
{
	uint32_t lo = 0, hi = crl->index.issuer_count;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (crl->index.issuers[mid] <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? crl->index.issuers[lo - 1] : 0;
}

static void release(struct crl *crl)
{
	dn_release(&crl->issuer);
	crl_index_release(&crl->index);
	if (crl->hashes)
		pthread_mutex_destroy(&crl->hashes->lock);
	free(crl->hashes);
}

static int prepare(struct crl *crl)
{
	int r;

	crl->hashes = calloc(1, sizeof(*crl->hashes));
	if (!crl->hashes)
		return -ENOMEM;
	pthread_mutex_init(&crl->hashes->lock, NULL);
	r = dn_prepare(crl->list.issuer, &crl->issuer);
	if (r == 0)
		r = crl_index_make(&crl->list, &crl->index);
	if (r == 0)
		crl->issuer_hash = cc_dn_hash(crl->issuer.name);
	return r;
}

int crl_new(uint8_t *der, size_t len, struct crl **ret)
{
	struct crl *crl = calloc(1, sizeof(*crl));
	int r;

	if (!crl)
		return -ENOMEM;
	atomic_init(&crl->refs, 1);
	r = cc_crl_parse_around(cc_span(der, len), &crl->list);
	if (r != CC_CRL_OK) {
		free(crl);
		return r == CC_CRL_E_TOO_LARGE ? -EMSGSIZE : -EBADMSG;
	}
	r = prepare(crl);
	if (r < 0) {
		release(crl);
		free(crl);
		return r;
	}
	crl->owned = der;
	*ret = crl;
	return 0;
}

struct crl *crl_ref(struct crl *crl)
{
	atomic_fetch_add_explicit(&crl->refs, 1, memory_order_relaxed);
	return crl;
}

void crl_free(struct crl *crl)
{
	if (!crl || atomic_fetch_sub_explicit(&crl->refs, 1, memory_order_acq_rel) != 1)
		return;
	release(crl);
	free(crl->owned);
	free(crl);
}

const struct sig_prepared *crl_signature(const struct crl *crl)
{
	struct crl_hashes *h = crl->hashes;
	const struct cc_crl *list = &crl->list;

	pthread_mutex_lock(&h->lock);
	if (!h->have_signature)
		sig_prepare(list->scheme, list->tbs, list->signature, &h->signature);
	h->have_signature = true;
	pthread_mutex_unlock(&h->lock);
	return &h->signature;
}

const uint8_t *crl_fingerprint(const struct crl *crl)
{
	struct crl_hashes *h = crl->hashes;

	pthread_mutex_lock(&h->lock);
	if (!h->have_fingerprint)
		sha256_of(crl->list.der, h->fingerprint);
	h->have_fingerprint = true;
	pthread_mutex_unlock(&h->lock);
	return h->fingerprint;
}

/* The entry at @at of the DER; size of it in *@ret_size. */
static bool entry_at(const struct crl *crl, uint32_t at, struct cc_crl_entry *ret,
		     uint32_t *ret_size)
{
	const struct cc_crl *list = &crl->list;
	uint32_t issuer = issuer_of(crl, at);
	struct cc_span rest;

	memset(ret, 0, sizeof(*ret));
	if (issuer && issuer != at) {
		rest = cc_span(list->der.p + issuer, list->der.n - issuer);
		cc_crl_entry_next(&rest, ret);
	}
	rest = cc_span(list->der.p + at, list->der.n - at);
	if (cc_crl_entry_next(&rest, ret) != 1)
		return false;
	*ret_size = (uint32_t)(rest.p - list->der.p) - at;
	return true;
}

bool crl_find(const struct crl *crl, struct cc_span serial, uint32_t *from,
	      struct cc_crl_entry *ret)
{
	uint32_t at, size;

	return crl_index_find(&crl->index, &crl->list, serial, from, &at) &&
	       entry_at(crl, at, ret, &size);
}

bool crl_next(const struct crl *crl, uint32_t *from, struct cc_crl_entry *ret)
{
	const struct cc_crl *list = &crl->list;
	uint32_t size;

	if (*from >= list->entries.n)
		return false;
	if (!entry_at(crl, (uint32_t)(list->entries.p - list->der.p) + *from, ret, &size))
		return false;
	*from += size;
	return true;
}
