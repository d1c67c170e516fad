// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a caller asks for as a name: refused, or a name that stays what it is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "libcapcert/names.h"

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

/* A host or mailbox, read again, is the same; an address is no text any more. */
static void again(uint32_t type, struct cc_span name)
{
	uint8_t second[CAPCERT_MAX_NAME];
	char text[CAPCERT_MAX_NAME + 1];
	uint32_t second_type, len;

	if (type == CAPCERT_NAME_IP)
		return;
	CHECK(cc_ascii(name) && !memchr(name.p, 0, name.n));
	memcpy(text, name.p, name.n);
	text[name.n] = 0;
	CHECK(names_parse(text, &second_type, second, &len) == 0);
	CHECK(second_type == type && cc_span_equal(cc_span(second, len), name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t name[CAPCERT_MAX_NAME];
	char *text = malloc(size + 1);
	uint32_t type, len = 0;
	int r;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	r = names_parse(text, &type, name, &len);
	CHECK(r == 0 || r == -EINVAL);
	if (r == 0) {
		CHECK(len <= sizeof(name) && names_valid(type, cc_span(name, len)));
		again(type, cc_span(name, len));
	}
	free(text);
	return 0;
}
