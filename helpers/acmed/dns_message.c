// SPDX-License-Identifier: GPL-2.0-only
/* Messages of the DNS, built and read. */
#include <string.h>
#include "helpers/acmed/dns_message.h"

/* ---- building: what is put has been measured, and fits ---- */

static void put8(struct dns_message *m, unsigned int n)
{
	m->data[m->len++] = (uint8_t)n;
}

static void put16(struct dns_message *m, unsigned int n)
{
	put8(m, n >> 8);
	put8(m, n & 0xff);
}

static void put32(struct dns_message *m, uint32_t n)
{
	put16(m, n >> 16);
	put16(m, n & 0xffff);
}

static void put_name(struct dns_message *m, const struct dns_name *name)
{
	memcpy(m->data + m->len, name->wire, name->len);
	m->len += name->len;
}

/* RFC 1035 section 4.1.1. */
static void put_head(struct dns_message *m, uint16_t id, unsigned int flags, unsigned int updates)
{
	m->len = 0;
	put16(m, id);
	put16(m, flags);
	put16(m, 1); /* question, or zone */
	put16(m, 0);
	put16(m, updates);
	put16(m, 0);
}

void dns_question(struct dns_message *m, uint16_t id, const struct dns_name *name, ns_type type,
		  bool recurse)
{
	put_head(m, id, recurse ? 0x0100 : 0, 0);
	put_name(m, name);
	put16(m, type);
	put16(m, ns_c_in);
}

/* Strings of 255 octets (RFC 1035 section 3.3.14). */
static void put_text(struct dns_message *m, const char *text)
{
	size_t n = strlen(text), at = m->len;

	put16(m, 0);
	do {
		size_t one = n < 255 ? n : 255;

		put8(m, (unsigned int)one);
		memcpy(m->data + m->len, text, one);
		m->len += one;
		text += one;
		n -= one;
	} while (n);
	n = m->len - at - 2;
	m->data[at] = (uint8_t)(n >> 8);
	m->data[at + 1] = (uint8_t)n;
}

void dns_update(struct dns_message *m, uint16_t id, const struct dns_name *zone,
		const struct dns_name *name, const char *text, uint32_t ttl, bool add)
{
	put_head(m, id, ns_o_update << 11, 1);
	put_name(m, zone);
	put16(m, ns_t_soa);
	put16(m, ns_c_in);
	put_name(m, name);
	put16(m, ns_t_txt);
	put16(m, add ? ns_c_in : ns_c_none);
	put32(m, add ? ttl : 0);
	put_text(m, text);
}

/* ---- reading ---- */

static unsigned int get16(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

/* The first entry after the head is the same in both. Servers may leave it out where they refuse. */
static bool same_question(ns_msg *h, const struct dns_message *asked)
{
	const uint8_t *p = asked->data + NS_HFIXEDSZ;
	struct dns_name ours, theirs;
	int n = dns_name_unpack(asked->data, asked->len, p, &ours);
	int k;

	if (ns_msg_count(*h, ns_s_qd) == 0)
		return ns_msg_getflag(*h, ns_f_rcode) != ns_r_noerror ||
		       ns_msg_getflag(*h, ns_f_opcode) == ns_o_update;
	if (ns_msg_count(*h, ns_s_qd) != 1)
		return false;
	k = dns_name_unpack(ns_msg_base(*h), (size_t)ns_msg_size(*h), ns_msg_base(*h) + NS_HFIXEDSZ,
			    &theirs);
	return n > 0 && k > 0 && dns_name_same(&ours, &theirs) &&
	       memcmp(p + n, ns_msg_base(*h) + NS_HFIXEDSZ + k, 4) == 0;
}

enum dns_read dns_reply_read(const uint8_t *data, size_t len, const struct dns_message *asked,
			     struct dns_reply *ret)
{
	/* Answer, and operation; the id before them. */
	if (len < NS_HFIXEDSZ || len > DNS_MESSAGE || get16(data) != get16(asked->data) ||
	    (data[2] & 0xf8) != (0x80 | (asked->data[2] & 0x78)))
		return DNS_OTHER;
	if (data[2] & 0x02)
		return DNS_CUT;
	if (ns_initparse(data, (int)len, &ret->h) < 0 || !same_question(&ret->h, asked))
		return DNS_OTHER;
	ret->rcode = ns_msg_getflag(ret->h, ns_f_rcode);
	ret->authoritative = ns_msg_getflag(ret->h, ns_f_aa);
	return DNS_READ;
}

/* The next record of @name and @type in the answer section from *@at on. */
static bool next(struct dns_reply *r, const struct dns_name *name, ns_type type, int *at,
		 ns_rr *ret)
{
	uint8_t wire[DNS_NAME + 1];
	struct dns_name owner;

	while (*at < ns_msg_count(r->h, ns_s_an)) {
		if (ns_parserr(&r->h, ns_s_an, (*at)++, ret) < 0)
			return false;
		if (ns_rr_type(*ret) != type || ns_rr_class(*ret) != ns_c_in ||
		    ns_name_pton(ns_rr_name(*ret), wire, sizeof(wire)) < 0 ||
		    dns_name_unpack(wire, sizeof(wire), wire, &owner) < 0)
			continue;
		if (dns_name_same(&owner, name))
			return true;
	}
	return false;
}

/* The strings of a TXT record as one. Return: whether it is a text without NUL. */
static bool join(const ns_rr *rr, char *buf)
{
	const uint8_t *p = ns_rr_rdata(*rr);
	size_t left = ns_rr_rdlen(*rr), n = 0;

	while (left) {
		size_t one = *p;

		if (one > left - 1 || n + one >= DNS_TEXT || memchr(p + 1, '\0', one))
			return false;
		memcpy(buf + n, p + 1, one);
		n += one;
		p += 1 + one;
		left -= 1 + one;
	}
	buf[n] = '\0';
	return true;
}

int dns_reply_texts(struct dns_reply *r, const struct dns_name *name,
		    int (*each)(void *ctx, const char *text), void *ctx)
{
	char text[DNS_TEXT];
	int at = 0, result = 0;
	ns_rr rr;

	while (result == 0 && next(r, name, ns_t_txt, &at, &rr))
		if (join(&rr, text))
			result = each(ctx, text);
	return result;
}

int dns_reply_names(struct dns_reply *r, const struct dns_name *name, ns_type type,
		    int (*each)(void *ctx, const struct dns_name *value), void *ctx)
{
	struct dns_name value;
	int at = 0, result = 0;
	ns_rr rr;

	while (result == 0 && next(r, name, type, &at, &rr))
		if (dns_name_unpack(ns_msg_base(r->h), (size_t)ns_msg_size(r->h), ns_rr_rdata(rr),
				    &value) == (int)ns_rr_rdlen(rr))
			result = each(ctx, &value);
	return result;
}

int dns_reply_addresses(struct dns_reply *r, const struct dns_name *name, ns_type type,
			int (*each)(void *ctx, const uint8_t *value), void *ctx)
{
	const size_t len = type == ns_t_a ? 4 : 16;
	int at = 0, result = 0;
	ns_rr rr;

	while (result == 0 && next(r, name, type, &at, &rr))
		if (ns_rr_rdlen(rr) == len)
			result = each(ctx, ns_rr_rdata(rr));
	return result;
}

bool dns_reply_zone(struct dns_reply *r, const struct dns_name *name, struct dns_name *ret)
{
	static const ns_sect sections[] = { ns_s_an, ns_s_ns };
	uint8_t wire[DNS_NAME + 1];
	ns_rr rr;

	for (size_t s = 0; s < 2; s++)
		for (int i = 0; i < ns_msg_count(r->h, sections[s]); i++) {
			if (ns_parserr(&r->h, sections[s], i, &rr) < 0)
				break;
			if (ns_rr_type(rr) == ns_t_soa &&
			    ns_name_pton(ns_rr_name(rr), wire, sizeof(wire)) >= 0 &&
			    dns_name_unpack(wire, sizeof(wire), wire, ret) > 0 &&
			    dns_name_within(name, ret))
				return true;
		}
	return false;
}
