// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Distinguished names: structure, comparison and hash after RFC 5280 section 7.1. */
#include "core/der.h"
#include "core/dn.h"
#include "core/text.h"

int cc_rdn_next(struct cc_span *rest, struct cc_span *ret_rdn)
{
	if (rest->n == 0)
		return 0;
	if (cc_der_get(rest, CC_DER_SET, ret_rdn) || ret_rdn->n == 0)
		return -1;
	return 1;
}

int cc_ava_next(struct cc_span *rest, struct cc_ava *ret)
{
	struct cc_span seq;

	if (rest->n == 0)
		return 0;
	if (cc_der_get(rest, CC_DER_SEQUENCE, &seq) || cc_der_oid_get(&seq, &ret->oid) ||
	    cc_der_any(&seq, &ret->tag, &ret->value) || seq.n)
		return -1;
	return 1;
}

/* X.690 section 11.6: SET OF in ascending order. No element is a prefix of a longer one. */
static bool ascending(struct cc_span a, struct cc_span b)
{
	return memcmp(a.p, b.p, a.n < b.n ? a.n : b.n) <= 0;
}

static bool set_valid(struct cc_span rdn)
{
	struct cc_span last = { NULL, 0 }, this;
	unsigned int count = 0;
	struct cc_ava ava;

	while (rdn.n) {
		this.p = rdn.p;
		if (++count > CC_DN_AVA_MAX || cc_ava_next(&rdn, &ava) < 0)
			return false;
		this.n = (size_t)(rdn.p - this.p);
		if (count > 1 && !ascending(last, this))
			return false;
		last = this;
	}
	return true;
}

static inline bool rdn_valid(struct cc_span rdn)
{
	struct cc_span rest = rdn;
	struct cc_ava ava;

	if (cc_ava_next(&rest, &ava) < 0)
		return false;
	return rest.n == 0 || set_valid(rdn);
}

bool cc_dn_valid(struct cc_span body)
{
	struct cc_span rdn;
	int r;

	while ((r = cc_rdn_next(&body, &rdn)) > 0)
		if (!rdn_valid(rdn))
			return false;
	return r == 0;
}

/* The RDNs of a whole Name, if it is one. */
static bool dn_body(struct cc_span name, struct cc_span *ret)
{
	return cc_der_only(name, CC_DER_SEQUENCE, ret) == 0 && cc_dn_valid(*ret);
}

bool cc_dn_empty(struct cc_span name)
{
	return name.n == 2 && name.p[0] == CC_DER_SEQUENCE && name.p[1] == 0;
}

/* String types whose octets below 0x80 are ASCII and that section 7.1 lets compare as text. */
static bool folds(uint8_t tag)
{
	switch (tag) {
	case CC_DER_UTF8_STRING:
	case CC_DER_PRINTABLE_STRING:
	case CC_DER_IA5_STRING:
	case CC_DER_VISIBLE_STRING:
	case CC_DER_NUMERIC_STRING:
		return true;
	default:
		return false;
	}
}

static void eat_spaces(struct cc_span *s)
{
	while (s->n && *s->p == ' ') {
		s->p++;
		s->n--;
	}
}

/* Next octet of a folded value, -1 at its end. The value begins after eat_spaces(). */
static int folded(struct cc_span *s)
{
	uint8_t c;

	if (s->n == 0)
		return -1;
	c = *s->p++;
	s->n--;
	if (c != ' ')
		return cc_ascii_lower(c);
	eat_spaces(s);
	return s->n ? ' ' : -1;
}

static bool ava_equal(const struct cc_ava *a, const struct cc_ava *b)
{
	struct cc_span x = a->value, y = b->value;
	int c;

	if (!cc_span_equal(a->oid, b->oid))
		return false;
	if (!folds(a->tag) || !folds(b->tag))
		return a->tag == b->tag && cc_span_equal(x, y);
	eat_spaces(&x);
	eat_spaces(&y);
	do {
		c = folded(&x);
		if (c != folded(&y))
			return false;
	} while (c >= 0);
	return true;
}

static unsigned int count_equal(struct cc_span rdn, const struct cc_ava *ava)
{
	unsigned int count = 0;
	struct cc_ava other;

	while (cc_ava_next(&rdn, &other) > 0)
		count += ava_equal(&other, ava);
	return count;
}

/* As multisets: equal names must have equal hashes, and those are sums over the AVAs. */
static bool rdn_equal(struct cc_span a, struct cc_span b)
{
	unsigned int in_a = 0, in_b = 0;
	struct cc_span rest = a;
	struct cc_ava ava;

	if (cc_span_equal(a, b))
		return true;
	while (cc_ava_next(&rest, &ava) > 0) {
		in_a++;
		if (count_equal(a, &ava) != count_equal(b, &ava))
			return false;
	}
	while (cc_ava_next(&b, &ava) > 0)
		in_b++;
	return in_a == in_b;
}

/* Walks both; true when @base is used up with every RDN equal. @ret_rest: what @name has left. */
static bool dn_prefix(struct cc_span name, struct cc_span base, struct cc_span *ret_rest)
{
	struct cc_span a, b;

	while (base.n) {
		if (cc_rdn_next(&name, &a) <= 0 || cc_rdn_next(&base, &b) <= 0 || !rdn_equal(a, b))
			return false;
	}
	*ret_rest = name;
	return true;
}

bool cc_dn_equal(struct cc_span a, struct cc_span b)
{
	struct cc_span x, y, rest;

	if (cc_span_equal(a, b))
		return true;
	return dn_body(a, &x) && dn_body(b, &y) && dn_prefix(x, y, &rest) && rest.n == 0;
}

bool cc_dn_within(struct cc_span name, struct cc_span base)
{
	struct cc_span x, y, rest;

	return dn_body(name, &x) && dn_body(base, &y) && dn_prefix(x, y, &rest);
}

/* FNV-1a; names come from anyone, so indexes must bound their chains or mix in a secret. */
#define HASH_START 0x811c9dc5u
#define HASH_PRIME 0x01000193u

static uint32_t hash_bytes(uint32_t h, struct cc_span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		h = (h ^ s.p[i]) * HASH_PRIME;
	return h;
}

static uint32_t ava_hash(const struct cc_ava *ava)
{
	uint32_t h = hash_bytes(HASH_START, ava->oid);
	struct cc_span v = ava->value;
	int c;

	if (!folds(ava->tag))
		return hash_bytes((h ^ ava->tag) * HASH_PRIME, v);
	eat_spaces(&v);
	while ((c = folded(&v)) >= 0)
		h = (h ^ (uint32_t)c) * HASH_PRIME;
	return h;
}

uint32_t cc_dn_hash(struct cc_span name)
{
	struct cc_span body, rdn;
	uint32_t h = HASH_START;
	struct cc_ava ava;
	int r;

	if (cc_der_only(name, CC_DER_SEQUENCE, &body))
		return hash_bytes(h, name);
	/* What is no name equals only itself, and may have any hash of its octets. */
	while ((r = cc_rdn_next(&body, &rdn)) > 0) {
		uint32_t sum = 0;

		while ((r = cc_ava_next(&rdn, &ava)) > 0)
			sum += ava_hash(&ava);
		if (r < 0)
			break;
		h = (h ^ sum) * HASH_PRIME;
		h ^= h >> 15;
	}
	return r < 0 ? hash_bytes(HASH_START, name) : h;
}

bool cc_dn_attr(struct cc_span name, struct cc_span oid, struct cc_span *ret_value)
{
	struct cc_span body, rdn;
	struct cc_ava ava;
	bool found = false;

	if (!dn_body(name, &body))
		return false;
	while (cc_rdn_next(&body, &rdn) > 0) {
		while (cc_ava_next(&rdn, &ava) > 0) {
			if (!cc_span_equal(ava.oid, oid))
				continue;
			*ret_value = ava.value;
			found = true;
		}
	}
	return found;
}
