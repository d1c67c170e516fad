// SPDX-License-Identifier: LGPL-2.1-or-later
/* One revocation list, parsed, with its entries sorted by serial number. */
#include <errno.h>
#include <stdlib.h>
#include "core/der.h"
#include "libcapcert/evidence.h"
#include "libcapcert/sha.h"

#define KEY_OCTETS 7

/* Shorter numbers first, then octet by octet: any total order will do. */
static uint64_t key_of(struct cc_span serial)
{
	uint64_t key = serial.n < 255 ? serial.n : 255;
	size_t i;

	for (i = 0; i < KEY_OCTETS; i++)
		key = key << 8 | (i < serial.n ? serial.p[i] : 0);
	return key;
}

static struct cc_span serial_at(const struct cc_crl *list, uint32_t at)
{
	struct cc_span in = cc_span(list->der.p + at, list->der.n - at), seq, serial;

	if (cc_der_get(&in, CC_DER_SEQUENCE, &seq) || cc_der_get(&seq, CC_DER_INTEGER, &serial))
		return cc_span(NULL, 0);
	return serial;
}

/* < 0, 0, > 0: the serial number at @place before, same as, behind @serial with its @key. */
static int compare(const struct cc_crl *list, const struct crl_place *place, uint64_t key,
		   struct cc_span serial)
{
	struct cc_span other;

	if (place->key != key)
		return place->key < key ? -1 : 1;
	if (serial.n <= KEY_OCTETS)
		return 0;
	other = serial_at(list, place->at);
	if (other.n != serial.n) /* both of 255 octets or more */
		return other.n < serial.n ? -1 : 1;
	return memcmp(other.p, serial.p, serial.n);
}

static int by_serial(const void *a, const void *b, void *ctx)
{
	const struct crl_place *x = a, *y = b;
	const struct cc_crl *list = ctx;
	int c = x->key == y->key ? compare(list, x, y->key, serial_at(list, y->at))
				 : (x->key < y->key ? -1 : 1);

	if (c)
		return c;
	return x->at < y->at ? -1 : x->at > y->at;
}

static int build_index(struct crl *crl)
{
	struct cc_crl *list = &crl->list;
	struct cc_span rest = list->entries;
	struct cc_crl_entry entry = { 0 };
	uint32_t i, issuer = 0;

	if (list->entry_count == 0)
		return 0;
	crl->index = malloc(list->entry_count * sizeof(*crl->index));
	if (!crl->index)
		return -ENOMEM;
	for (i = 0; i < list->entry_count; i++) {
		uint32_t at = (uint32_t)(rest.p - list->der.p);

		cc_crl_entry_next(&rest, &entry);
		if (entry.present & CC_CRL_ENTRY_EXT_BIT(ISSUER))
			issuer = at;
		crl->index[i] = (struct crl_place){ key_of(entry.serial), at, issuer };
	}
	qsort_r(crl->index, list->entry_count, sizeof(*crl->index), by_serial, list);
	return 0;
}

int crl_new(uint8_t *der, size_t len, struct crl **ret)
{
	struct crl *crl = calloc(1, sizeof(*crl));
	int r;

	if (!crl)
		return -ENOMEM;
	r = cc_crl_parse(cc_span(der, len), &crl->list);
	if (r != CC_CRL_OK) {
		free(crl);
		return r == CC_CRL_E_TOO_LARGE ? -EMSGSIZE : -EBADMSG;
	}
	sha256_of(crl->list.der, crl->fingerprint);
	sig_prepare(crl->list.scheme, crl->list.tbs, crl->list.signature, &crl->signature);
	r = dn_prepare(crl->list.issuer, &crl->issuer);
	if (r == 0)
		r = build_index(crl);
	if (r < 0) {
		crl_free(crl);
		return r;
	}
	crl->issuer_hash = cc_dn_hash(crl->issuer.name);
	crl->owned = der;
	*ret = crl;
	return 0;
}

void crl_free(struct crl *crl)
{
	if (!crl)
		return;
	dn_release(&crl->issuer);
	free(crl->index);
	free(crl->owned);
	free(crl);
}

uint32_t crl_find(const struct crl *crl, struct cc_span serial)
{
	uint32_t lo = 0, hi = crl->list.entry_count;
	uint64_t key = key_of(serial);

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (compare(&crl->list, &crl->index[mid], key, serial) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool crl_nth(const struct crl *crl, uint32_t at, struct cc_crl_entry *ret)
{
	const struct cc_crl *list = &crl->list;
	const struct crl_place *place;
	struct cc_span rest;

	if (at >= list->entry_count)
		return false;
	place = &crl->index[at];
	memset(ret, 0, sizeof(*ret));
	if (place->issuer) {
		rest = cc_span(list->der.p + place->issuer, list->der.n - place->issuer);
		cc_crl_entry_next(&rest, ret);
	}
	rest = cc_span(list->der.p + place->at, list->der.n - place->at);
	return cc_crl_entry_next(&rest, ret) == 1;
}

bool crl_at(const struct crl *crl, uint32_t at, struct cc_span serial, struct cc_crl_entry *ret)
{
	if (at >= crl->list.entry_count ||
	    compare(&crl->list, &crl->index[at], key_of(serial), serial) != 0)
		return false;
	return crl_nth(crl, at, ret);
}
