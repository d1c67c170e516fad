// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sets of SCTs, taken from wherever they come; and names for people. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "core/base64.h"
#include "core/der.h"
#include "core/merkle.h"
#include "libcapcert/sct.h"
#include "libcapcert/x509.h"

struct capcert_scts {
	struct sct **items;
	size_t count;
	size_t room;
};

int capcert_scts_new(capcert_scts **ret)
{
	capcert_scts *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	*ret = s;
	return 0;
}

static void sct_free(struct sct *sct)
{
	free((void *)(uintptr_t)sct->proof.path);
	free(sct);
}

/* Back to @count SCTs. */
static void cut(capcert_scts *s, size_t count)
{
	while (s->count > count)
		sct_free(s->items[--s->count]);
}

void capcert_scts_free(capcert_scts *scts)
{
	if (!scts)
		return;
	cut(scts, 0);
	free(scts->items);
	free(scts);
}

const struct sct *scts_get(const capcert_scts *scts, size_t at)
{
	return scts->items[at];
}

size_t capcert_scts_count(const capcert_scts *scts)
{
	return scts ? scts->count : 0;
}

const struct capcert_sct *capcert_scts_at(const capcert_scts *scts, size_t index)
{
	return index < capcert_scts_count(scts) ? &scts->items[index]->pub : NULL;
}

static struct capcert_bytes bytes(struct cc_span s)
{
	return (struct capcert_bytes){ s.p, s.n };
}

static void fill(struct sct *sct, uint32_t source)
{
	const struct cc_sct *p = &sct->parsed;
	struct capcert_sct *pub = &sct->pub;

	pub->source = source;
	pub->raw = bytes(p->whole);
	pub->version = p->version;
	if (p->version != CC_SCT_V1)
		return;
	memcpy(pub->log_id, p->log_id.p, sizeof(pub->log_id));
	pub->timestamp = p->timestamp;
	pub->hash_alg = p->hash_alg;
	pub->sig_alg = p->sig_alg;
	pub->extensions = bytes(p->extensions);
	pub->signature = bytes(p->signature);
}

static int make_room(capcert_scts *s)
{
	size_t room = s->room ? 2 * s->room : 8;
	struct sct **items;

	if (s->count == CAPCERT_SCTS_MAX)
		return -EMSGSIZE;
	if (s->count < s->room)
		return 0;
	items = reallocarray(s->items, room, sizeof(struct sct *));
	if (!items)
		return -ENOMEM;
	s->items = items;
	s->room = room;
	return 0;
}

static int add(capcert_scts *s, struct cc_span tls, uint32_t source)
{
	struct sct *sct;
	int r = make_room(s);

	if (r < 0)
		return r;
	sct = calloc(1, sizeof(*sct) + tls.n);
	if (!sct)
		return -ENOMEM;
	if (tls.n)
		memcpy(sct->octets, tls.p, tls.n);
	r = cc_sct_parse(cc_span(sct->octets, tls.n), &sct->parsed);
	if (r != CC_SCT_OK && r != CC_SCT_E_VERSION) {
		free(sct);
		return -EBADMSG;
	}
	fill(sct, source);
	s->items[s->count++] = sct;
	return 0;
}

int capcert_scts_add(capcert_scts *scts, const uint8_t *tls, size_t len, uint32_t source)
{
	if (source > CAPCERT_SCT_UNKNOWN)
		return -EINVAL;
	if (len > UINT16_MAX)
		return -EBADMSG;
	return add(scts, cc_span(tls, len), source);
}

int capcert_scts_add_list(capcert_scts *scts, const uint8_t *tls, size_t len, uint32_t source)
{
	size_t before = scts->count;
	struct cc_span rest, one;
	uint32_t count;
	int r = 0;

	if (source > CAPCERT_SCT_UNKNOWN)
		return -EINVAL;
	if (cc_sct_list_open(cc_span(tls, len), &rest, &count) != CC_SCT_OK)
		return -EBADMSG;
	while (r == 0 && cc_sct_next(&rest, &one) > 0)
		r = add(scts, one, source);
	if (r < 0) {
		cut(scts, before);
		return r;
	}
	return (int)count;
}

int capcert_scts_add_embedded(capcert_scts *scts, const capcert_cert *cert)
{
	const struct cc_cert *c = &cert->parsed;

	if (!(c->ext_present & CC_EXT_BIT(SCT_LIST)))
		return 0;
	return capcert_scts_add_list(scts, c->scts.p, c->scts.n, CAPCERT_SCT_EMBEDDED);
}

int capcert_scts_add_ocsp(capcert_scts *scts, const uint8_t *value, size_t len)
{
	struct cc_span list;

	if (cc_der_only(cc_span(value, len), CC_DER_OCTET_STRING, &list))
		return -EBADMSG;
	return capcert_scts_add_list(scts, list.p, list.n, CAPCERT_SCT_OCSP);
}

static bool put_base64(uint8_t *buf, size_t cap, size_t *at, const char *text, size_t *ret_len)
{
	long n = cc_base64_decode(cc_span(text, strlen(text)), buf + *at, cap - *at);

	if (n < 0)
		return false;
	*at += (size_t)n;
	*ret_len = (size_t)n;
	return true;
}

int capcert_scts_add_base64(capcert_scts *scts, const char *log_id, uint64_t timestamp,
			    const char *extensions, const char *signature, uint32_t source)
{
	uint8_t *buf = malloc(UINT16_MAX);
	size_t n = 0, len, i, at;
	int r = -EBADMSG;

	if (!buf)
		return -ENOMEM;
	buf[n++] = CC_SCT_V1;
	if (!put_base64(buf, UINT16_MAX, &n, log_id, &len) || len != CC_SCT_LOG_ID)
		goto out;
	for (i = 0; i < 8; i++)
		buf[n++] = (uint8_t)(timestamp >> 8 * (7 - i));
	at = n;
	n += 2;
	if (!put_base64(buf, UINT16_MAX, &n, extensions ? extensions : "", &len))
		goto out;
	buf[at] = (uint8_t)(len >> 8);
	buf[at + 1] = (uint8_t)len;
	if (put_base64(buf, UINT16_MAX, &n, signature, &len))
		r = capcert_scts_add(scts, buf, n, source);
out:
	free(buf);
	return r;
}

int capcert_scts_prove(capcert_scts *scts, size_t index, const struct capcert_sct_proof *proof)
{
	struct sct *sct;
	uint8_t *path;

	if (index >= scts->count || proof->path_len % CC_MERKLE_HASH ||
	    proof->path_len > (size_t)CC_MERKLE_PROOF_MAX * CC_MERKLE_HASH)
		return -EINVAL;
	sct = scts->items[index];
	path = malloc(proof->path_len + 1);
	if (!path)
		return -ENOMEM;
	if (proof->path_len)
		memcpy(path, proof->path, proof->path_len);
	free((void *)(uintptr_t)sct->proof.path);
	sct->proof = *proof;
	sct->proof.path = path;
	sct->has_proof = true;
	return 0;
}

int capcert_sct_leaf_index(const struct capcert_sct *sct, uint64_t *ret)
{
	uint64_t leaf;
	int r = cc_sct_leaf_index(cc_span(sct->extensions.data, sct->extensions.len), &leaf);

	if (r < 0)
		return -EBADMSG;
	if (r == 1)
		*ret = leaf;
	return r;
}

const char *capcert_sct_status_name(uint32_t status)
{
	switch (status) {
#define X(nr, name, text) \
	case nr:          \
		return text;
		CAPCERT_SCT_STATUSES(X)
#undef X
	default:
		return NULL;
	}
}

const char *capcert_sct_source_name(uint32_t source)
{
	static const char *const names[] = { "embedded", "ocsp", "tls", "unknown" };

	return source < CC_ARRAY_SIZE(names) ? names[source] : NULL;
}

const char *capcert_ct_rule_name(uint32_t rule)
{
	static const char *const names[] = { "at-least", "distinct-logs", "all", "chrome",
					     "all+chrome" };

	return rule < CC_ARRAY_SIZE(names) ? names[rule] : NULL;
}
