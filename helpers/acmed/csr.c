// SPDX-License-Identifier: GPL-2.0-only
/* Just enough DER to know a request. */
#include <string.h>
#include "helpers/acmed/csr.h"

struct der {
	const uint8_t *p;
	size_t n;
};

/* The next TLV of @d with @tag, of the shortest length form. Return: whether there is one. */
static bool take(struct der *d, uint8_t tag, struct der *contents)
{
	size_t len, head = 2;

	if (d->n < 2 || d->p[0] != tag)
		return false;
	len = d->p[1];
	if (len & 0x80) {
		size_t octets = len & 0x7f;

		if (!octets || octets > 2 || d->n < 2 + octets)
			return false;
		len = d->p[2];
		if (octets == 2)
			len = len << 8 | d->p[3];
		if (len < (octets == 1 ? 0x80u : 0x100u))
			return false;
		head += octets;
	}
	if (d->n - head < len)
		return false;
	*contents = (struct der){ d->p + head, len };
	d->p += head + len;
	d->n -= head + len;
	return true;
}

bool csr_is_for(const uint8_t *p, size_t len, const uint8_t *spki, size_t spki_len)
{
	struct der all = { p, len }, info, part;

	if (!take(&all, 0x30, &info) || all.n)
		return false;
	if (!take(&info, 0x02, &part) || part.n != 1 || part.p[0] != 0)
		return false;
	if (!take(&info, 0x30, &part) || info.n < spki_len || memcmp(info.p, spki, spki_len) != 0)
		return false;
	info.p += spki_len;
	info.n -= spki_len;
	return take(&info, 0xa0, &part) && !info.n;
}
