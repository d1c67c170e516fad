// SPDX-License-Identifier: GPL-2.0-only
/* Signed bundles made on the spot (docs/bundle-format.md), right ones and wrong ones. */

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

#include "bundles.h"
#include "common.h"
#include "core/bundle.h"

#define SEQUENCE 0x30
#define SET 0x31
#define INTEGER 0x02
#define OCTETS 0x04
#define UTF8 0x0c
#define TIME 0x18

static void give_up(const char *what)
{
	fprintf(stderr, "# bundles: %s\n", what);
	exit(1);
}

void tbytes_put(struct tbytes *b, const void *p, size_t n)
{
	if (b->n + n > b->room) {
		b->room = 2 * (b->n + n) + 64;
		b->p = realloc(b->p, b->room);
		if (!b->p)
			give_up("out of memory");
	}
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
}

void tbytes_free(struct tbytes *b)
{
	free(b->p);
	*b = (struct tbytes){ 0 };
}

void tder(struct tbytes *b, uint8_t tag, size_t from)
{
	const size_t n = b->n - from;
	uint8_t head[5] = { tag };
	size_t len = 2;

	if (n < 0x80) {
		head[1] = (uint8_t)n;
	} else if (n < 0x100) {
		head[1] = 0x81;
		head[2] = (uint8_t)n;
		len = 3;
	} else if (n < 0x10000) {
		head[1] = 0x82;
		head[2] = (uint8_t)(n >> 8);
		head[3] = (uint8_t)n;
		len = 4;
	} else {
		head[1] = 0x83;
		head[2] = (uint8_t)(n >> 16);
		head[3] = (uint8_t)(n >> 8);
		head[4] = (uint8_t)n;
		len = 5;
	}
	tbytes_put(b, head, len);
	memmove(b->p + from + len, b->p + from, n);
	memcpy(b->p + from, head, len);
}

static void put(struct tbytes *b, uint8_t tag, const void *p, size_t n)
{
	const size_t from = b->n;

	tbytes_put(b, p, n);
	tder(b, tag, from);
}

static void put_text(struct tbytes *b, uint8_t tag, const char *text)
{
	put(b, tag, text, strlen(text));
}

static void put_number(struct tbytes *b, uint8_t tag, uint64_t number)
{
	uint8_t be[9] = { 0 };
	int i, from = 0;

	for (i = 8; i > 0; i--, number >>= 8)
		be[i] = (uint8_t)number;
	while (from < 8 && !be[from] && !(be[from + 1] & 0x80))
		from++;
	put(b, tag, be + from, (size_t)(9 - from));
}

/* A named bit list: bit 0 is the topmost of the first octet, no trailing zero bits. */
static void put_bits(struct tbytes *b, uint32_t mask)
{
	uint8_t bits[2] = { 0, 0 };
	int i;

	for (i = 0; i < 8; i++)
		if (mask & 1u << i) {
			bits[1] |= (uint8_t)(0x80 >> i);
			bits[0] = (uint8_t)(7 - i);
		}
	put(b, 0x03, bits, mask ? 2 : 1);
}

/* ---- anchors ---- */

static int by_fingerprint(const void *a, const void *b)
{
	return memcmp((*(const struct tcert *const *)a)->fingerprint,
		      (*(const struct tcert *const *)b)->fingerprint, 32);
}

void tbundle_anchors_but(struct tbundle *b, const struct tcert *certs, size_t count, size_t which,
			 const struct tlimits *limits)
{
	const struct tcert **order = calloc(count + 1, sizeof(*order));
	size_t i;

	if (!order)
		give_up("out of memory");
	for (i = 0; i < count; i++)
		order[i] = &certs[i];
	qsort(order, count, sizeof(*order), by_fingerprint);
	for (i = 0; i < count; i++)
		if (order[i] == &certs[which])
			tanchor_limited(&b->anchors, order[i], limits);
		else
			tbytes_put(&b->anchors, order[i]->der, order[i]->len);
	free(order);
}

void tbundle_anchors(struct tbundle *b, const struct tcert *certs, size_t count)
{
	tbundle_anchors_but(b, certs, count, count, NULL);
}

void tbundle_free(struct tbundle *b)
{
	tbytes_free(&b->anchors);
	tbytes_free(&b->remove);
	tbytes_free(&b->entries);
}

/* Extension number @nr of ours around what stands from @from on, critical. */
static void extension(struct tbytes *b, uint8_t nr, size_t from)
{
	const uint8_t oid[] = { CC_BUNDLE_ARC, nr }, yes = 0xff;
	struct tbytes whole = { 0 };

	tder(b, OCTETS, from);
	put(&whole, 0x06, oid, sizeof(oid));
	put(&whole, 0x01, &yes, 1);
	tbytes_put(&whole, b->p + from, b->n - from);
	b->n = from;
	put(b, SEQUENCE, whole.p, whole.n);
	tbytes_free(&whole);
}

void tanchor_limited(struct tbytes *b, const struct tcert *cert, const struct tlimits *limits)
{
	const size_t from = b->n;
	size_t part, exts;

	tbytes_put(b, tcert_spki(cert), cert->spki_len);
	put(b, OCTETS, cert->spki_hash, 20);
	part = b->n;
	tbytes_put(b, tcert_subject(cert), cert->subject_len);
	tbytes_put(b, cert->der, cert->len);
	b->p[part + cert->subject_len] = 0xa0; /* [0] IMPLICIT Certificate */
	tder(b, SEQUENCE, part);
	exts = b->n;
	if (limits->purposes) {
		part = b->n;
		put_bits(b, limits->purposes);
		extension(b, CC_BUNDLE_EXT_PURPOSES, part);
	}
	if (limits->distrust_after) {
		part = b->n;
		put_text(b, TIME, limits->distrust_after);
		extension(b, CC_BUNDLE_EXT_DISTRUST_AFTER, part);
	}
	if (limits->sct_distrust_after) {
		part = b->n;
		put_text(b, TIME, limits->sct_distrust_after);
		extension(b, CC_BUNDLE_EXT_SCT_DISTRUST_AFTER, part);
	}
	if (limits->unknown) {
		part = b->n;
		put_number(b, INTEGER, 1);
		extension(b, 0x70, part);
	}
	if (b->n > exts) {
		tder(b, SEQUENCE, exts);
		tder(b, 0xa1, exts);
	}
	tder(b, SEQUENCE, from);
	tder(b, 0xa2, from);
}

void tanchor_log(struct tbytes *b, const struct tcert *cert, bool wrong_id)
{
	const size_t from = b->n;
	const uint8_t zero = 0, usable = 2;
	uint8_t id[32];
	size_t exts, part, list;

	memcpy(id, cert->spki_hash, sizeof(id));
	id[0] ^= wrong_id;
	tbytes_put(b, tcert_spki(cert), cert->spki_len);
	put(b, OCTETS, id, sizeof(id));
	exts = b->n;
	part = b->n;
	put(b, 0x0a, &zero, 1);
	put_text(b, UTF8, "test log");
	put_number(b, INTEGER, 86400);
	list = b->n;
	put_text(b, UTF8, "operator");
	put_text(b, TIME, "20200101000000Z");
	tder(b, SEQUENCE, list);
	tder(b, SEQUENCE, list);
	list = b->n;
	put(b, 0x0a, &usable, 1);
	put_text(b, TIME, "20200101000000Z");
	tder(b, SEQUENCE, list);
	tder(b, SEQUENCE, list);
	tder(b, SEQUENCE, part);
	extension(b, CC_BUNDLE_EXT_CT_LOG, part);
	tder(b, SEQUENCE, exts);
	tder(b, 0xa1, exts);
	tder(b, SEQUENCE, from);
	tder(b, 0xa2, from);
}

/* ---- content ---- */

static void put_remove(struct tbytes *b, const struct tbytes *remove)
{
	const size_t from = b->n;
	size_t i;

	for (i = 0; i + 32 <= remove->n; i += 32)
		put(b, OCTETS, remove->p + i, 32);
	if (remove->n)
		tder(b, 0xa3, from);
}

void tbundle_content(const struct tbundle *b, struct tbytes *ret)
{
	const size_t from = ret->n;

	put_number(ret, INTEGER, 1);
	put(ret, 0x0a, &b->kind, 1);
	put_text(ret, UTF8, b->name);
	put_number(ret, INTEGER, b->number);
	put_text(ret, TIME, b->created ? b->created : "20260101000000Z");
	if (b->expires)
		put_text(ret, 0x80, b->expires);
	if (b->kind == CC_BUNDLE_DELTA)
		put_number(ret, 0x81, b->base);
	if (b->of)
		put_text(ret, 0x82, b->of);
	put_bits(ret, b->kind == CC_BUNDLE_DISTRUST ? 0 : b->purposes ? b->purposes : 1);
	put_remove(ret, &b->remove);
	if (b->anchors.n || b->kind == CC_BUNDLE_STORE)
		put(ret, 0xa4, b->anchors.p, b->anchors.n);
	if (b->kind == CC_BUNDLE_DISTRUST)
		put(ret, 0xa5, b->entries.p, b->entries.n);
	tder(ret, SEQUENCE, from);
}

/* ---- signatures ---- */

/* build/tests/kselftest/x_test: keys lie in build/dev-bundle and build/test-bundle. */
static const char *key_file(const char *folder, const char *file)
{
	static char path[PATH_MAX + 64];
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
	int up;

	if (n < 0)
		give_up("no /proc/self/exe");
	path[n] = 0;
	for (up = 0; up < 3; up++)
		if (strrchr(path, '/'))
			*strrchr(path, '/') = 0;
	snprintf(path + strlen(path), sizeof(path) - strlen(path), "/%s/%s", folder, file);
	return path;
}

static bool production(void)
{
	struct capcert_status s;

	return !t_status(&s) && s.profile == CAPCERT_PROFILE_PRODUCTION;
}

static const char *cert_path(enum tsigner who)
{
	if (who == TSIGN_EXPIRED)
		return key_file("test-bundle", "expired.pem");
	return key_file(production() ? "test-bundle" : "dev-bundle", "cert.pem");
}

static const char *key_path(enum tsigner who)
{
	if (who == TSIGN_EXPIRED)
		return key_file("test-bundle", "expired-key.pem");
	return key_file(production() ? "test-bundle" : "dev-bundle", "key.pem");
}

bool tsigner_there(enum tsigner who)
{
	return !access(cert_path(who), R_OK) && !access(key_path(who), R_OK);
}

static gnutls_x509_crt_t load_cert(enum tsigner who)
{
	gnutls_x509_crt_t crt = NULL;
	gnutls_datum_t pem;

	if (gnutls_load_file(cert_path(who), &pem) || gnutls_x509_crt_init(&crt) ||
	    gnutls_x509_crt_import(crt, &pem, GNUTLS_X509_FMT_PEM))
		give_up("no certificate to sign by: make bundle-keys");
	gnutls_free(pem.data);
	return crt;
}

static gnutls_privkey_t load_key(enum tsigner who)
{
	gnutls_x509_privkey_t key = NULL;
	gnutls_privkey_t ret;
	gnutls_datum_t pem;

	if (gnutls_privkey_init(&ret) || gnutls_x509_privkey_init(&key))
		give_up("no keys");
	if (who == TSIGN_STRANGER) {
		if (gnutls_x509_privkey_generate(key, GNUTLS_PK_RSA, 2048, 0))
			give_up("no new key");
	} else {
		if (gnutls_load_file(key_path(who), &pem) ||
		    gnutls_x509_privkey_import(key, &pem, GNUTLS_X509_FMT_PEM))
			give_up("no key to sign by: make bundle-keys");
		gnutls_free(pem.data);
	}
	if (gnutls_privkey_import_x509(ret, key, GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE))
		give_up("no key");
	return ret;
}

static void put_signer_id(struct tbytes *b, enum tsigner who)
{
	gnutls_x509_crt_t crt = load_cert(who);
	const size_t from = b->n;
	gnutls_datum_t issuer;
	uint8_t serial[64];
	size_t n = sizeof(serial);

	if (gnutls_x509_crt_get_raw_issuer_dn(crt, &issuer) ||
	    gnutls_x509_crt_get_serial(crt, serial, &n))
		give_up("no issuer and serial number");
	tbytes_put(b, issuer.data, issuer.size);
	put(b, INTEGER, serial, n);
	tder(b, SEQUENCE, from);
	gnutls_free(issuer.data);
	gnutls_x509_crt_deinit(crt);
}

static const uint8_t alg_sha256[] = { 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48,
				      0x01, 0x65, 0x03, 0x04, 0x02, 0x01 };
static const uint8_t alg_rsa[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
				   0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };
static const uint8_t id_data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01 };
static const uint8_t id_signed[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02 };

static void put_signer_info(struct tbytes *b, const struct tbytes *content, enum tsigner who)
{
	gnutls_datum_t in = { content->p, (unsigned int)content->n }, sig;
	gnutls_privkey_t key = load_key(who);
	const size_t from = b->n;

	if (gnutls_privkey_sign_data(key, GNUTLS_DIG_SHA256, 0, &in, &sig))
		give_up("no signature");
	put_number(b, INTEGER, 1);
	put_signer_id(b, who);
	tbytes_put(b, alg_sha256, sizeof(alg_sha256));
	tbytes_put(b, alg_rsa, sizeof(alg_rsa));
	put(b, OCTETS, sig.data, sig.size);
	tder(b, SEQUENCE, from);
	tder(b, SET, from);
	gnutls_free(sig.data);
	gnutls_privkey_deinit(key);
}

void tbundle_sign(const struct tbytes *content, enum tsigner who, struct tbytes *ret)
{
	size_t data, part;

	ret->n = 0;
	put(ret, 0x06, id_signed, sizeof(id_signed));
	data = ret->n;
	put_number(ret, INTEGER, 1);
	put(ret, SET, alg_sha256, sizeof(alg_sha256));
	part = ret->n;
	put(ret, 0x06, id_data, sizeof(id_data));
	{
		const size_t octets = ret->n;

		put(ret, OCTETS, content->p, content->n);
		tder(ret, 0xa0, octets);
	}
	tder(ret, SEQUENCE, part);
	put_signer_info(ret, content, who);
	tder(ret, SEQUENCE, data);
	tder(ret, 0xa0, data);
	tder(ret, SEQUENCE, 0);
}

void tbundle_make(const struct tbundle *b, enum tsigner who, struct tbytes *ret)
{
	struct tbytes content = { 0 };

	tbundle_content(b, &content);
	tbundle_sign(&content, who, ret);
	tbytes_free(&content);
}
