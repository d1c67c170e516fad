// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Any bytes as a checkpoint: its parts put together are the text again; base 64 has one spelling. */
#include <stdlib.h>
#include "core/base64.h"
#include "core/checkpoint.h"

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void one_spelling(struct cc_span text)
{
	uint8_t *raw = malloc(text.n + 1);
	long n = cc_base64_decode(text, raw, text.n);

	if (n >= 0) {
		char *again = malloc(CC_BASE64_LEN((size_t)n) + 1);
		size_t len = cc_base64_encode(cc_span(raw, (size_t)n), again);

		CHECK(cc_span_equal(cc_span(again, len), text));
		free(again);
	}
	free(raw);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t buf[CC_NOTE_SIGNATURE_MAX], id[4] = { 0 };
	struct cc_digitally_signed s;
	struct cc_note_signature line;
	struct cc_span lines, body;
	struct cc_checkpoint c;
	uint64_t timestamp;
	int r;

	one_spelling(cc_span(data, size));
	if (!cc_checkpoint_parse(cc_span(data, size), &c))
		return 0;
	CHECK(c.signed_text.p == data && c.signed_text.n + 1 + c.signatures.n == size);
	CHECK(c.signatures.p == data + c.signed_text.n + 1);
	CHECK(c.extensions.p + c.extensions.n == c.signed_text.p + c.signed_text.n);
	CHECK(c.size <= 1ULL << 63 && c.origin.n);
	lines = c.signatures;
	while ((r = cc_note_signature_next(&lines, &line)) > 0) {
		if (cc_base64_decode(line.base64, buf, sizeof(buf)) > 4)
			memcpy(id, buf, 4);
		if (cc_checkpoint_find(&c, line.name, id, buf, &body))
			cc_rfc6962_note_signature(body, &timestamp, &s);
	}
	CHECK(r == 0);
	return 0;
}
