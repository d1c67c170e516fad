// SPDX-License-Identifier: LGPL-2.1-or-later
/* Two INTEGERs and the SEQUENCE round them: less than 256 octets for every curve that is known here. */
#include <errno.h>
#include <string.h>
#include "pkcs11/provider/ecdsa.h"

struct in {
	const uint8_t *p;
	size_t n;
};

/* Header of a TLV that goes to the end of @in or before it; DER length below 256. */
static int header(struct in *in, uint8_t tag, size_t *ret_len)
{
	size_t head = 2, len;

	if (in->n < 2 || in->p[0] != tag)
		return -EBADMSG;
	len = in->p[1];
	if (len == 0x81) {
		if (in->n < 3 || in->p[2] < 0x80)
			return -EBADMSG;
		len = in->p[2];
		head = 3;
	} else if (len >= 0x80) {
		return -EBADMSG;
	}
	if (len > in->n - head)
		return -EBADMSG;
	in->p += head;
	in->n -= head;
	*ret_len = len;
	return 0;
}

/* A minimal positive INTEGER of at most @size octets, padded to @size. */
static int number(struct in *in, size_t size, uint8_t *ret)
{
	const uint8_t *p;
	size_t n;
	int r = header(in, 0x02, &n);

	if (r < 0)
		return r;
	p = in->p;
	in->p += n;
	in->n -= n;
	if (n == 0 || p[0] >= 0x80 || (n == 1 && !p[0]) || (n > 1 && !p[0] && p[1] < 0x80))
		return -EBADMSG;
	if (!p[0]) {
		p++;
		n--;
	}
	if (n > size)
		return -EBADMSG;
	memset(ret, 0, size - n);
	memcpy(ret + size - n, p, n);
	return 0;
}

int ecdsa_to_raw(const uint8_t *der, size_t len, size_t size, uint8_t *ret)
{
	struct in in = { der, len };
	size_t n;
	int r = header(&in, 0x30, &n);

	if (r == 0 && n != in.n)
		r = -EBADMSG;
	if (r == 0)
		r = number(&in, size, ret);
	if (r == 0)
		r = number(&in, size, ret + size);
	return r == 0 && in.n ? -EBADMSG : r;
}

static uint8_t *put_number(uint8_t *at, const uint8_t *p, size_t n)
{
	while (n && !*p) {
		p++;
		n--;
	}
	if (!n)
		return NULL;
	*at++ = 0x02;
	*at++ = (uint8_t)(n + (*p >> 7));
	if (*p & 0x80)
		*at++ = 0;
	memcpy(at, p, n);
	return at + n;
}

int ecdsa_to_der(const uint8_t *raw, size_t size, uint8_t *ret)
{
	uint8_t body[2 * (ECDSA_SIZE_MOST + 3)], *end = body;
	size_t n, head;

	if (size > ECDSA_SIZE_MOST)
		return -EBADMSG;
	end = put_number(end, raw, size);
	if (end)
		end = put_number(end, raw + size, size);
	if (!end)
		return -EBADMSG;
	n = (size_t)(end - body);
	head = n < 0x80 ? 2 : 3;
	ret[0] = 0x30;
	ret[1] = head == 2 ? (uint8_t)n : 0x81;
	if (head == 3)
		ret[2] = (uint8_t)n;
	memcpy(ret + head, body, n);
	return (int)(head + n);
}
