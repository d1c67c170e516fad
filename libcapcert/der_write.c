// SPDX-License-Identifier: LGPL-2.1-or-later
/* DER from the end to the beginning (X.690 sections 8, 10 and 11). */
#include <errno.h>
#include <stdlib.h>
#include "core/der.h"
#include "core/time.h"
#include "libcapcert/der_write.h"

#define ROOM_MIN 256

static uint8_t *reserve(struct der_out *out, size_t n)
{
	size_t cap = out->cap ? out->cap : ROOM_MIN;
	uint8_t *buf;

	if (out->error)
		return NULL;
	if (n > SIZE_MAX / 4 || out->n > SIZE_MAX / 4) {
		out->error = -ENOMEM;
		return NULL;
	}
	while (cap < out->n + n)
		cap *= 2;
	if (cap > out->cap) {
		buf = malloc(cap);
		if (!buf) {
			out->error = -ENOMEM;
			return NULL;
		}
		if (out->n)
			memcpy(buf + cap - out->n, out->buf + out->cap - out->n, out->n);
		free(out->buf);
		out->buf = buf;
		out->cap = cap;
	}
	out->n += n;
	return out->buf + out->cap - out->n;
}

void der_put_raw(struct der_out *out, struct cc_span raw)
{
	uint8_t *p = reserve(out, raw.n);

	if (p && raw.n)
		memcpy(p, raw.p, raw.n);
}

void der_put_head(struct der_out *out, uint8_t tag, size_t mark)
{
	size_t len = out->error ? 0 : out->n - mark;
	uint8_t head[2 + sizeof(size_t)], *p = head + sizeof(head);
	size_t octets = 0;

	if (len < 0x80) {
		*--p = (uint8_t)len;
	} else {
		for (; len; len >>= 8, octets++)
			*--p = (uint8_t)len;
		*--p = (uint8_t)(0x80 | octets);
	}
	*--p = tag;
	der_put_raw(out, cc_span(p, (size_t)(head + sizeof(head) - p)));
}

void der_put_bytes(struct der_out *out, uint8_t tag, struct cc_span contents)
{
	size_t mark = der_mark(out);

	der_put_raw(out, contents);
	der_put_head(out, tag, mark);
}

void der_put_number(struct der_out *out, uint8_t tag, uint64_t value)
{
	uint8_t octets[9], *p = octets + sizeof(octets);

	do {
		*--p = (uint8_t)value;
		value >>= 8;
	} while (value);
	if (*p >= 0x80)
		*--p = 0;
	der_put_bytes(out, tag, cc_span(p, (size_t)(octets + sizeof(octets) - p)));
}

void der_put_flags(struct der_out *out, uint8_t tag, uint32_t mask)
{
	uint8_t octets[5] = { 0 };
	unsigned int bit, last = 0;

	for (bit = 0; bit < 32; bit++) {
		if (!(mask >> bit & 1))
			continue;
		octets[1 + bit / 8] |= (uint8_t)(0x80 >> bit % 8);
		last = bit;
	}
	octets[0] = mask ? (uint8_t)(7 - last % 8) : 0;
	der_put_bytes(out, tag, cc_span(octets, mask ? 2 + last / 8 : 1));
}

void der_put_time(struct der_out *out, uint8_t tag, int64_t time)
{
	char text[CC_TIME_TEXT], *w = text;
	struct cc_civil civil;
	const char *r;
	size_t skip = tag == CC_DER_UTC_TIME ? 2 : 0; /* the century */

	if (!cc_time_to_civil(time, &civil)) {
		if (!out->error)
			out->error = -EINVAL;
		return;
	}
	/* "2026-01-31T23:59:59Z" less its punctuation */
	cc_time_format(time, text, sizeof(text));
	for (r = text; *r; r++)
		if (*r != '-' && *r != ':' && *r != 'T')
			*w++ = *r;
	der_put_bytes(out, tag, cc_span(text + skip, (size_t)(w - text) - skip));
}

void der_put_true(struct der_out *out)
{
	der_put_bytes(out, CC_DER_BOOLEAN, cc_span("\xff", 1));
}

int der_finish(struct der_out *out, uint8_t **ret, size_t *ret_len)
{
	struct der_out all = *out;
	uint8_t *copy;

	memset(out, 0, sizeof(*out));
	copy = all.error ? NULL : malloc(all.n ? all.n : 1);
	if (!copy) {
		free(all.buf);
		return all.error ? all.error : -ENOMEM;
	}
	if (all.n)
		memcpy(copy, all.buf + all.cap - all.n, all.n);
	free(all.buf);
	*ret = copy;
	*ret_len = all.n;
	return 0;
}
