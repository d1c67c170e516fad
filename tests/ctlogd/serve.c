// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Both ways to read the log: the calls of RFC 6962, and the files of static-ct-api. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/base64.h"
#include "libcapcert/ctlog.h"
#include "libcapcert/sha.h"
#include "tests/ctlogd/log.h"

#define BATCH 64

static void answer_json(struct answer *ret, json_t *v)
{
	*ret = (struct answer){ 200, "application/json", json_dumps(v, 0), 0 };
	ret->len = strlen(ret->body);
	json_decref(v);
}

static json_t *base64_json(struct cc_span in)
{
	char *text = base64_of(in);
	json_t *v = json_string(text);

	free(text);
	return v;
}

static size_t sign_head(struct log *log, const struct cc_tree_head *head, uint8_t *ret)
{
	uint8_t octets[CC_TREE_HEAD_SIGNED];

	cc_tree_head_signed(head, octets);
	return log_sign(log, cc_span(octets, sizeof(octets)), ret);
}

static void get_sth(struct log *log, struct answer *ret)
{
	struct cc_tree_head head;
	uint8_t sig[256];
	size_t n;

	log_head(log, &head);
	n = sign_head(log, &head, sig);
	answer_json(ret, json_pack("{sIsIsoso}", "tree_size", (json_int_t)head.size, "timestamp",
				   (json_int_t)head.timestamp, "sha256_root_hash",
				   base64_json(cc_span(head.root, 32)), "tree_head_signature",
				   base64_json(cc_span(sig, n))));
}

static json_t *proof(struct log *log, const struct cc_merkle_part *parts, int count)
{
	json_t *list = json_array();
	uint8_t hash[32];
	int i;

	for (i = 0; i < count; i++) {
		log_hash(log, parts[i].begin, parts[i].end, hash);
		if (i == 0 && log->fault == FAULT_BAD_PROOF)
			hash[31] ^= 1;
		json_array_append_new(list, base64_json(cc_span(hash, 32)));
	}
	if (log->fault == FAULT_LONG_PROOF)
		json_array_append_new(list, base64_json(cc_span(log->id, 32)));
	return list;
}

static bool number(query_fn *arg, void *ctx, const char *name, uint64_t *ret)
{
	const char *text = arg(ctx, name);
	char *end;

	if (!text || !*text)
		return false;
	*ret = strtoull(text, &end, 10);
	return !*end;
}

static void get_consistency(struct log *log, query_fn *arg, void *ctx, struct answer *ret)
{
	struct cc_merkle_part parts[CC_MERKLE_PROOF_MAX];
	uint64_t first, second;
	int count;

	if (!number(arg, ctx, "first", &first) || !number(arg, ctx, "second", &second) ||
	    second > log->count ||
	    (count = cc_merkle_consistency_parts(first, second, parts)) < 0) {
		answer_text(ret, 400, "text/plain", "no such sizes\n");
		return;
	}
	answer_json(ret, json_pack("{so}", "consistency", proof(log, parts, count)));
}

static void get_proof(struct log *log, query_fn *arg, void *ctx, struct answer *ret)
{
	struct cc_merkle_part parts[CC_MERKLE_PROOF_MAX];
	const char *hash = arg(ctx, "hash");
	uint8_t octets[32];
	uint64_t size, i;
	int count;

	if (!hash || cc_base64_decode(cc_span(hash, strlen(hash)), octets, 32) != 32 ||
	    !number(arg, ctx, "tree_size", &size) || size > log->count) {
		answer_text(ret, 400, "text/plain", "hash and tree_size, please\n");
		return;
	}
	for (i = 0; i < size && memcmp(log->entries[i].hash, octets, 32); i++)
		;
	count = cc_merkle_inclusion_parts(i, size, parts);
	if (count < 0) {
		answer_text(ret, 404, "text/plain", "no such leaf\n");
		return;
	}
	answer_json(ret, json_pack("{sIso}", "leaf_index", (json_int_t)i, "audit_path",
				   proof(log, parts, count)));
}

static void get_entries(struct log *log, query_fn *arg, void *ctx, struct answer *ret)
{
	const uint64_t batch = log->fault == FAULT_SHORT   ? 1
			       : log->fault == FAULT_EMPTY ? 0
							   : BATCH;
	json_t *list = json_array();
	uint64_t start, end, i;

	if (!number(arg, ctx, "start", &start) || !number(arg, ctx, "end", &end) || start > end ||
	    start >= log->count) {
		json_decref(list);
		answer_text(ret, 400, "text/plain", "no such entries\n");
		return;
	}
	for (i = start; i <= end && i < log->count && i - start < batch; i++) {
		const struct entry *e = &log->entries[i];
		uint8_t *leaf = calloc(1, e->leaf.n + 2);

		memcpy(leaf + 2, e->leaf.p, e->leaf.n);
		if (log->fault == FAULT_GARBAGE)
			leaf[11] = 9; /* no such type of entry */
		json_array_append_new(list, json_pack("{soso}", "leaf_input",
						      base64_json(cc_span(leaf, e->leaf.n + 2)),
						      "extra_data", base64_json(e->extra)));
		free(leaf);
	}
	answer_json(ret, json_pack("{so}", "entries", list));
}

static void get_roots(struct log *log, struct answer *ret)
{
	json_t *list = json_array();
	size_t i, n;

	for (i = 0; i < log->root_count; i++) {
		const uint8_t *der = capcert_cert_der(log->roots[i], &n);

		json_array_append_new(list, base64_json(cc_span(der, n)));
	}
	answer_json(ret, json_pack("{so}", "certificates", list));
}

void serve_rfc6962(struct log *log, const char *call, query_fn *arg, void *ctx, struct answer *ret)
{
	if (!strcmp(call, "get-sth"))
		get_sth(log, ret);
	else if (!strcmp(call, "get-sth-consistency"))
		get_consistency(log, arg, ctx, ret);
	else if (!strcmp(call, "get-proof-by-hash"))
		get_proof(log, arg, ctx, ret);
	else if (!strcmp(call, "get-entries"))
		get_entries(log, arg, ctx, ret);
	else if (!strcmp(call, "get-roots"))
		get_roots(log, ret);
	else
		answer_text(ret, 404, "text/plain", "no such call\n");
}

/* ---- static-ct-api ---- */

static void checkpoint(struct log *log, struct answer *ret)
{
	const uint8_t middle[] = { '\n', 0x05 };
	const struct cc_span id_parts[] = { cc_span(log->origin, strlen(log->origin)),
					    cc_span(middle, 2), cc_span(log->id, 32) };
	uint8_t raw[512], hash[32];
	struct cc_tree_head head;
	char text[2048], *root, *line;
	size_t n;

	log_head(log, &head);
	ctlog_hasher.sha256(NULL, id_parts, 3, hash);
	memcpy(raw, hash, 4);
	cc_tls_put(raw + 4, 8, head.timestamp);
	n = 12 + sign_head(log, &head, raw + 12);
	root = base64_of(cc_span(head.root, 32));
	line = base64_of(cc_span(raw, n));
	snprintf(text, sizeof(text), "%s\n%llu\n%s\n\n\xe2\x80\x94 %s %s\n", log->origin,
		 (unsigned long long)head.size, root, log->origin, line);
	answer_text(ret, 200, "text/plain; charset=utf-8", text);
	free(root);
	free(line);
}

static void data_tile(struct log *log, const struct cc_tile *tile, struct answer *ret)
{
	size_t first = (size_t)tile->index * CC_TILE_WIDTH, i, n = 0;
	char *body;

	for (i = 0; i < tile->width; i++)
		n += log->entries[first + i].tile_leaf.n;
	body = malloc(n + 1);
	for (n = 0, i = 0; i < tile->width; n += log->entries[first + i++].tile_leaf.n)
		memcpy(body + n, log->entries[first + i].tile_leaf.p,
		       log->entries[first + i].tile_leaf.n);
	if (log->fault == FAULT_GARBAGE && n > 9)
		body[9] = 9;
	if (log->fault == FAULT_EMPTY)
		n = 0;
	*ret = (struct answer){ 200, "application/octet-stream", body, n };
}

static void hash_tile(struct log *log, const struct cc_tile *tile, struct answer *ret)
{
	uint8_t hashes[CC_TILE_WIDTH][32];
	unsigned int shift = 8u * tile->level;
	uint64_t i, at;

	for (i = 0; i < tile->width; i++) {
		at = tile->index * CC_TILE_WIDTH + i;
		log_hash(log, at << shift, (at + 1) << shift, hashes[i]);
	}
	if (log->fault == FAULT_BAD_PROOF)
		hashes[tile->width - 1][31] ^= 1;
	answer_octets(ret, hashes, (size_t)tile->width * 32 + (log->fault == FAULT_LONG_PROOF));
}

static void issuer(struct log *log, const char *hex, struct answer *ret)
{
	char text[65];
	uint8_t hash[32];
	size_t i, k;

	for (i = 0; i < log->issuer_count; i++) {
		sha256_of(log->issuers[i], hash);
		for (k = 0; k < 32; k++)
			snprintf(text + 2 * k, 3, "%02x", hash[k]);
		if (!strcmp(text, hex)) {
			answer_octets(ret, log->issuers[i].p, log->issuers[i].n);
			ret->type = "application/pkix-cert";
			return;
		}
	}
	answer_text(ret, 404, "text/plain", "no such issuer\n");
}

void serve_static(struct log *log, const char *path, struct answer *ret)
{
	struct cc_tile tile, there;

	if (!strcmp(path, "checkpoint")) {
		checkpoint(log, ret);
	} else if (!strncmp(path, "issuer/", 7)) {
		issuer(log, path + 7, ret);
	} else if (!cc_tile_path_parse(cc_span(path, strlen(path)), &tile) ||
		   !cc_tile_at(tile.level, tile.index, log->count, &there) ||
		   tile.width > there.width) {
		answer_text(ret, 404, "text/plain", "no such file\n");
	} else if (tile.level == CC_TILE_LEVEL_DATA) {
		data_tile(log, &tile, ret);
	} else {
		hash_tile(log, &tile, ret);
	}
}
