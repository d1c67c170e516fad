// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Numbers of a token as DER, and public keys of others: what is made here is understood here. The first
 * octet says what the rest is. */
#include <stdlib.h>
#include <string.h>

#include "pkcs11/consumer/der.h"

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

/* Length octet and that many octets, or what there is. */
static CK_ATTRIBUTE part(const uint8_t **data, size_t *size)
{
	size_t n = *size ? **data : 0;
	CK_ATTRIBUTE attr = { 0, NULL, 0 };

	if (!*size)
		return attr;
	(*data)++;
	(*size)--;
	if (n > *size)
		n = *size;
	attr.pValue = (void *)*data;
	attr.ulValueLen = n;
	*data += n;
	*size -= n;
	return attr;
}

static void public_key(CK_KEY_TYPE type, const uint8_t *data, size_t size)
{
	struct der_key key = { .type = type };
	uint32_t algorithm, bits, algorithm2, bits2;
	uint8_t spki[1024];
	int n;

	key.modulus = part(&data, &size);
	key.exponent = part(&data, &size);
	key.params = part(&data, &size);
	key.point = part(&data, &size);
	n = der_spki(&key, &algorithm, &bits, spki, sizeof(spki));
	if (n <= 0)
		return;
	CHECK((size_t)n <= sizeof(spki));
	CHECK(!der_of_spki(spki, (size_t)n, &algorithm2, &bits2));
	CHECK(algorithm == algorithm2 && bits == bits2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t algorithm, bits;
	uint8_t sig[160];
	int n;

	if (!size)
		return 0;
	switch (*data % 5) {
	case 0:
		der_of_spki(data + 1, size - 1, &algorithm, &bits);
		break;
	case 1:
		n = der_ecdsa(data + 1, size - 1 > 132 ? 132 : size - 1, sig, sizeof(sig));
		CHECK(n < 0 || ((size_t)n <= sizeof(sig) && sig[0] == 0x30));
		break;
	case 2:
		public_key(CKK_RSA, data + 1, size - 1);
		break;
	case 3:
		public_key(CKK_EC, data + 1, size - 1);
		break;
	default:
		public_key(0x40 /* CKK_EC_EDWARDS */, data + 1, size - 1);
	}
	return 0;
}
