// SPDX-License-Identifier: LGPL-2.1-or-later
/* Entries of a log as the client hands them on. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "libcapcert/ctlog.h"
#include "libcapcert/net/client.h"

static int make_room(capcert_ct_entries *into)
{
	size_t room = into->room ? into->room * 2 : 16;
	struct capcert_ct_entry *grown;

	if (into->count < into->room)
		return 0;
	grown = reallocarray(into->list, room, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	into->list = grown;
	into->room = room;
	return 0;
}

int entries_add(capcert_ct_entries *into, uint64_t index, const struct cc_log_entry *e,
		struct cc_span certificate, const uint8_t *chain, size_t chain_count)
{
	struct capcert_ct_entry *to;
	uint8_t *copy;

	if (make_room(into))
		return -ENOMEM;
	/* One allocation: leaf, certificate, fingerprints. */
	copy = malloc(e->body.n + certificate.n + chain_count * 32);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, e->body.p, e->body.n);
	memcpy(copy + e->body.n, certificate.p, certificate.n);
	if (chain_count)
		memcpy(copy + e->body.n + certificate.n, chain, chain_count * 32);
	to = &into->list[into->count++];
	*to = (struct capcert_ct_entry){
		.index = index,
		.timestamp = e->timestamp,
		.type = e->type,
		.leaf = copy,
		.leaf_len = e->body.n,
		.certificate = copy + e->body.n,
		.certificate_len = certificate.n,
		.chain = (const uint8_t(*)[32])(copy + e->body.n + certificate.n),
		.chain_count = chain_count,
	};
	cc_log_leaf_hash(&ctlog_hasher, e, to->leaf_hash);
	return 0;
}

size_t capcert_ct_entries_count(const capcert_ct_entries *entries)
{
	return entries->count;
}

const struct capcert_ct_entry *capcert_ct_entries_at(const capcert_ct_entries *entries,
						     size_t index)
{
	return index < entries->count ? &entries->list[index] : NULL;
}

void capcert_ct_entries_free(capcert_ct_entries *entries)
{
	size_t i;

	if (!entries)
		return;
	for (i = 0; i < entries->count; i++)
		free((uint8_t *)entries->list[i].leaf);
	free(entries->list);
	free(entries);
}
