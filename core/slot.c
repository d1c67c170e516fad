// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Names of certificate slots, and patterns that stand for some of them. */
#include "core/slot.h"

static bool slot_octet(uint8_t c)
{
	return c > 0x20 && c < 0x7f && c != ',' && c != '"' && c != '\\';
}

static bool slot_part(struct cc_span part)
{
	if (!part.n || (part.n == 1 && part.p[0] == '.'))
		return false;
	return part.n != 2 || part.p[0] != '.' || part.p[1] != '.';
}

bool cc_slot_name_valid(struct cc_span name)
{
	size_t from = 0, i;

	if (!name.n || name.n > CC_SLOT_NAME_MAX)
		return false;
	for (i = 0; i < name.n; i++) {
		if (!slot_octet(name.p[i]))
			return false;
		if (name.p[i] != '/')
			continue;
		if (!slot_part(cc_span(name.p + from, i - from)))
			return false;
		from = i + 1;
	}
	return slot_part(cc_span(name.p + from, name.n - from));
}

static bool slot_prefix(struct cc_span pattern)
{
	return pattern.n && pattern.p[pattern.n - 1] == '/';
}

bool cc_slot_pattern_valid(struct cc_span pattern)
{
	if (pattern.n > CC_SLOT_NAME_MAX)
		return false;
	if (slot_prefix(pattern))
		pattern.n--;
	return cc_slot_name_valid(pattern);
}

static bool slot_begins(struct cc_span text, struct cc_span with)
{
	return text.n >= with.n && (!with.n || !memcmp(text.p, with.p, with.n));
}

bool cc_slot_pattern_match(struct cc_span pattern, struct cc_span name)
{
	if (slot_prefix(pattern))
		return name.n > pattern.n && slot_begins(name, pattern);
	return cc_span_equal(pattern, name);
}

int cc_slot_patterns_next(struct cc_span *rest, struct cc_span *ret)
{
	struct cc_span one = *rest;
	size_t i;

	if (!rest->n)
		return 0;
	for (i = 0; i < rest->n && rest->p[i] != ','; i++)
		;
	one.n = i;
	/* A comma with nothing behind it is not the end of a list. */
	if (!cc_slot_pattern_valid(one) || i + 1 == rest->n)
		return -1;
	if (i < rest->n)
		i++;
	*ret = one;
	rest->p += i;
	rest->n -= i;
	return 1;
}

bool cc_slot_patterns_valid(struct cc_span text)
{
	uint32_t count = 0;
	struct cc_span one;
	int r;

	if (!text.n || text.n > CC_SLOT_PATTERNS_TEXT_MAX)
		return false;
	while ((r = cc_slot_patterns_next(&text, &one)) == 1)
		if (++count > CC_SLOT_PATTERNS_MAX)
			return false;
	return r == 0;
}

bool cc_slot_patterns_match(struct cc_span text, struct cc_span name)
{
	struct cc_span one;

	if (!text.n)
		return true;
	while (cc_slot_patterns_next(&text, &one) == 1)
		if (cc_slot_pattern_match(one, name))
			return true;
	return false;
}

/* A prefix within a prefix: the longer one begins with the shorter, whole parts both. */
static bool slot_within(struct cc_span inner, struct cc_span outer)
{
	while (outer.n) {
		struct cc_span one;

		if (cc_slot_patterns_next(&outer, &one) != 1)
			return false;
		if (slot_prefix(one)
			    ? slot_begins(inner, one) && (slot_prefix(inner) || inner.n > one.n)
			    : cc_span_equal(inner, one))
			return true;
	}
	return false;
}

bool cc_slot_patterns_within(struct cc_span inner, struct cc_span outer)
{
	struct cc_span one;
	int r;

	if (!outer.n)
		return true;
	if (!inner.n)
		return false;
	while ((r = cc_slot_patterns_next(&inner, &one)) == 1)
		if (!slot_within(one, outer))
			return false;
	return r == 0;
}

/* The pattern at @index; no text is one of no octets. */
static bool slot_pattern_at(struct cc_span text, uint32_t index, struct cc_span *ret)
{
	if (!text.n) {
		*ret = text;
		return index == 0;
	}
	do {
		if (cc_slot_patterns_next(&text, ret) != 1)
			return false;
	} while (index--);
	return true;
}

static struct cc_span slot_last_part(struct cc_span name)
{
	size_t i = name.n;

	while (i && name.p[i - 1] != '/')
		i--;
	return cc_span(name.p + i, name.n - i);
}

/* @prefix, @star, @host in @ret, if it makes a name. Return: its length, else 0. */
static size_t slot_join(struct cc_span prefix, const char *star, struct cc_span host, char *ret)
{
	const size_t n = strlen(star);

	if (prefix.n + n + host.n > CC_SLOT_NAME_MAX)
		return 0;
	if (prefix.n)
		memcpy(ret, prefix.p, prefix.n);
	memcpy(ret + prefix.n, star, n);
	if (host.n)
		memcpy(ret + prefix.n + n, host.p, host.n);
	ret[prefix.n + n + host.n] = 0;
	return prefix.n + n + host.n;
}

/* What @pattern has for a host: itself, if that is its last part, or the prefix with it. */
static size_t slot_of_host(struct cc_span pattern, const char *star, struct cc_span host, char *ret)
{
	struct cc_span last;

	if (!pattern.n || slot_prefix(pattern))
		return slot_join(pattern, star, host, ret);
	last = slot_last_part(pattern);
	if (!slot_join(cc_span(NULL, 0), star, host, ret) ||
	    !cc_span_equal(last, cc_span(ret, strlen(ret))))
		return 0;
	return slot_join(pattern, "", cc_span(NULL, 0), ret);
}

size_t cc_slot_candidate(struct cc_span patterns, struct cc_span host, uint32_t *at,
			 char ret[CC_SLOT_NAME_MAX + 1])
{
	struct cc_span pattern, parent = host;
	uint32_t index;
	size_t i, n;

	for (i = 0; i < host.n; i++)
		if (host.p[i] == '/')
			return 0;
	if (!cc_slot_name_valid(host))
		return 0;
	while (parent.n && parent.p[0] != '.') {
		parent.p++;
		parent.n--;
	}
	/* The two rounds have the even and the odd numbers: no count of patterns is needed. */
	for (;;) {
		const bool wild = *at & 1;

		index = *at >> 1;
		if (!slot_pattern_at(patterns, index, &pattern)) {
			if (wild)
				return 0;
			*at = 1;
			continue;
		}
		*at += 2;
		/* "*" and ".example.org": a host of one label has no parent. */
		if (wild && parent.n < 2)
			continue;
		n = slot_of_host(pattern, wild ? "*" : "", wild ? parent : host, ret);
		if (n)
			return n;
	}
}
