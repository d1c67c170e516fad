// SPDX-License-Identifier: LGPL-2.1-or-later
/* DigestInfo, RFC 8017 section 9.2. */
#include <string.h>
#include "pkcs11/provider/digest_info.h"

#define HEAD 19

/* What differs between the three: lengths and the last arc of 2.16.840.1.101.3.4.2. */
static const struct {
	uint8_t whole, arc, digest;
} forms[] = { { 0x31, 1, 32 }, { 0x41, 2, 48 }, { 0x51, 3, 64 } };

size_t digest_info_parse(const uint8_t *data, size_t len, const uint8_t **ret_digest)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		const uint8_t head[HEAD] = { 0x30, forms[i].whole, 0x30,	   0x0d,
					     0x06, 0x09,	   0x60,	   0x86,
					     0x48, 0x01,	   0x65,	   0x03,
					     0x04, 0x02,	   forms[i].arc,   0x05,
					     0x00, 0x04,	   forms[i].digest };

		if (len != HEAD + (size_t)forms[i].digest || memcmp(data, head, HEAD) != 0)
			continue;
		*ret_digest = data + HEAD;
		return forms[i].digest;
	}
	return 0;
}
