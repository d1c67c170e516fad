// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a process of the ACME daemon that was broken into sends to the keeper: in any order of parts, none reaches beyond
 * the message, and a challenge that is taken is within its bounds. The first octets say which parts are read. */
#include <stdlib.h>
#include <string.h>
#include "helpers/acmed/conf.h"
#include "helpers/acmed/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct wire w;

static void within(const void *p, size_t n)
{
	const uint8_t *at = p;

	/* Nothing is a static "". */
	if (n && (at < w.data || at + n > w.data + w.len))
		abort();
}

static void read_part(uint8_t kind)
{
	size_t n;
	const void *p;

	switch (kind & 3) {
	case 0:
		p = wire_get(&w, &n);
		within(p, n);
		break;
	case 1:
		p = wire_get_text(&w);
		within(p, strlen(p));
		break;
	default:
		wire_get_number(&w);
	}
}

static void challenge(void)
{
	struct challenge c;

	w.at = 0;
	w.bad = false;
	if (!wire_get_challenge(&w, &c))
		return;
	if (c.type >= CONF_CHALLENGES)
		abort();
	within(c.identifier, strlen(c.identifier));
	within(c.key_authorization, strlen(c.key_authorization));
	if (c.digest)
		within(c.digest, 32);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t kinds = size ? data[0] & 15 : 0;

	if (size < 1 + kinds || size - 1 - kinds > WIRE_MOST)
		return 0;
	w = (struct wire){ .what = WIRE_PUBLISH, .len = size - 1 - kinds };
	memcpy(w.data, data + 1 + kinds, w.len);
	for (size_t i = 0; i < kinds; i++)
		read_part(data[1 + i]);
	if (wire_end(&w) && w.at != w.len)
		abort();
	challenge();
	return 0;
}
