// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the network process of the ACME daemon asks its installer to sign: a request is one for this key, and whole. */
#include <stdlib.h>
#include <string.h>
#include "helpers/acmed/csr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A key of P-256; its point is not looked at. */
	static const uint8_t spki[91] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
					  0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
					  0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04 };

	if (!csr_is_for(data, size, spki, sizeof(spki)))
		return 0;
	if (!memmem(data, size, spki, sizeof(spki)) ||
	    csr_is_for(data, size - 1, spki, sizeof(spki)))
		abort();
	return 0;
}
