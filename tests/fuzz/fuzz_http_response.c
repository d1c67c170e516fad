// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Any octets as the answer of an HTTP server: in whatever pieces they come, they are the same answer, or none.
 * The first octet: bit 0 a HEAD was asked, the rest the size of the pieces. */
#include <stdlib.h>
#include <string.h>

#include "libcapcert/http_response.h"

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int feed(struct http_response *r, const uint8_t *p, size_t n, size_t step, bool head)
{
	size_t used = 0;
	int e = 0;

	http_response_start(r, head, 8192);
	while (e == 0 && n) {
		size_t now = n < step ? n : step;

		e = http_response_feed(r, cc_span(p, now), &used);
		if (e < 0) {
			CHECK(e == -12 || r->error);
			return e;
		}
		CHECK(used <= now && (e == 1 || used == now));
		p += used;
		n -= used;
	}
	return e ? e : http_response_end(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_response a, b;
	size_t step;
	char url[256];
	int x, y;

	if (!size)
		return 0;
	step = (data[0] >> 1) + 1u;
	x = feed(&a, data + 1, size - 1, size, data[0] & 1);
	y = feed(&b, data + 1, size - 1, step, data[0] & 1);
	CHECK(x == y);
	if (x == 1) {
		CHECK(a.status == b.status && a.close == b.close && a.body_len == b.body_len);
		CHECK(a.status >= 200 && a.body_len <= 8192);
		CHECK(!a.body_len || !memcmp(a.body, b.body, a.body_len + 1));
		CHECK(!a.nonce == !b.nonce && (!a.nonce || !strcmp(a.nonce, b.nonce)));
		x = http_response_link(&a, "alternate", 0, url, sizeof(url));
		CHECK(x < (int)sizeof(url) && (x <= 0 || strlen(url) == (size_t)x));
		http_response_is(&a, "application/json");
	}
	http_response_clear(&a);
	http_response_clear(&b);
	return 0;
}
