// SPDX-License-Identifier: LGPL-2.1-or-later
/* One revocation list, parsed, with its entries sorted by serial number. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include "core/der.h"
#include "libcapcert/evidence.h"
#include "libcapcert/sha.h"

#define KEY_OCTETS 4

/* By the first octets, then shorter numbers first, then octet by octet: any total order will do. */
static uint32_t key_of(struct cc_span serial)
{
	uint32_t key = 0;
	size_t i;

	if (serial.n >= KEY_OCTETS)
		return (uint32_t)serial.p[0] << 24 | (uint32_t)serial.p[1] << 16 |
		       (uint32_t)serial.p[2] << 8 | serial.p[3];
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
static int compare(const struct cc_crl *list, const struct crl_place *place, uint32_t key,
		   struct cc_span serial)
{
	struct cc_span other;

	if (place->key != key)
		return place->key < key ? -1 : 1;
	other = serial_at(list, place->at);
	if (other.n != serial.n)
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

#define DIGIT 11
#define DIGITS (1u << DIGIT)
#define PASSES 3

/* How many keys have which digits: counted while they are read. */
struct digits {
	uint32_t count[PASSES][DIGITS];
	uint32_t last; /* key */
	bool sorted;   /* keys have come in order so far */
};

static void count_key(struct digits *d, uint32_t key)
{
	d->count[0][key & (DIGITS - 1)]++;
	d->count[1][key >> DIGIT & (DIGITS - 1)]++;
	d->count[2][key >> 2 * DIGIT]++;
	d->sorted &= d->last <= key;
	d->last = key;
}

/* One pass of a radix sort: stable, so that what was in order by less stays so. @next: how many keys
 * have each digit. */
static void pass(const struct crl_place *from, struct crl_place *to, uint32_t count, uint32_t shift,
		 uint32_t *next)
{
	uint32_t i, sum = 0;

	for (i = 0; i < DIGITS; i++) {
		uint32_t n = next[i];

		next[i] = sum;
		sum += n;
	}
	for (i = 0; i < count; i++)
		to[next[from[i].key >> shift & (DIGITS - 1)]++] = from[i];
}

#define HUGE_PAGE ((size_t)2 << 20)

/* Where there is much, in huge pages, and the rest at once: a fault for each small page costs more than
 * sorting what is in it. No more is taken than is asked for. */
static struct crl_place *new_places(uint32_t count)
{
	size_t size = count * sizeof(struct crl_place);
	void *p;

	if (size < HUGE_PAGE)
		return malloc(size);
	if (posix_memalign(&p, HUGE_PAGE, size))
		return NULL;
	madvise(p, size & ~(HUGE_PAGE - 1), MADV_HUGEPAGE);
#ifdef MADV_POPULATE_WRITE
	madvise(p, size, MADV_POPULATE_WRITE);
#endif
	return p;
}

/* Serial numbers are random, and few share their first octets: those are compared in the list itself.
 * A list whose numbers all begin alike costs what comparisons cost. */
static void sort_runs(struct crl *crl)
{
	uint32_t count = crl->list.entry_count, i, n;

	for (i = 0; i < count; i += n) {
		for (n = 1; i + n < count && crl->index[i + n].key == crl->index[i].key; n++)
			;
		if (n > 1)
			qsort_r(crl->index + i, n, sizeof(*crl->index), by_serial, &crl->list);
	}
}

static int sort(struct crl *crl, struct digits *d)
{
	uint32_t count = crl->list.entry_count, i;
	struct crl_place *other, *first = crl->index;

	if (!d->sorted) {
		other = new_places(count);
		if (!other)
			return -ENOMEM;
		for (i = 0; i < PASSES; i++) {
			pass(i & 1 ? other : first, i & 1 ? first : other, count, i * DIGIT,
			     d->count[i]);
		}
		crl->index = other;
		free(first);
	}
	sort_runs(crl);
	return 0;
}

/* Only indirect lists have any, and most of their entries have none of their own. */
static int note_issuer(struct crl *crl, uint32_t at)
{
	uint32_t n = crl->issuer_count;

	if ((n & (n - 1)) == 0) {
		uint32_t *more = realloc(crl->issuers, (n ? 2 * (size_t)n : 1) * sizeof(*more));

		if (!more)
			return -ENOMEM;
		crl->issuers = more;
	}
	crl->issuers[crl->issuer_count++] = at;
	return 0;
}

/* Entries of other issuers: of each, what its extensions say. */
static int note_issuers(struct crl *crl)
{
	struct cc_crl *list = &crl->list;
	struct cc_span rest = list->entries;
	struct cc_crl_entry entry = { 0 };
	uint32_t at = (uint32_t)(rest.p - list->der.p);

	while (cc_crl_entry_next(&rest, &entry) == 1) {
		if ((entry.present & CC_CRL_ENTRY_EXT_BIT(ISSUER)) && note_issuer(crl, at) < 0)
			return -ENOMEM;
		at = (uint32_t)(rest.p - list->der.p);
	}
	return 0;
}

/* The list has been parsed: of each entry no more is read than where its serial number is. */
static void read_keys(struct crl *crl, struct digits *d)
{
	struct cc_span rest = crl->list.entries, seq, serial;
	struct crl_place *place = crl->index, *end = place + crl->list.entry_count;
	const uint8_t *start = crl->list.der.p;

	for (; place < end; place++) {
		place->at = (uint32_t)(rest.p - start);
		if (cc_der_get(&rest, CC_DER_SEQUENCE, &seq) ||
		    cc_der_get(&seq, CC_DER_INTEGER, &serial))
			serial = cc_span(NULL, 0);
		place->key = key_of(serial);
		count_key(d, place->key);
	}
}

static int build_index(struct crl *crl)
{
	struct cc_crl *list = &crl->list;
	struct digits *d;
	int r = 0;

	if (list->entry_count == 0)
		return 0;
	crl->index = new_places(list->entry_count);
	d = calloc(1, sizeof(*d));
	if (!crl->index || !d) {
		free(d);
		return -ENOMEM;
	}
	d->sorted = true;
	read_keys(crl, d);
	if (list->entry_present & CC_CRL_ENTRY_EXT_BIT(ISSUER))
		r = note_issuers(crl);
	if (r == 0)
		r = sort(crl, d);
	free(d);
	return r;
}

/* Offset of the entry whose certificateIssuer holds for the one at @at: its own or the last one
 * before it (section 5.3.3); 0 = the list's issuer. */
static uint32_t issuer_of(const struct crl *crl, uint32_t at)
{
	uint32_t lo = 0, hi = crl->issuer_count;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (crl->issuers[mid] <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? crl->issuers[lo - 1] : 0;
}

int crl_new(uint8_t *der, size_t len, struct crl **ret)
{
	struct crl *crl = calloc(1, sizeof(*crl));
	int r;

	if (!crl)
		return -ENOMEM;
	atomic_init(&crl->refs, 1);
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

struct crl *crl_ref(struct crl *crl)
{
	atomic_fetch_add_explicit(&crl->refs, 1, memory_order_relaxed);
	return crl;
}

void crl_free(struct crl *crl)
{
	if (!crl || atomic_fetch_sub_explicit(&crl->refs, 1, memory_order_acq_rel) != 1)
		return;
	dn_release(&crl->issuer);
	free(crl->index);
	free(crl->issuers);
	free(crl->owned);
	free(crl);
}

uint32_t crl_find(const struct crl *crl, struct cc_span serial)
{
	uint32_t lo = 0, hi = crl->list.entry_count;
	uint32_t key = key_of(serial);

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
	uint32_t issuer;

	if (at >= list->entry_count)
		return false;
	place = &crl->index[at];
	memset(ret, 0, sizeof(*ret));
	issuer = issuer_of(crl, place->at);
	if (issuer && issuer != place->at) {
		rest = cc_span(list->der.p + issuer, list->der.n - issuer);
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
