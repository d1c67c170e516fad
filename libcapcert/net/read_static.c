// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reading a log of static-ct-api: checkpoint, tiles, data tiles. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/checkpoint.h"
#include "core/tile.h"
#include "libcapcert/net/client.h"

#define OCTETS "application/octet-stream"

static int head(capcert_ctclient *c, struct capcert_sth *ret)
{
	struct http_answer answer;
	int r = client_get(c, "checkpoint", "text/plain", CC_CHECKPOINT_MAX, &answer);

	if (r)
		return r;
	r = capcert_checkpoint_verify(c->log, NULL, (const char *)answer.body, answer.len, ret);
	free(answer.body);
	if (r == -EBADMSG)
		return client_malformed(c, "checkpoint, or one of another log");
	if (r == -EKEYREJECTED || r == -EOPNOTSUPP)
		return client_fault(c, CAPCERT_CT_BAD_SIGNATURE,
				    "its checkpoint is not signed by it");
	return r;
}

/* ---- tiles of hashes ---- */

/* A partial tile may be gone once the full one is there. */
static int get_tile(capcert_ctclient *c, const struct cc_tile *tile, size_t max,
		    struct http_answer *ret)
{
	struct cc_tile full = *tile;
	char path[CC_TILE_PATH_MAX];
	int r;

	cc_tile_path(tile, path);
	r = client_get(c, path, OCTETS, max, ret);
	if (r != -EACCES || c->error.http != 404 || tile->width == CC_TILE_WIDTH)
		return r;
	full.width = CC_TILE_WIDTH;
	cc_tile_path(&full, path);
	return client_get(c, path, OCTETS, max, ret);
}

static int bring(void *ctx, const char *path, uint8_t *buf, size_t len)
{
	capcert_ctclient *c = ctx;
	struct http_answer answer;
	struct cc_tile tile;
	int r;

	if (!cc_tile_path_parse(cc_span(path, strlen(path)), &tile))
		return -EINVAL;
	r = get_tile(c, &tile, CC_TILE_WIDTH * CC_MERKLE_HASH, &answer);
	if (r)
		return r;
	if (answer.len != len && answer.len != CC_TILE_WIDTH * CC_MERKLE_HASH)
		r = client_fault(c, CAPCERT_CT_MALFORMED_ENTRY, "%s has %zu octets, not %zu", path,
				 answer.len, len);
	else
		memcpy(buf, answer.body, len);
	free(answer.body);
	return r;
}

static int consistency(capcert_ctclient *c, uint64_t first, uint64_t second,
		       uint8_t ret[CAPCERT_CT_PROOF_MAX][32], size_t *ret_count)
{
	return capcert_ct_consistency_proof(first, second, bring, c, ret, ret_count);
}

static int inclusion(capcert_ctclient *c, const struct capcert_sth *sth,
		     const uint8_t leaf_hash[32], uint64_t *index,
		     uint8_t ret[CAPCERT_CT_PROOF_MAX][32], size_t *ret_count)
{
	/* Nobody but the SCT says where an entry is. */
	if (*index == UINT64_MAX)
		return client_malformed(c, "SCT: it does not say where the entry is");
	return capcert_ct_inclusion_proof(*index, sth->tree_size, bring, c, ret, ret_count);
}

/* ---- entries ---- */

/* The leaves of a data tile from @start on, no more than @count. */
static int take_leaves(const struct cc_tile *tile, struct cc_span data, uint64_t start,
		       uint64_t count, capcert_ct_entries *into)
{
	uint64_t at = tile->index * CC_TILE_WIDTH, end = start + count;
	struct cc_tile_leaf leaf;
	int r;

	for (; at < end; at++) {
		r = cc_tile_leaf_next(&data, &leaf);
		if (r < 0)
			return -EBADMSG;
		if (r == 0)
			break;
		if (at < start)
			continue;
		r = entries_add(into, at, &leaf.entry,
				leaf.entry.type == CC_LOG_ENTRY_PRECERT ? leaf.precertificate
									: leaf.entry.certificate,
				leaf.fingerprints.p, leaf.fingerprints.n / 32);
		if (r)
			return r;
	}
	return 0;
}

static int entries(capcert_ctclient *c, uint64_t start, uint64_t count, capcert_ct_entries *into)
{
	struct http_answer answer;
	struct cc_tile tile;
	int r;

	if (!cc_tile_at(CC_TILE_LEVEL_DATA, start / CC_TILE_WIDTH, c->last.tree_size, &tile))
		return -ERANGE;
	r = get_tile(c, &tile, MAX_PAGE, &answer);
	if (r)
		return r;
	r = take_leaves(&tile, cc_span(answer.body, answer.len), start, count, into);
	free(answer.body);
	if (r == -EBADMSG)
		return client_fault(c, CAPCERT_CT_MALFORMED_ENTRY, "malformed data tile %llu",
				    (unsigned long long)tile.index);
	return r;
}

const struct reads reads_static_ct = { head, entries, inclusion, consistency };
