// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What programs hand to the PKCS#11 provider as octets: a DigestInfo, and both forms of an ECDSA signature.
 * What is taken must give the same octets when it is written again. */
#include <stdlib.h>
#include <string.h>
#include "pkcs11/provider/digest_info.h"
#include "pkcs11/provider/ecdsa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int truth)
{
	if (!truth)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t sizes[] = { 32, 48, 66 };
	uint8_t raw[2 * ECDSA_SIZE_MOST], der[2 * ECDSA_SIZE_MOST + 9];
	const uint8_t *digest;
	size_t n = digest_info_parse(data, size, &digest);

	need(n == 0 || (n == size - 19 && digest == data + 19));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		if (ecdsa_to_raw(data, size, sizes[i], raw) == 0)
			need(ecdsa_to_der(raw, sizes[i], der) == (int)size &&
			     !memcmp(der, data, size));
		if (size == 2 * sizes[i]) {
			int len = ecdsa_to_der(data, sizes[i], der);

			need(len < 0 || (ecdsa_to_raw(der, (size_t)len, sizes[i], raw) == 0 &&
					 !memcmp(raw, data, size)));
		}
	}
	return 0;
}
