// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The log's state: key, tree, signatures. */
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/base64.h"
#include "libcapcert/ctlog.h"
#include "libcapcert/sha.h"
#include "tests/ctlogd/log.h"

#define WEEK_MS (7LL * 86400 * 1000)

struct cc_span keep(const void *p, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		abort();
	memcpy(copy, p, n);
	return cc_span(copy, n);
}

char *base64_of(struct cc_span in)
{
	char *text = malloc(CC_BASE64_LEN(in.n) + 1);

	if (!text)
		abort();
	text[cc_base64_encode(in, text)] = 0;
	return text;
}

void answer_text(struct answer *ret, unsigned int status, const char *type, const char *text)
{
	*ret = (struct answer){ status, type, strdup(text), strlen(text) };
}

void answer_octets(struct answer *ret, const void *p, size_t n)
{
	*ret = (struct answer){ 200, "application/octet-stream", (char *)keep(p, n).p, n };
}

static int make_key(struct log *log)
{
	gnutls_pubkey_t pub;

	if (gnutls_privkey_init(&log->key) || gnutls_pubkey_init(&pub) ||
	    gnutls_privkey_generate(log->key, GNUTLS_PK_ECDSA,
				    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0) ||
	    gnutls_pubkey_import_privkey(pub, log->key, 0, 0) ||
	    gnutls_pubkey_export2(pub, GNUTLS_X509_FMT_DER, &log->spki))
		return -1;
	gnutls_pubkey_deinit(pub);
	sha256_of(cc_span(log->spki.data, log->spki.size), log->id);
	return 0;
}

static int load_roots(struct log *log, const char *path)
{
	static uint8_t text[1 << 20];
	FILE *f = fopen(path, "r");
	capcert_chain *chain;
	const char *error;
	size_t n, i;

	if (!f)
		return -1;
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	if (capcert_chain_parse(text, n, &chain, &error))
		return -1;
	log->root_count = capcert_chain_count(chain);
	log->roots = calloc(log->root_count, sizeof(*log->roots));
	for (i = 0; i < log->root_count; i++)
		log->roots[i] = capcert_cert_ref(capcert_chain_at(chain, i));
	capcert_chain_free(chain);
	return 0;
}

int log_open(struct log *log, const char *roots, bool static_ct)
{
	memset(log, 0, sizeof(*log));
	log->static_ct = static_ct;
	return make_key(log) || load_roots(log, roots) ? -1 : 0;
}

void log_close(struct log *log)
{
	size_t i;

	for (i = 0; i < log->root_count; i++)
		capcert_cert_free(log->roots[i]);
	for (i = 0; i < log->count; i++) {
		free((uint8_t *)log->entries[i].leaf.p);
		free((uint8_t *)log->entries[i].extra.p);
		free((uint8_t *)log->entries[i].tile_leaf.p);
	}
	for (i = 0; i < log->issuer_count; i++)
		free((uint8_t *)log->issuers[i].p);
	free(log->roots);
	free(log->entries);
	free(log->issuers);
	gnutls_free(log->spki.data);
	gnutls_privkey_deinit(log->key);
}

void log_head(struct log *log, struct cc_tree_head *ret)
{
	struct timespec now;
	int64_t ms;

	clock_gettime(CLOCK_REALTIME, &now);
	ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	if (log->fault == FAULT_STALE)
		ms -= WEEK_MS;
	if (log->fault == FAULT_LAG)
		ms -= 10000;
	if (log->fault == FAULT_FUTURE)
		ms += WEEK_MS;
	ret->timestamp = (uint64_t)ms;
	ret->size = log->count;
	if ((log->fault == FAULT_ROLLBACK || log->fault == FAULT_LAG) && ret->size)
		ret->size--;
	log_hash(log, 0, ret->size, ret->root);
}

void log_hash(struct log *log, uint64_t begin, uint64_t end, uint8_t ret[32])
{
	uint8_t peaks[63][32], leaf[32];
	struct cc_merkle_tree tree = { .room = 63, .peaks = peaks };

	for (; begin < end; begin++) {
		memcpy(leaf, log->entries[begin].hash, 32);
		if (begin == 0 && log->fault == FAULT_SPLIT_VIEW)
			leaf[0] ^= 1;
		cc_merkle_tree_add(&ctlog_hasher, &tree, leaf);
	}
	cc_merkle_tree_root(&ctlog_hasher, &tree, ret);
}

size_t log_sign(struct log *log, struct cc_span octets, uint8_t *ret)
{
	gnutls_datum_t data = { (unsigned char *)octets.p, (unsigned int)octets.n }, sig;
	size_t n;

	if (gnutls_privkey_sign_data(log->key, GNUTLS_DIG_SHA256, 0, &data, &sig))
		abort();
	ret[0] = CC_TLS_HASH_SHA256;
	ret[1] = CC_TLS_SIGNATURE_ECDSA;
	cc_tls_put(ret + 2, 2, sig.size);
	memcpy(ret + 4, sig.data, sig.size);
	if (log->fault == FAULT_BAD_SIGNATURE)
		ret[4 + sig.size - 1] ^= 1;
	n = 4 + sig.size;
	gnutls_free(sig.data);
	return n;
}
