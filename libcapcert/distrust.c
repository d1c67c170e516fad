// SPDX-License-Identifier: LGPL-2.1-or-later
/* The distrust list: sorted hashes, and issuer names with serial numbers. */
#include <errno.h>
#include <stdlib.h>
#include "core/der.h"
#include "libcapcert/distrust.h"
#include "libcapcert/engine.h"
#include "libcapcert/sha.h"

struct hashes {
	uint8_t (*p)[32]; /* ascending */
	size_t n;
};

struct issuer_serial {
	uint32_t issuer_hash;
	struct cc_span issuer; /* Name, in data */
	struct cc_span serial; /* contents of the INTEGER, in data */
	uint8_t *data;	       /* owned */
};

struct capcert_distrust_list {
	struct hashes fingerprints;
	struct hashes keys;
	struct issuer_serial *serials;
	size_t serial_count;
};

int capcert_distrust_list_new(capcert_distrust_list **ret)
{
	capcert_distrust_list *list = calloc(1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	*ret = list;
	return 0;
}

void capcert_distrust_list_free(capcert_distrust_list *list)
{
	size_t i;

	if (!list)
		return;
	for (i = 0; i < list->serial_count; i++)
		free(list->serials[i].data);
	free(list->serials);
	free(list->fingerprints.p);
	free(list->keys.p);
	free(list);
}

/* Where @hash is or belongs. */
static size_t position(const struct hashes *h, const uint8_t hash[32], bool *ret_found)
{
	size_t lo = 0, hi = h->n;

	*ret_found = false;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = memcmp(h->p[mid], hash, 32);

		if (c == 0) {
			*ret_found = true;
			return mid;
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int add_hash(struct hashes *h, const void *value, size_t len)
{
	uint8_t(*p)[32];
	bool found;
	size_t at;

	if (len != 32)
		return -EINVAL;
	at = position(h, value, &found);
	if (found)
		return 0;
	p = realloc(h->p, (h->n + 1) * sizeof(*p));
	if (!p)
		return -ENOMEM;
	memmove(p + at + 1, p + at, (h->n - at) * sizeof(*p));
	memcpy(p[at], value, 32);
	h->p = p;
	h->n++;
	return 0;
}

static int add_serial(capcert_distrust_list *list, const void *value, size_t len)
{
	struct issuer_serial entry = { 0 }, *serials;
	struct cc_span in, body;

	entry.data = malloc(len ? len : 1);
	if (!entry.data)
		return -ENOMEM;
	if (len)
		memcpy(entry.data, value, len);
	in = cc_span(entry.data, len);
	if (cc_der_get_whole(&in, CC_DER_SEQUENCE, &body, &entry.issuer) ||
	    cc_der_only(in, CC_DER_INTEGER, &entry.serial)) {
		free(entry.data);
		return -EBADMSG;
	}
	entry.issuer_hash = cc_dn_hash(entry.issuer);
	serials = realloc(list->serials, (list->serial_count + 1) * sizeof(*serials));
	if (!serials) {
		free(entry.data);
		return -ENOMEM;
	}
	serials[list->serial_count++] = entry;
	list->serials = serials;
	return 0;
}

int capcert_distrust_list_add(capcert_distrust_list *list, uint32_t what, const void *value,
			      size_t len)
{
	switch (what) {
	case CAPCERT_DISTRUST_FINGERPRINT:
		return add_hash(&list->fingerprints, value, len);
	case CAPCERT_DISTRUST_SPKI:
		return add_hash(&list->keys, value, len);
	case CAPCERT_DISTRUST_ISSUER_SERIAL:
		return add_serial(list, value, len);
	default:
		return -EINVAL;
	}
}

bool distrust_empty(const capcert_distrust_list *list)
{
	return !list || (!list->fingerprints.n && !list->keys.n && !list->serial_count);
}

bool distrust_has(const capcert_distrust_list *list, const struct cc_cert *cert,
		  const uint8_t fingerprint[32])
{
	uint8_t spki[32];
	uint32_t hash;
	bool found;
	size_t i;

	if (!list)
		return false;
	position(&list->fingerprints, fingerprint, &found);
	if (found)
		return true;
	if (list->keys.n) {
		sha256_of(cert->spki, spki);
		position(&list->keys, spki, &found);
		if (found)
			return true;
	}
	hash = list->serial_count ? cc_dn_hash(cert->issuer) : 0;
	for (i = 0; i < list->serial_count; i++) {
		const struct issuer_serial *s = &list->serials[i];

		if (s->issuer_hash == hash && cc_span_equal(s->serial, cert->serial) &&
		    cc_dn_equal(s->issuer, cert->issuer))
			return true;
	}
	return false;
}

int engine_distrust_from_state(const uint8_t *state, size_t len, capcert_distrust_list **ret)
{
	struct capcert_state_distrust head;
	capcert_distrust_list *list = NULL;
	size_t at = sizeof(head);
	uint32_t i;
	int r;

	if (len < sizeof(head))
		return -EBADMSG;
	memcpy(&head, state, sizeof(head));
	r = capcert_distrust_list_new(&list);
	for (i = 0; r == 0 && i < head.count; i++) {
		uint32_t entry[2]; /* what, length */

		if (len - at < sizeof(entry)) {
			r = -EBADMSG;
			break;
		}
		memcpy(entry, state + at, sizeof(entry));
		at += sizeof(entry);
		if (entry[1] > len - at) {
			r = -EBADMSG;
			break;
		}
		r = capcert_distrust_list_add(list, entry[0], state + at, entry[1]);
		if (r == -EINVAL)
			r = -EBADMSG;
		at += ((size_t)entry[1] + 7) & ~(size_t)7; /* the last padding may be missing */
		if (at > len)
			at = len;
	}
	if (r == 0) {
		*ret = list;
		return 0;
	}
	capcert_distrust_list_free(list);
	return r;
}
