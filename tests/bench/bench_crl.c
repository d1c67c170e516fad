// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Revocation lists of a million entries: making the index, looking up, memory. */
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include "core/der.h"
#include "libcapcert/evidence.h"
#include "libcapcert/sha.h"
#include "tests/bench/report.h"

#define ENTRIES 1000000u
#define SERIAL 16
#define ENTRY (2 + 2 + SERIAL + 15)

/* Random serial numbers as public CAs make them, positive, of 16 octets; the same in every run. */
static uint64_t next_random(void)
{
	static uint64_t state = 88172645463325252ull;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Octets of a header, for what has more than 64 KiB. */
static size_t head_size(size_t n)
{
	return n >> 24 ? 6 : 5;
}

static void put_head(uint8_t **p, uint8_t tag, size_t n)
{
	size_t octets = head_size(n) - 2;

	*(*p)++ = tag;
	*(*p)++ = (uint8_t)(0x80 | octets);
	while (octets--)
		*(*p)++ = (uint8_t)(n >> 8 * octets);
}

/* @serials: for looking up later, ENTRIES of them. */
static uint8_t *make_list(uint32_t entries, size_t *ret_len, uint8_t (*serials)[SERIAL])
{
	static const uint8_t front[] = { 0x02, 0x01, 0x01, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65,
					 0x70, 0x30, 0x0d, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03,
					 0x55, 0x04, 0x03, 0x0c, 0x02, 'c',  'a' };
	static const char times[] = "\x17\x0d"
				    "250101000000Z"
				    "\x17\x0d"
				    "350101000000Z";
	static const uint8_t alg[] = { 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x41, 0x00 };
	size_t body = (size_t)entries * ENTRY, head = head_size(body);
	size_t tbs = sizeof(front) + sizeof(times) - 1 + head + body;
	size_t whole = tbs + head_size(tbs) + sizeof(alg) + 64;
	uint8_t *der = calloc(1, whole + 16), *p = der;
	uint32_t i;

	if (!der)
		abort();
	put_head(&p, 0x30, whole);
	put_head(&p, 0x30, tbs);
	memcpy(p, front, sizeof(front));
	p += sizeof(front);
	memcpy(p, times, sizeof(times) - 1);
	p += sizeof(times) - 1;
	put_head(&p, 0x30, body);
	for (i = 0; i < entries; i++) {
		uint64_t random[2] = { next_random(), next_random() };

		memcpy(serials[i], random, SERIAL);
		serials[i][0] = (uint8_t)((serials[i][0] & 0x7f) | 0x40);
		*p++ = 0x30;
		*p++ = ENTRY - 2;
		*p++ = 0x02;
		*p++ = SERIAL;
		memcpy(p, serials[i], SERIAL);
		p += SERIAL;
		memcpy(p, times, 15);
		p += 15;
	}
	memcpy(p, alg, sizeof(alg));
	p += sizeof(alg) + 64;
	*ret_len = (size_t)(p - der);
	return der;
}

/* A bare walk: every header of every entry, nothing checked but lengths. */
static double walk_us(const uint8_t *der, size_t len)
{
	struct cc_crl list;
	struct cc_span rest, seq, body;
	double start;
	uint8_t tag;
	volatile uint32_t count = 0;

	if (cc_crl_parse(cc_span(der, len), &list))
		abort();
	start = report_cpu_us();
	for (rest = list.entries; rest.n && !cc_der_get(&rest, CC_DER_SEQUENCE, &seq);)
		while (seq.n && !cc_der_any(&seq, &tag, &body))
			count++;
	return report_cpu_us() - start;
}

static double index_us(const uint8_t *der, size_t len, struct crl **ret)
{
	uint8_t *copy = malloc(len);
	double start;

	if (!copy)
		abort();
	memcpy(copy, der, len);
	start = report_cpu_us();
	if (crl_new(copy, len, ret))
		abort();
	return report_cpu_us() - start;
}

static double gnutls_us(const uint8_t *der, size_t len, uint32_t entries)
{
	gnutls_datum_t data = { (unsigned char *)(uintptr_t)der, (unsigned int)len };
	double start = report_cpu_us();
	gnutls_x509_crl_iter_t iter = NULL;
	unsigned char serial[64];
	gnutls_x509_crl_t crl;
	uint32_t count = 0;
	size_t n;
	time_t when;

	if (gnutls_x509_crl_init(&crl) || gnutls_x509_crl_import(crl, &data, GNUTLS_X509_FMT_DER))
		abort();
	while (n = sizeof(serial), !gnutls_x509_crl_iter_crt_serial(crl, &iter, serial, &n, &when))
		count++;
	gnutls_x509_crl_iter_deinit(iter);
	gnutls_x509_crl_deinit(crl);
	if (count != entries)
		abort();
	return report_cpu_us() - start;
}

static double lookup_us(const struct crl *crl, uint8_t (*serials)[SERIAL], uint32_t entries,
			bool listed)
{
	enum { LOOKUPS = 200000 };
	uint32_t i, found = 0;
	double start = report_cpu_us();

	for (i = 0; i < LOOKUPS; i++) {
		uint8_t *serial = serials[(i * 7919u) % entries];
		struct cc_crl_entry entry;
		uint32_t from = 0;

		serial[SERIAL - 1] ^= !listed;
		found += crl_find(crl, cc_span(serial, SERIAL), &from, &entry);
		serial[SERIAL - 1] ^= !listed;
	}
	if (found != (listed ? LOOKUPS : 0))
		abort();
	return (report_cpu_us() - start) / LOOKUPS;
}

static double hash_us(const struct crl *crl)
{
	double start = report_cpu_us();

	crl_signature(crl);
	return report_cpu_us() - start;
}

/* Walk and index in turn, so that a busy moment of the machine hits both. */
static struct crl *race(const uint8_t *der, size_t len)
{
	static report_rounds walk, ours, with_hash;
	struct crl *crl = NULL;
	unsigned int i;

	for (i = 0; i < REPORT_ROUNDS; i++) {
		crl_free(crl);
		walk[i] = walk_us(der, len) / ENTRIES;
		ours[i] = index_us(der, len, &crl) / ENTRIES;
		with_hash[i] = ours[i] + hash_us(crl) / ENTRIES;
	}
	report_ratio("index a CRL, one entry of 1,000,000", 1000 * report_median(ours),
		     1000 * report_median(walk), report_times(ours, walk),
		     "a bare walk over its TLVs", "ns");
	report_ratio("index it, and hash what is signed", 1000 * report_median(with_hash),
		     1000 * report_median(walk), report_times(with_hash, walk),
		     "a bare walk over its TLVs", "ns");
	return crl;
}

int main(void)
{
	const uint32_t some = ENTRIES / 10;
	uint8_t(*serials)[SERIAL] = calloc(ENTRIES, SERIAL);
	struct crl *crl, *small;
	uint8_t *der, *less;
	size_t len, less_len;
	double ours;

	if (!serials)
		abort();
	/* GnuTLS's time grows faster than the list: a tenth of it favours GnuTLS. */
	less = make_list(some, &less_len, serials);
	ours = index_us(less, less_len, &small);
	report("index a CRL, one entry of 100,000", ours / some,
	       gnutls_us(less, less_len, some) / some, "GnuTLS import + iterate", "us");
	crl_free(small);
	free(less);
	der = make_list(ENTRIES, &len, serials);
	crl = race(der, len);
	report("look up a listed certificate, 1,000,000", lookup_us(crl, serials, ENTRIES, true), 1,
	       "the goal", "us");
	report("look up one that is not listed", lookup_us(crl, serials, ENTRIES, false), 1,
	       "the goal", "us");
	report("bytes an entry beside the list's own",
	       (double)crl_index_memory(&crl->index) / ENTRIES, 8, "the goal", "B ");
	crl_free(crl);
	free(der);
	free(serials);
	return 0;
}
