// SPDX-License-Identifier: LGPL-2.1-or-later
/* Heads of logs' trees, and proofs between them. */

#include <errno.h>
#include <string.h>
#include "core/alg.h"
#include "core/checkpoint.h"
#include "libcapcert/ctlog.h"
#include "libcapcert/loglist.h"
#include "libcapcert/sha.h"
#include "libcapcert/sig.h"

/* Type of the signature of a static-ct log in a note. */
#define NOTE_RFC6962 0x05

static void sha256_parts(void *ctx, const struct cc_span *parts, size_t count, uint8_t ret[32])
{
	struct sha256_ctx sha;
	size_t i;

	sha256_init(&sha);
	for (i = 0; i < count; i++)
		sha256_update(&sha, parts[i].n, parts[i].p);
	sha256_digest(&sha, SHA256_DIGEST_SIZE, ret);
}

const struct cc_hasher ctlog_hasher = { sha256_parts, NULL };

void capcert_ct_leaf_hash(const uint8_t *leaf, size_t len, uint8_t ret[32])
{
	cc_merkle_leaf(&ctlog_hasher, cc_span(leaf, len), ret);
}

static int proof_error(int r)
{
	switch (r) {
	case CC_MERKLE_OK:
		return 0;
	case CC_MERKLE_E_ARGUMENT:
		return -EINVAL;
	default:
		return -EBADMSG;
	}
}

int capcert_ct_verify_inclusion(const uint8_t leaf_hash[32], uint64_t index, uint64_t tree_size,
				const uint8_t (*proof)[32], size_t count,
				const uint8_t root_hash[32])
{
	if (count > CAPCERT_CT_PROOF_MAX)
		return -EBADMSG;
	return proof_error(cc_merkle_inclusion(&ctlog_hasher, leaf_hash, index, tree_size,
					       cc_span(proof, count * 32), root_hash));
}

int capcert_ct_verify_consistency(uint64_t first, uint64_t second, const uint8_t first_root[32],
				  const uint8_t second_root[32], const uint8_t (*proof)[32],
				  size_t count)
{
	if (count > CAPCERT_CT_PROOF_MAX)
		return -EBADMSG;
	return proof_error(cc_merkle_consistency(&ctlog_hasher, first, second, first_root,
						 second_root, cc_span(proof, count * 32)));
}

/* ---- heads ---- */

static int check_signature(const capcert_log *log, const struct cc_tree_head *head,
			   const struct cc_digitally_signed *s)
{
	uint8_t octets[CC_TREE_HEAD_SIGNED];
	uint32_t scheme = cc_digitally_signed_scheme(s);
	int r;

	if (scheme == CC_SCHEME_OTHER)
		return -EOPNOTSUPP;
	cc_tree_head_signed(head, octets);
	r = sig_check_spki(log->facts.spki, scheme, cc_span(octets, sizeof(octets)), s->signature);
	if (r < 0)
		return r;
	return r ? 0 : -EKEYREJECTED;
}

int capcert_sth_verify(const capcert_log *log, const struct capcert_sth *sth)
{
	struct cc_tree_head head = { sth->tree_size, sth->timestamp, { 0 } };
	struct cc_span in = cc_span(sth->signature, sth->signature_len);
	struct cc_digitally_signed s;

	if (sth->signature_len > sizeof(sth->signature) || sth->tree_size > CC_MERKLE_SIZE_MAX ||
	    !cc_digitally_signed_get(&in, &s) || in.n)
		return -EBADMSG;
	memcpy(head.root, sth->root_hash, sizeof(head.root));
	return check_signature(log, &head, &s);
}

struct cc_span ctlog_origin(const char *url)
{
	const char *p = url ? strstr(url, "://") : NULL;
	size_t n;

	if (!p)
		return cc_span(NULL, 0);
	p += 3;
	n = strlen(p);
	if (n && p[n - 1] == '/')
		n--;
	return cc_span(p, n);
}

/* First octets of SHA-256(name, newline, type, log id). */
static void note_key_id(struct cc_span name, const uint8_t log_id[32], uint8_t ret[4])
{
	const uint8_t middle[] = { '\n', NOTE_RFC6962 };
	const struct cc_span parts[] = { name, cc_span(middle, sizeof(middle)),
					 cc_span(log_id, 32) };
	uint8_t hash[32];

	sha256_parts(NULL, parts, CC_ARRAY_SIZE(parts), hash);
	memcpy(ret, hash, 4);
}

int capcert_checkpoint_verify(const capcert_log *log, const char *origin, const char *text,
			      size_t len, struct capcert_sth *ret)
{
	struct cc_span name =
		origin ? cc_span(origin, strlen(origin)) : ctlog_origin(log->facts.submission);
	struct cc_tree_head head = { 0 };
	uint8_t id[4], buf[CC_NOTE_SIGNATURE_MAX];
	struct cc_digitally_signed s;
	struct cc_checkpoint c;
	struct cc_span body;
	int r;

	if (!name.n)
		return -EINVAL;
	if (!cc_checkpoint_parse(cc_span(text, len), &c) || c.extensions.n ||
	    !cc_span_equal(c.origin, name))
		return -EBADMSG;
	note_key_id(name, log->facts.id, id);
	if (!cc_checkpoint_find(&c, name, id, buf, &body))
		return -EKEYREJECTED;
	if (!cc_rfc6962_note_signature(body, &head.timestamp, &s))
		return -EBADMSG;
	head.size = c.size;
	memcpy(head.root, c.root, sizeof(head.root));
	r = check_signature(log, &head, &s);
	if (r)
		return r;
	memset(ret, 0, sizeof(*ret));
	ret->tree_size = head.size;
	ret->timestamp = head.timestamp;
	memcpy(ret->root_hash, head.root, sizeof(head.root));
	ret->signature_len = body.n - 8; /* what is behind the timestamp; bounded by @buf */
	memcpy(ret->signature, body.p + 8, ret->signature_len);
	return 0;
}
