// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is handed in: chains that end in a root of ours become entries, and an SCT is given. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/base64.h"
#include "core/precert.h"
#include "core/sct.h"
#include "libcapcert/ctlog.h"
#include "libcapcert/sha.h"
#include "libcapcert/sig.h"
#include "libcapcert/x509.h"
#include "tests/ctlogd/log.h"

#define CHAIN_MAX 10

/* A growing buffer. */
struct out {
	uint8_t *p;
	size_t n;
};

static void put(struct out *o, const void *p, size_t n)
{
	o->p = realloc(o->p, o->n + n + 1);
	if (!o->p)
		abort();
	if (n)
		memcpy(o->p + o->n, p, n);
	o->n += n;
}

static void put_number(struct out *o, unsigned int octets, uint64_t v)
{
	uint8_t b[8];

	cc_tls_put(b, octets, v);
	put(o, b, octets);
}

static void put_vector(struct out *o, unsigned int octets, struct cc_span s)
{
	put_number(o, octets, s.n);
	put(o, s.p, s.n);
}

static capcert_chain *read_chain(const char *json, size_t len)
{
	json_t *v = json_loadb(json, len, 0, NULL), *list = json_object_get(v, "chain");
	capcert_chain *chain = NULL;
	size_t i, n = json_array_size(list);
	bool good = n > 0 && n <= CHAIN_MAX && !capcert_chain_new(&chain);

	for (i = 0; good && i < n; i++) {
		const json_t *text = json_array_get(list, i);
		uint8_t *der = malloc(json_string_length(text) + 1);
		long der_len =
			cc_base64_decode(cc_span(json_string_value(text), json_string_length(text)),
					 der, json_string_length(text));
		capcert_cert *cert;

		good = der_len > 0 && !capcert_cert_new(der, (size_t)der_len, &cert, NULL);
		if (good) {
			good = !capcert_chain_push(chain, cert);
			capcert_cert_free(cert);
		}
		free(der);
	}
	json_decref(v);
	if (good)
		return chain;
	capcert_chain_free(chain);
	return NULL;
}

/* Each is issued by the next, and the last is a root of ours, or becomes so by adding one. */
static bool accept(struct log *log, capcert_chain *chain)
{
	const struct cc_cert *last;
	size_t i;

	for (i = 0; i + 1 < chain->count; i++)
		if (sig_check_issued(&chain->certs[i]->parsed, &chain->certs[i + 1]->parsed) != 1)
			return false;
	last = &chain->certs[chain->count - 1]->parsed;
	for (i = 0; i < log->root_count; i++)
		if (cc_span_equal(last->der, log->roots[i]->parsed.der))
			return true;
	for (i = 0; i < log->root_count; i++)
		if (cc_span_equal(last->issuer, log->roots[i]->parsed.subject) &&
		    sig_check_issued(last, &log->roots[i]->parsed) == 1)
			return !capcert_chain_push(chain, log->roots[i]);
	return false;
}

static void remember_issuer(struct log *log, struct cc_span der)
{
	size_t i;

	for (i = 0; i < log->issuer_count; i++)
		if (cc_span_equal(log->issuers[i], der))
			return;
	log->issuers = realloc(log->issuers, (i + 1) * sizeof(*log->issuers));
	log->issuers[log->issuer_count++] = keep(der.p, der.n);
}

/* extra_data and what of a tile leaf is behind the entry. */
static void put_chain(struct log *log, const capcert_chain *chain, bool pre, struct out *extra,
		      struct out *tile)
{
	struct out list = { 0 }, hashes = { 0 };
	size_t i;

	for (i = 1; i < chain->count; i++) {
		struct cc_span der = chain->certs[i]->parsed.der;
		uint8_t hash[32];

		sha256_of(der, hash);
		put_vector(&list, 3, der);
		put(&hashes, hash, 32);
		remember_issuer(log, der);
	}
	if (pre) {
		put_vector(extra, 3, chain->certs[0]->parsed.der);
		put_vector(tile, 3, chain->certs[0]->parsed.der);
	}
	put_vector(extra, 3, cc_span(list.p, list.n));
	put_vector(tile, 2, cc_span(hashes.p, hashes.n));
	free(list.p);
	free(hashes.p);
}

/* What of a TimestampedEntry follows the timestamp, but for the extensions. False: no precertificate
 * where there should be one, or the reverse. */
static bool put_subject(const capcert_chain *chain, bool pre, struct out *o)
{
	const struct cc_cert *leaf = &chain->certs[0]->parsed, *issuer;
	struct cc_precert tbs;
	uint8_t key[32];
	uint32_t i;

	put_number(o, 2, pre);
	if (pre != !!(leaf->ext_present & CC_EXT_BIT(CT_POISON)))
		return false;
	if (!pre) {
		put_vector(o, 3, leaf->der);
		return true;
	}
	if (chain->count < 2)
		return false;
	issuer = &chain->certs[1]->parsed;
	if (cc_precert_from_precert(leaf, issuer, &tbs))
		return false;
	if (cc_precert_signer(issuer)) {
		if (chain->count < 3)
			return false;
		issuer = &chain->certs[2]->parsed;
	}
	sha256_of(issuer->spki, key);
	put(o, key, 32);
	put_number(o, 3, tbs.len);
	for (i = 0; i < tbs.count; i++)
		put(o, tbs.span[i].p, tbs.span[i].n);
	return true;
}

/* The one with the same subject that is there already. */
static const struct entry *find(const struct log *log, struct cc_span subject)
{
	size_t i;

	for (i = 0; i < log->count; i++) {
		struct cc_span leaf = log->entries[i].leaf;

		if (leaf.n > 8 + subject.n && !memcmp(leaf.p + 8, subject.p, subject.n))
			return &log->entries[i];
	}
	return NULL;
}

static void put_extensions(struct log *log, struct out *o)
{
	uint64_t index = log->count;

	if (log->fault == FAULT_WRONG_EXTENSION)
		index++;
	if (!log->static_ct || log->fault == FAULT_NO_EXTENSION) {
		put_number(o, 2, 0);
		return;
	}
	put_number(o, 2, 8);
	put_number(o, 1, 0); /* leaf_index */
	put_number(o, 2, 5);
	put_number(o, 5, index);
}

static struct entry *append(struct log *log, const capcert_chain *chain, bool pre,
			    struct cc_span subject)
{
	struct out leaf = { 0 }, extra = { 0 }, tile = { 0 };
	struct cc_log_entry parsed;
	struct cc_span rest;
	struct timespec now;
	struct entry *e;

	if (log->count == log->room) {
		log->room = log->room ? log->room * 2 : 64;
		log->entries = realloc(log->entries, log->room * sizeof(*log->entries));
	}
	e = &log->entries[log->count];
	clock_gettime(CLOCK_REALTIME, &now);
	e->timestamp = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	if (log->fault == FAULT_LOST)
		e->timestamp -= 3ULL * 86400 * 1000;
	put_number(&leaf, 8, e->timestamp);
	put(&leaf, subject.p, subject.n);
	put_extensions(log, &leaf);
	put(&tile, leaf.p, leaf.n);
	put_chain(log, chain, pre, &extra, &tile);
	e->leaf = cc_span(leaf.p, leaf.n);
	e->extra = cc_span(extra.p, extra.n);
	e->tile_leaf = cc_span(tile.p, tile.n);
	rest = e->leaf;
	if (!cc_log_entry_get(&rest, &parsed))
		abort();
	cc_log_leaf_hash(&ctlog_hasher, &parsed, e->hash);
	if (log->fault == FAULT_LOST)
		e->hash[0] ^= 1; /* something is there, but not what was promised */
	log->count++;
	return e;
}

static void give_sct(struct log *log, const struct entry *e, struct answer *ret)
{
	struct out octets = { 0 };
	struct cc_log_entry parsed;
	struct cc_span rest = e->leaf;
	uint8_t sig[256];
	char *id, *ext, *signature;
	json_t *v;

	cc_log_entry_get(&rest, &parsed);
	put_number(&octets, 1, 0); /* v1 */
	put_number(&octets, 1, 0); /* certificate_timestamp */
	put(&octets, e->leaf.p, e->leaf.n);
	id = base64_of(cc_span(log->id, 32));
	ext = base64_of(parsed.extensions);
	signature = base64_of(cc_span(sig, log_sign(log, cc_span(octets.p, octets.n), sig)));
	v = json_pack("{sisssIssss}", "sct_version", 0, "id", id, "timestamp",
		      (json_int_t)e->timestamp, "extensions", ext, "signature", signature);
	*ret = (struct answer){ 200, "application/json", json_dumps(v, 0), 0 };
	ret->len = strlen(ret->body);
	json_decref(v);
	free(octets.p);
	free(id);
	free(ext);
	free(signature);
}

void log_submit(struct log *log, const char *json, size_t len, bool pre, struct answer *ret)
{
	capcert_chain *chain = read_chain(json, len);
	struct out subject = { 0 };
	const struct entry *e;

	if (!chain) {
		answer_text(ret, 400, "text/plain", "no chain of certificates\n");
		return;
	}
	if (!accept(log, chain)) {
		answer_text(ret, 400, "text/plain", "the chain ends in no root of this log\n");
	} else if (!put_subject(chain, pre, &subject)) {
		answer_text(ret, 400, "text/plain", "a precertificate, or none, where not\n");
	} else {
		e = find(log, cc_span(subject.p, subject.n));
		if (!e)
			e = append(log, chain, pre, cc_span(subject.p, subject.n));
		give_sct(log, e, ret);
	}
	free(subject.p);
	capcert_chain_free(chain);
}

void log_fill(struct log *log, unsigned int count)
{
	capcert_chain *none;

	if (capcert_chain_new(&none))
		abort();
	for (; count; count--) {
		struct out subject = { 0 };

		put_number(&subject, 2, 0);
		put_number(&subject, 3, 8);
		put_number(&subject, 8, log->count);
		append(log, none, false, cc_span(subject.p, subject.n));
		free(subject.p);
	}
	capcert_chain_free(none);
}
