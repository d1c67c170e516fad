// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* SCTs and lists of them out of their TLS encoding (RFC 5246 section 4), and what an SCT signs. */
#include "core/sct.h"

#define LIST_MAX 65535u
#define ENTRY_MAX 0xffffffu

const char *cc_sct_error_text(int error)
{
	switch (error) {
	case CC_SCT_OK:
		return "no error";
#define X(nr, name, text) \
	case nr:          \
		return text;
		CC_SCT_ERRORS(X)
#undef X
	default:
		return "?";
	}
}

static bool take(struct cc_span *in, size_t n, struct cc_span *ret)
{
	if (in->n < n)
		return false;
	*ret = cc_span(in->p, n);
	in->p += n;
	in->n -= n;
	return true;
}

static bool take_byte(struct cc_span *in, uint8_t *ret)
{
	struct cc_span one;

	if (!take(in, 1, &one))
		return false;
	*ret = one.p[0];
	return true;
}

/* opaque <0..2^16-1> */
static bool take_vector(struct cc_span *in, struct cc_span *ret)
{
	struct cc_span head, rest = *in;

	if (!take(&rest, 2, &head) || !take(&rest, (size_t)head.p[0] << 8 | head.p[1], ret))
		return false;
	*in = rest;
	return true;
}

static uint64_t number(struct cc_span in)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < in.n; i++)
		value = value << 8 | in.p[i];
	return value;
}

int cc_sct_parse(struct cc_span tls, struct cc_sct *ret)
{
	struct cc_span in = tls, time;

	memset(ret, 0, sizeof(*ret));
	ret->whole = tls;
	if (tls.n > LIST_MAX)
		return CC_SCT_E_TOO_LARGE;
	if (!take_byte(&in, &ret->version))
		return CC_SCT_E_TRUNCATED;
	/* Nobody knows what follows another version. */
	if (ret->version != CC_SCT_V1)
		return CC_SCT_E_VERSION;
	if (!take(&in, CC_SCT_LOG_ID, &ret->log_id) || !take(&in, 8, &time) ||
	    !take_vector(&in, &ret->extensions) || !take_byte(&in, &ret->hash_alg) ||
	    !take_byte(&in, &ret->sig_alg) || !take_vector(&in, &ret->signature))
		return CC_SCT_E_TRUNCATED;
	ret->timestamp = number(time);
	return in.n ? CC_SCT_E_TRAILING : CC_SCT_OK;
}

/* SerializedSCT ::= opaque <1..2^16-1> */
int cc_sct_next(struct cc_span *rest, struct cc_span *ret_sct)
{
	struct cc_span in = *rest;

	if (in.n == 0)
		return 0;
	if (!take_vector(&in, ret_sct) || ret_sct->n == 0)
		return -1;
	*rest = in;
	return 1;
}

int cc_sct_list_open(struct cc_span tls, struct cc_span *ret_rest, uint32_t *ret_count)
{
	struct cc_span in = tls, list, walk, one;
	uint32_t count = 0;

	if (tls.n > LIST_MAX + 2)
		return CC_SCT_E_TOO_LARGE;
	if (!take_vector(&in, &list))
		return CC_SCT_E_TRUNCATED;
	if (in.n)
		return CC_SCT_E_TRAILING;
	if (list.n == 0)
		return CC_SCT_E_EMPTY;
	for (walk = list; walk.n; count++) {
		if (!take_vector(&walk, &one))
			return CC_SCT_E_TRUNCATED;
		if (one.n == 0)
			return CC_SCT_E_EMPTY;
	}
	*ret_rest = list;
	if (ret_count)
		*ret_count = count;
	return CC_SCT_OK;
}

int cc_sct_leaf_index(struct cc_span extensions, uint64_t *ret)
{
	struct cc_span data;
	uint8_t type;
	int found = 0;

	while (extensions.n) {
		if (!take_byte(&extensions, &type) || !take_vector(&extensions, &data))
			return -1;
		if (type != 0)
			continue;
		if (data.n != 5 || found)
			return -1;
		*ret = number(data);
		found = 1;
	}
	return found;
}

static size_t put_number(uint8_t *p, uint64_t value, size_t octets)
{
	size_t i;

	for (i = octets; i > 0; i--) {
		p[i - 1] = (uint8_t)value;
		value >>= 8;
	}
	return octets;
}

bool cc_sct_signed(const struct cc_sct *sct, const struct cc_sct_entry *entry,
		   struct cc_sct_signed *ret)
{
	size_t len = 0, n = 0;
	uint32_t i;

	if (entry->part_count > CC_SCT_PARTS_MAX)
		return false;
	for (i = 0; i < entry->part_count; i++) {
		if (entry->parts[i].n > ENTRY_MAX - len)
			return false;
		len += entry->parts[i].n;
		ret->span[1 + i] = entry->parts[i];
	}
	if (len == 0)
		return false;
	ret->head[n++] = sct->version;
	ret->head[n++] = 0; /* certificate_timestamp */
	n += put_number(ret->head + n, sct->timestamp, 8);
	n += put_number(ret->head + n, entry->precert, 2); /* x509_entry, precert_entry */
	if (entry->precert) {
		memcpy(ret->head + n, entry->issuer_key, sizeof(entry->issuer_key));
		n += sizeof(entry->issuer_key);
	}
	n += put_number(ret->head + n, len, 3);
	ret->span[0] = cc_span(ret->head, n);
	put_number(ret->tail, sct->extensions.n, 2);
	ret->span[1 + i] = cc_span(ret->tail, 2);
	ret->span[2 + i] = sct->extensions;
	ret->count = i + 3;
	return true;
}
