// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reading a log of RFC 6962: get-sth, get-entries, proofs (section 4). */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/base64.h"
#include "libcapcert/net/client.h"
#include "libcapcert/sha.h"

#define BATCH 256
#define CHAIN_MAX 64 /* certificates behind one entry */

static int head(capcert_ctclient *c, struct capcert_sth *ret)
{
	const json_t *signature;
	json_t *v;
	long n = -1;
	int r = client_get_json(c, "ct/v1/get-sth", MAX_SMALL, &v);

	if (r)
		return r;
	memset(ret, 0, sizeof(*ret));
	signature = json_object_get(v, "tree_head_signature");
	if (json_number(v, "tree_size", &ret->tree_size) &&
	    json_number(v, "timestamp", &ret->timestamp) &&
	    json_fixed(json_object_get(v, "sha256_root_hash"), ret->root_hash, 32) &&
	    json_is_string(signature))
		n = cc_base64_decode(
			cc_span(json_string_value(signature), json_string_length(signature)),
			ret->signature, sizeof(ret->signature));
	json_decref(v);
	if (n < 0)
		return client_malformed(c, "head");
	ret->signature_len = (size_t)n;
	r = capcert_sth_verify(c->log, ret);
	if (r == -EBADMSG)
		return client_malformed(c, "signature of a head");
	if (r == -ENOMEM)
		return r;
	return r ? client_fault(c, CAPCERT_CT_BAD_SIGNATURE, "its head is not signed by it") : 0;
}

static int proof_of(const json_t *list, uint8_t ret[CAPCERT_CT_PROOF_MAX][32], size_t *ret_count)
{
	size_t i, n = json_array_size(list);

	if (!json_is_array(list) || n > CAPCERT_CT_PROOF_MAX)
		return -1;
	for (i = 0; i < n; i++)
		if (!json_fixed(json_array_get(list, i), ret[i], 32))
			return -1;
	*ret_count = n;
	return 0;
}

static int consistency(capcert_ctclient *c, uint64_t first, uint64_t second,
		       uint8_t ret[CAPCERT_CT_PROOF_MAX][32], size_t *ret_count)
{
	char path[128];
	json_t *v;
	int r;

	snprintf(path, sizeof(path), "ct/v1/get-sth-consistency?first=%llu&second=%llu",
		 (unsigned long long)first, (unsigned long long)second);
	r = client_get_json(c, path, MAX_PROOF, &v);
	if (r)
		return r;
	r = proof_of(json_object_get(v, "consistency"), ret, ret_count);
	json_decref(v);
	return r ? client_malformed(c, "consistency proof") : 0;
}

/* Base 64 in a query: what is not plain there is escaped. */
static void query_hash(const uint8_t hash[32], char *ret)
{
	char text[CC_BASE64_LEN(32)];
	size_t i, n = cc_base64_encode(cc_span(hash, 32), text);

	for (i = 0; i < n; i++) {
		if (text[i] == '+' || text[i] == '/' || text[i] == '=')
			ret += sprintf(ret, "%%%02X", (unsigned int)text[i]);
		else
			*ret++ = text[i];
	}
	*ret = 0;
}

static int inclusion(capcert_ctclient *c, const struct capcert_sth *sth,
		     const uint8_t leaf_hash[32], uint64_t *index,
		     uint8_t ret[CAPCERT_CT_PROOF_MAX][32], size_t *ret_count)
{
	char path[256], hash[CC_BASE64_LEN(32) * 3 + 1];
	uint64_t found;
	json_t *v;
	int r;

	query_hash(leaf_hash, hash);
	snprintf(path, sizeof(path), "ct/v1/get-proof-by-hash?hash=%s&tree_size=%llu", hash,
		 (unsigned long long)sth->tree_size);
	r = client_get_json(c, path, MAX_PROOF, &v);
	if (r)
		return r;
	r = json_number(v, "leaf_index", &found) ? 0 : -1;
	if (!r)
		r = proof_of(json_object_get(v, "audit_path"), ret, ret_count);
	json_decref(v);
	if (r)
		return client_malformed(c, "inclusion proof");
	*index = found;
	return 0;
}

/* ---- entries ---- */

/* Fingerprints of a chain. Return: how many, -1 for more than CHAIN_MAX. */
static int fingerprints(struct cc_span chain, uint8_t ret[CHAIN_MAX][32])
{
	struct cc_span der;
	int n = 0;

	while (cc_log_chain_next(&chain, &der) > 0) {
		if (n == CHAIN_MAX)
			return -1;
		sha256_of(der, ret[n++]);
	}
	return n;
}

/* Return: 0, -ENOMEM, or -EBADMSG. */
static int add_parsed(uint64_t index, struct cc_span leaf, struct cc_span extra,
		      capcert_ct_entries *into)
{
	uint8_t chain[CHAIN_MAX][32];
	struct cc_log_entry e;
	struct cc_log_extra x;
	int n;

	if (!cc_log_leaf_parse(leaf, &e) || !cc_log_extra_parse(extra, e.type, &x))
		return -EBADMSG;
	n = fingerprints(x.chain, chain);
	if (n < 0)
		return -EBADMSG;
	return entries_add(into, index, &e,
			   e.type == CC_LOG_ENTRY_PRECERT ? x.precertificate : e.certificate,
			   chain[0], (size_t)n);
}

static int add_entry(uint64_t index, const json_t *v, capcert_ct_entries *into)
{
	uint8_t *leaf = NULL, *extra = NULL;
	long leaf_len = json_octets(json_object_get(v, "leaf_input"), &leaf);
	long extra_len = json_octets(json_object_get(v, "extra_data"), &extra);
	int r = -EBADMSG;

	if (leaf_len >= 0 && extra_len >= 0)
		r = add_parsed(index, cc_span(leaf, (size_t)leaf_len),
			       cc_span(extra, (size_t)extra_len), into);
	free(leaf);
	free(extra);
	return r;
}

static int entries(capcert_ctclient *c, uint64_t start, uint64_t count, capcert_ct_entries *into)
{
	uint64_t want = count < BATCH ? count : BATCH;
	const json_t *list;
	char path[128];
	size_t i;
	json_t *v;
	int r;

	snprintf(path, sizeof(path), "ct/v1/get-entries?start=%llu&end=%llu",
		 (unsigned long long)start, (unsigned long long)(start + want - 1));
	r = client_get_json(c, path, MAX_PAGE, &v);
	if (r)
		return r;
	list = json_object_get(v, "entries");
	if (!json_is_array(list) || json_array_size(list) > want)
		r = client_malformed(c, "list of entries");
	for (i = 0; !r && i < json_array_size(list); i++) {
		r = add_entry(start + i, json_array_get(list, i), into);
		if (r == -EBADMSG)
			r = client_fault(c, CAPCERT_CT_MALFORMED_ENTRY, "malformed entry %llu",
					 (unsigned long long)(start + i));
	}
	json_decref(v);
	return r;
}

const struct reads reads_rfc6962 = { head, entries, inclusion, consistency };
