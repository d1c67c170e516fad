// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Any octets as a ClientHello: a name comes out that is a host name in lower case, or none. */
#include <stdlib.h>

#include "core/name.h"
#include "libcapcert/tls_hello.h"

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum tls_hello_fault fault;
	struct tls_hello h;
	size_t i, n;

	fault = tls_hello_read(cc_span(data, size), &h);
	n = strnlen(h.host, sizeof(h.host));
	CHECK(n < sizeof(h.host));
	CHECK(!n || cc_hostname_valid(cc_span(h.host, n)));
	for (i = 0; i < n; i++)
		CHECK(h.host[i] < 'A' || h.host[i] > 'Z');
	CHECK(fault != TLS_HELLO_OK || h.seen);
	return 0;
}
