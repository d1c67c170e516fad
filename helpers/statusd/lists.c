// SPDX-License-Identifier: GPL-2.0-only
/* A handful of parsed lists, the one that was used last in front. */
#include <string.h>
#include "helpers/statusd/lists.h"

struct parsed {
	uint8_t digest[32]; /* of the DER: equal digests are equal lists, whoever sent them */
	capcert_crl *crl;
	size_t len;
};

static struct parsed lists[LISTS_MOST];
static size_t count, bytes;
static uint64_t parsed;

static void drop_last(void)
{
	struct parsed *last = &lists[--count];

	bytes -= last->len;
	capcert_crl_free(last->crl);
}

void lists_forget(void)
{
	while (count)
		drop_last();
}

uint64_t lists_parsed(void)
{
	return parsed;
}

static void put_first(size_t at, struct parsed item)
{
	memmove(lists + 1, lists, at * sizeof(*lists));
	lists[0] = item;
}

int lists_get(const uint8_t *data, size_t len, const capcert_crl **ret)
{
	struct parsed item = { .len = len };
	size_t at = 0;
	int r;

	capcert_hash(CAPCERT_HASH_SHA256, data, len, item.digest);
	while (at < count && memcmp(lists[at].digest, item.digest, sizeof(item.digest)) != 0)
		at++;
	if (at < count) {
		item = lists[at];
	} else {
		r = capcert_crl_new(data, len, &item.crl, NULL);
		if (r < 0)
			return r;
		parsed++;
		while (count && (count == LISTS_MOST || bytes + len > LISTS_BYTES))
			drop_last();
		at = count++;
		bytes += len;
	}
	put_first(at, item);
	*ret = item.crl;
	return 0;
}
