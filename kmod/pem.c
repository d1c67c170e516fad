// SPDX-License-Identifier: GPL-2.0-only
/* PEM to DER, strictly: one certificate, nothing but white space around it (RFC 7468 section 3). */
#include <linux/errno.h>
#include <linux/string.h>

#include "kmod/pem.h"

#define PEM_BEGIN "-----BEGIN CERTIFICATE-----"
#define PEM_END "-----END CERTIFICATE-----"

static bool pem_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int pem_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

static void pem_trim(const char **text, size_t *len)
{
	while (*len && pem_blank(**text)) {
		(*text)++;
		(*len)--;
	}
	while (*len && pem_blank((*text)[*len - 1]))
		(*len)--;
}

/* Base64 of RFC 4648 section 4, blanks anywhere, complete with padding. */
static ssize_t pem_decode(const char *text, size_t len, u8 *out, size_t cap)
{
	size_t i, n = 0, digits = 0, pads = 0;
	u32 bits = 0;

	for (i = 0; i < len; i++) {
		int digit = pem_digit(text[i]);

		if (pem_blank(text[i]))
			continue;
		if (text[i] == '=' && digits % 4 + pads >= 2 && pads < 2) {
			pads++;
			continue;
		}
		if (digit < 0 || pads)
			return -EBADMSG;
		bits = bits << 6 | (u32)digit;
		if (digits++ % 4 == 0)
			continue;
		if (n == cap)
			return -EMSGSIZE;
		/* After the 2nd, 3rd, 4th digit of four: 4, 2, 0 bits wait for the next one. */
		out[n++] = (u8)(bits >> 2 * ((4 - digits % 4) % 4));
	}
	if ((digits + pads) % 4 || !digits)
		return -EBADMSG;
	/* Bits behind the last byte must be zero: one text for one certificate. */
	if (pads && bits & ((1u << pads * 2) - 1))
		return -EBADMSG;
	return (ssize_t)n;
}

ssize_t cc_pem_certificate(const char *text, size_t len, u8 *der, size_t cap)
{
	const size_t begin = strlen(PEM_BEGIN), end = strlen(PEM_END);

	pem_trim(&text, &len);
	if (len < begin + end || memcmp(text, PEM_BEGIN, begin) ||
	    memcmp(text + len - end, PEM_END, end))
		return -EBADMSG;
	/* A second block would put hyphens, which are no base64, in between. */
	return pem_decode(text + begin, len - begin - end, der, cap);
}
