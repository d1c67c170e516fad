// SPDX-License-Identifier: LGPL-2.1-or-later
/* Handing chains in, and holding a log to what it promised for them. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/base64.h"
#include "core/precert.h"
#include "core/sct.h"
#include "core/tree_head.h"
#include "libcapcert/ctlog.h"
#include "libcapcert/net/client.h"
#include "libcapcert/sha.h"
#include "libcapcert/sig.h"
#include "libcapcert/x509.h"

#define SKEW_MS 300000
#define SCT_MAX 65535

/* What the log was given: a certificate, or the TBSCertificate that @precert points into. */
struct subject {
	struct cc_sct_entry entry;
	struct cc_precert precert;
	struct cc_span whole;
};

static int precert_subject(const capcert_chain *chain, bool final, struct subject *ret)
{
	const struct cc_cert *leaf = &chain->certs[0]->parsed, *issuer;
	int r;

	if (chain->count < 2)
		return -EINVAL;
	issuer = &chain->certs[1]->parsed;
	r = final ? cc_precert_from_cert(leaf, &ret->precert)
		  : cc_precert_from_precert(leaf, issuer, &ret->precert);
	if (r)
		return -EINVAL;
	if (!final && cc_precert_signer(issuer)) {
		if (chain->count < 3)
			return -EINVAL;
		issuer = &chain->certs[2]->parsed;
	}
	ret->entry.precert = true;
	sha256_of(issuer->spki, ret->entry.issuer_key);
	ret->entry.parts = ret->precert.span;
	ret->entry.part_count = ret->precert.count;
	return 0;
}

static bool is_precert(const capcert_chain *chain)
{
	return chain->certs[0]->parsed.ext_present & CC_EXT_BIT(CT_POISON);
}

/* @embedded: the SCT is in the final certificate, and speaks of its precertificate. */
static int subject_of(const capcert_chain *chain, bool embedded, struct subject *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (!chain->count)
		return -EINVAL;
	if (embedded || is_precert(chain))
		return precert_subject(chain, embedded, ret);
	ret->whole = chain->certs[0]->parsed.der;
	ret->entry.parts = &ret->whole;
	ret->entry.part_count = 1;
	return 0;
}

/* The octets under the SCT's signature, which are also the leaf of the tree; malloc()ed. */
static int signed_octets(const struct cc_sct *sct, const struct subject *s, uint8_t **ret,
			 size_t *ret_len)
{
	struct cc_sct_signed octets;
	size_t n = 0;
	uint32_t i;
	uint8_t *p;

	if (!cc_sct_signed(sct, &s->entry, &octets))
		return -EINVAL;
	for (i = 0; i < octets.count; i++)
		n += octets.span[i].n;
	p = malloc(n);
	if (!p)
		return -ENOMEM;
	for (n = 0, i = 0; i < octets.count; n += octets.span[i++].n)
		memcpy(p + n, octets.span[i].p, octets.span[i].n);
	*ret = p;
	*ret_len = n;
	return 0;
}

static int check_form(capcert_ctclient *c, const struct cc_sct *sct, uint64_t *ret_index)
{
	struct timespec now;
	int r = cc_sct_leaf_index(sct->extensions, ret_index);

	clock_gettime(CLOCK_REALTIME, &now);
	if (sct->timestamp > (uint64_t)now.tv_sec * 1000 + SKEW_MS)
		return client_malformed(c, "SCT: it is of the future");
	if (r < 0)
		return client_malformed(c, "SCT: its extensions");
	if (r == 0 && c->facts->kind == LOG_STATIC_CT)
		return client_malformed(c, "SCT: it does not say where the entry is");
	if (r == 0)
		*ret_index = UINT64_MAX;
	return 0;
}

/* Is it this log's SCT for this subject? @ret_leaf: the hash of its leaf. @ret_index: UINT64_MAX
 * where a log of RFC 6962 does not say. */
static int check_sct(capcert_ctclient *c, const struct subject *s, struct cc_span tls,
		     struct cc_sct *sct, uint8_t ret_leaf[32], uint64_t *ret_index)
{
	uint32_t scheme;
	uint8_t *octets;
	size_t len;
	int r;

	if (cc_sct_parse(tls, sct))
		return client_malformed(c, "SCT");
	if (memcmp(sct->log_id.p, c->facts->id, 32))
		return client_fault(c, CAPCERT_CT_BAD_SIGNATURE, "an SCT of another log");
	r = check_form(c, sct, ret_index);
	if (!r)
		r = signed_octets(sct, s, &octets, &len);
	if (r)
		return r;
	scheme = cc_digitally_signed_scheme(
		&(struct cc_digitally_signed){ sct->hash_alg, sct->sig_alg, sct->signature });
	r = sig_check_spki(c->facts->spki, scheme, cc_span(octets, len), sct->signature);
	capcert_ct_leaf_hash(octets, len, ret_leaf);
	free(octets);
	if (r == -ENOMEM)
		return r;
	return r == 1 ? 0
		      : client_fault(c, CAPCERT_CT_BAD_SIGNATURE,
				     "its SCT is not signed by it, or not over this certificate");
}

/* ---- submission ---- */

static char *request_of(const capcert_chain *chain)
{
	json_t *list = json_array(), *v;
	char *text;
	size_t i;

	for (i = 0; i < chain->count; i++) {
		struct cc_span der = chain->certs[i]->parsed.der;
		char *base64 = malloc(CC_BASE64_LEN(der.n));

		if (base64)
			json_array_append_new(list,
					      json_stringn(base64, cc_base64_encode(der, base64)));
		free(base64);
	}
	if (json_array_size(list) != chain->count) {
		json_decref(list);
		return NULL;
	}
	v = json_pack("{so}", "chain", list);
	text = json_dumps(v, JSON_COMPACT);
	json_decref(v);
	return text;
}

/* The parts of an answer as one SCT in its TLS encoding; malloc()ed. NULL: malformed. */
static uint8_t *sct_of(const json_t *v, size_t *ret_len)
{
	uint64_t version, timestamp;
	uint8_t id[32], *extensions = NULL, *signature = NULL, *sct = NULL, *to;
	long ext_len = json_octets(json_object_get(v, "extensions"), &extensions);
	long sig_len = json_octets(json_object_get(v, "signature"), &signature);

	if (ext_len >= 0 && sig_len >= 0 && ext_len + sig_len < SCT_MAX - 64 &&
	    json_number(v, "sct_version", &version) && version == CC_SCT_V1 &&
	    json_number(v, "timestamp", &timestamp) &&
	    json_fixed(json_object_get(v, "id"), id, sizeof(id)))
		sct = malloc((size_t)(1 + 32 + 8 + 2 + ext_len + sig_len));
	if (sct) {
		to = cc_tls_put(sct, 1, version);
		memcpy(to, id, sizeof(id));
		to = cc_tls_put(to + sizeof(id), 8, timestamp);
		to = cc_tls_put(to, 2, (uint64_t)ext_len);
		memcpy(to, extensions, (size_t)ext_len);
		memcpy(to + ext_len, signature, (size_t)sig_len);
		*ret_len = (size_t)(to - sct) + (size_t)(ext_len + sig_len);
	}
	free(extensions);
	free(signature);
	return sct;
}

int capcert_ctclient_submit(capcert_ctclient *c, const capcert_chain *chain, uint8_t **ret_sct,
			    size_t *ret_len)
{
	struct http_answer answer;
	struct subject s;
	struct cc_sct parsed;
	uint8_t leaf[32], *sct;
	uint64_t index;
	size_t len = 0;
	json_t *v;
	char *text;
	int r = subject_of(chain, false, &s);

	if (r)
		return r;
	text = request_of(chain);
	if (!text)
		return -ENOMEM;
	r = client_post(c, is_precert(chain) ? "ct/v1/add-pre-chain" : "ct/v1/add-chain", text,
			&answer);
	free(text);
	if (!r)
		r = json_of(c, &answer, &v);
	if (r)
		return r;
	sct = sct_of(v, &len);
	json_decref(v);
	if (!sct)
		return client_malformed(c, "SCT");
	r = check_sct(c, &s, cc_span(sct, len), &parsed, leaf, &index);
	if (r) {
		free(sct);
		return r;
	}
	*ret_sct = sct;
	*ret_len = len;
	return 0;
}

/* ---- inclusion ---- */

static bool find_embedded(const capcert_ctclient *c, const capcert_chain *chain,
			  struct cc_span *ret)
{
	struct cc_span rest;

	if (!chain->count || cc_sct_list_open(chain->certs[0]->parsed.scts, &rest, NULL))
		return false;
	while (cc_sct_next(&rest, ret) > 0) {
		struct cc_sct sct;

		if (!cc_sct_parse(*ret, &sct) && !memcmp(sct.log_id.p, c->facts->id, 32))
			return true;
	}
	return false;
}

/* The log promised to have it in its tree within its maximum merge delay. */
static int not_there(capcert_ctclient *c, const struct capcert_sth *sth, uint64_t promised)
{
	uint64_t mmd = (uint64_t)(c->facts->mmd ? c->facts->mmd : 86400) * 1000;

	if (sth->timestamp > promised && sth->timestamp - promised > mmd)
		return client_fault(c, CAPCERT_CT_INCONSISTENT,
				    "the entry is not in its tree, %llu s after its SCT",
				    (unsigned long long)(sth->timestamp - promised) / 1000);
	return client_fault(c, CAPCERT_CT_BACKLOG, "the entry is not in its tree of %llu yet",
			    (unsigned long long)sth->tree_size);
}

int capcert_ctclient_prove(capcert_ctclient *c, const capcert_chain *chain, const uint8_t *sct,
			   size_t len, struct capcert_ct_inclusion *ret)
{
	struct cc_span tls = cc_span(sct, len);
	struct capcert_ct_inclusion got;
	uint8_t proof[CAPCERT_CT_PROOF_MAX][32];
	struct subject s;
	struct cc_sct parsed;
	size_t count;
	int r;

	if (!sct && !find_embedded(c, chain, &tls))
		return -ENOENT;
	r = subject_of(chain, !sct, &s);
	if (!r)
		r = check_sct(c, &s, tls, &parsed, got.leaf_hash, &got.index);
	if (!r)
		r = capcert_ctclient_head(c, &got.sth);
	if (r)
		return r;
	got.sct_timestamp = parsed.timestamp;
	if (!got.sth.tree_size || (got.index != UINT64_MAX && got.index >= got.sth.tree_size))
		return not_there(c, &got.sth, parsed.timestamp);
	r = c->reads->inclusion(c, &got.sth, got.leaf_hash, &got.index, proof, &count);
	/* Logs say in many ways that they do not know a hash: 400 and 404 are common. */
	if (r == -EACCES)
		return not_there(c, &got.sth, parsed.timestamp);
	if (r)
		return r;
	if (capcert_ct_verify_inclusion(got.leaf_hash, got.index, got.sth.tree_size,
					(const uint8_t(*)[32])proof, count, got.sth.root_hash))
		return client_fault(c, CAPCERT_CT_INCONSISTENT,
				    "merkleProofMismatch: the entry is not at %llu in its tree",
				    (unsigned long long)got.index);
	*ret = got;
	return 0;
}
