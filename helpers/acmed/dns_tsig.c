// SPDX-License-Identifier: GPL-2.0-only
/* RFC 8945: what is signed is the message, and behind it the record's own fields in their canonical form. */
#include <stdlib.h>
#include <string.h>
#include <capcert/x509.h>
#include "helpers/acmed/dns_tsig.h"

#define FUDGE 300 /* seconds (section 10) */
#define TYPE_TSIG 250
#define FIXED 10 /* octets of a record between its name and its data */

enum { ERROR_BADSIG = 16, ERROR_BADKEY = 17, ERROR_BADTIME = 18 };

static const struct {
	const char *text;
	uint32_t hash;
	size_t len;
} algorithms[] = {
	{ "hmac-sha256", CAPCERT_HASH_SHA256, 32 },
	{ "hmac-sha384", CAPCERT_HASH_SHA384, 48 },
	{ "hmac-sha512", CAPCERT_HASH_SHA512, 64 },
};

uint32_t dns_tsig_algorithm(const char *text)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (strcmp(algorithms[i].text, text) == 0)
			return algorithms[i].hash;
	return 0;
}

bool dns_key_set(struct dns_key *key, const char *name, const char *algorithm,
		 const uint8_t *secret, size_t secret_len)
{
	key->hash = dns_tsig_algorithm(algorithm);
	key->secret = secret;
	key->secret_len = secret_len;
	return key->hash && dns_name_parse(algorithm, &key->algorithm) &&
	       dns_name_parse(name, &key->name);
}

/* ---- fields ---- */

struct fields {
	uint64_t time; /* 48 bits */
	unsigned int fudge, error;
	const uint8_t *other;
	size_t other_len;
};

static uint8_t *put16(uint8_t *p, unsigned int n)
{
	p[0] = (uint8_t)(n >> 8);
	p[1] = (uint8_t)n;
	return p + 2;
}

static uint8_t *put48(uint8_t *p, uint64_t n)
{
	for (int i = 5; i >= 0; i--, n >>= 8)
		p[i] = (uint8_t)n;
	return p + 6;
}

static uint8_t *put_octets(uint8_t *p, const void *data, size_t len)
{
	if (len)
		memcpy(p, data, len);
	return p + len;
}

static unsigned int get16(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

static uint64_t get48(const uint8_t *p)
{
	uint64_t n = 0;

	for (int i = 0; i < 6; i++)
		n = n << 8 | p[i];
	return n;
}

/* Section 4.3. @asked: of an answer, that of the request, else NULL. */
static bool mac_of(const struct dns_key *key, const struct dns_mac *asked, const uint8_t *message,
		   size_t len, const struct fields *f, struct dns_mac *ret)
{
	const size_t most = 2 + DNS_MAC + len + 2 * DNS_NAME + 18 + f->other_len;
	uint8_t *all = malloc(most), *p = all;
	int n;

	if (!all)
		return false;
	if (asked) {
		p = put16(p, (unsigned int)asked->len);
		p = put_octets(p, asked->data, asked->len);
	}
	p = put_octets(p, message, len);
	p = put_octets(p, key->name.wire, key->name.len);
	p = put16(p, ns_c_any);
	p = put16(put16(p, 0), 0); /* TTL */
	p = put_octets(p, key->algorithm.wire, key->algorithm.len);
	p = put48(p, f->time);
	p = put16(p, f->fudge);
	p = put16(p, f->error);
	p = put16(p, (unsigned int)f->other_len);
	p = put_octets(p, f->other, f->other_len);
	n = capcert_hmac(key->hash, key->secret, key->secret_len, all, (size_t)(p - all),
			 ret->data);
	free(all);
	ret->len = n > 0 ? (size_t)n : 0;
	return n > 0;
}

void dns_tsig_sign(struct dns_message *m, const struct dns_key *key, int64_t now,
		   struct dns_mac *ret)
{
	const struct fields f = { .time = (uint64_t)now, .fudge = FUDGE };
	uint8_t *p = m->data + m->len, *length;

	/* Without memory it is not signed, and refused. */
	if (!mac_of(key, NULL, m->data, m->len, &f, ret))
		return;
	p = put_octets(p, key->name.wire, key->name.len);
	p = put16(p, TYPE_TSIG);
	p = put16(p, ns_c_any);
	p = put16(put16(p, 0), 0);
	length = p;
	p = put_octets(p + 2, key->algorithm.wire, key->algorithm.len);
	p = put48(p, f.time);
	p = put16(p, f.fudge);
	p = put16(p, (unsigned int)ret->len);
	p = put_octets(p, ret->data, ret->len);
	p = put_octets(p, m->data, 2); /* the id */
	p = put16(p, 0);
	p = put16(p, 0);
	put16(length, (unsigned int)(p - length - 2));
	m->len = (size_t)(p - m->data);
	put16(m->data + 10, get16(m->data + 10) + 1); /* ARCOUNT */
}

/* ---- checking ---- */

/* A TSIG record taken apart; it begins at @at of the message. */
struct record {
	size_t at;
	struct dns_name name, algorithm;
	struct fields f;
	const uint8_t *mac;
	size_t mac_len;
	const uint8_t *id;
};

/* Where the last record of the additional section begins. Return: 0 = there is none. */
static size_t last_record(const uint8_t *data, size_t len)
{
	const uint8_t *p = data + NS_HFIXEDSZ, *end = data + len;

	for (int s = ns_s_qd; s < ns_s_max; s++) {
		unsigned int count = get16(data + 4 + 2 * s);
		int n;

		if (s == ns_s_ar && !count)
			return 0;
		if (s == ns_s_ar)
			count--;
		n = count ? ns_skiprr(p, end, (ns_sect)s, (int)count) : 0;
		if (n < 0)
			return 0;
		p += n;
	}
	return (size_t)(p - data);
}

/* Section 4.2. Return: whether there is one and it is whole. */
static bool take_apart(const uint8_t *data, size_t len, struct record *r)
{
	const uint8_t *p, *end = data + len;
	int n;

	r->at = last_record(data, len);
	n = r->at ? dns_name_unpack(data, len, data + r->at, &r->name) : -1;
	if (n < 0 || end - (data + r->at + n) < FIXED)
		return false;
	p = data + r->at + n;
	if (get16(p) != TYPE_TSIG || get16(p + 2) != ns_c_any || get16(p + 4) || get16(p + 6) ||
	    (ptrdiff_t)get16(p + 8) != end - (p + FIXED))
		return false;
	p += FIXED;
	n = dns_name_unpack(data, len, p, &r->algorithm);
	if (n < 0 || end - (p + n) < 10)
		return false;
	p += n;
	r->f.time = get48(p);
	r->f.fudge = get16(p + 6);
	r->mac_len = get16(p + 8);
	r->mac = p + 10;
	if (end - r->mac < (ptrdiff_t)r->mac_len + 6)
		return false;
	p = r->mac + r->mac_len;
	r->id = p;
	r->f.error = get16(p + 2);
	r->f.other_len = get16(p + 4);
	r->f.other = p + 6;
	return end - r->f.other == (ptrdiff_t)r->f.other_len;
}

static bool same_mac(const uint8_t *a, const uint8_t *b, size_t len)
{
	uint8_t different = 0;

	for (size_t i = 0; i < len; i++)
		different |= (uint8_t)(a[i] ^ b[i]);
	return !different;
}

/* The message as it was before its record was put behind it. Return: octets to free(), @r->at of them. */
static uint8_t *without(const uint8_t *data, const struct record *r)
{
	uint8_t *copy = malloc(r->at);

	if (!copy)
		return NULL;
	memcpy(copy, data, r->at);
	memcpy(copy, r->id, 2);
	put16(copy + 10, get16(copy + 10) - 1);
	return copy;
}

static bool good(const uint8_t *data, const struct record *r, const struct dns_key *key,
		 const struct dns_mac *asked)
{
	struct dns_mac mac;
	uint8_t *copy;
	bool is;

	/* Shortened signatures (section 5.2.2.1) are not taken: nobody sends them unasked. */
	if (r->mac_len != asked->len || !dns_name_same(&r->name, &key->name) ||
	    !dns_name_same(&r->algorithm, &key->algorithm))
		return false;
	copy = without(data, r);
	is = copy && mac_of(key, asked, copy, r->at, &r->f, &mac) && mac.len == r->mac_len &&
	     same_mac(mac.data, r->mac, mac.len);
	free(copy);
	return is;
}

enum dns_tsig dns_tsig_check(const uint8_t *data, size_t len, const struct dns_key *key,
			     const struct dns_mac *asked, int64_t now, int64_t *ret_time)
{
	struct record r;
	int64_t apart;

	if (!take_apart(data, len, &r))
		return DNS_TSIG_NONE;
	if (!r.mac_len && r.f.error == ERROR_BADSIG)
		return DNS_TSIG_BADSIG;
	if (!r.mac_len && r.f.error == ERROR_BADKEY)
		return DNS_TSIG_BADKEY;
	if (!good(data, &r, key, asked))
		return DNS_TSIG_BAD;
	*ret_time = (int64_t)r.f.time;
	if (r.f.error == ERROR_BADTIME) {
		if (r.f.other_len == 6)
			*ret_time = (int64_t)get48(r.f.other);
		return DNS_TSIG_BADTIME;
	}
	if (r.f.error)
		return DNS_TSIG_BAD;
	apart = now - (int64_t)r.f.time;
	return apart > (int64_t)r.f.fudge || -apart > (int64_t)r.f.fudge ? DNS_TSIG_LATE
									 : DNS_TSIG_GOOD;
}
