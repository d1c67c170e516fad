// SPDX-License-Identifier: GPL-2.0-only
/* Writes certificates back to front, so that every length is known when it is written. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <nettle/base64.h>
#include <nettle/sha2.h>

#include "certs.h"

#define DER_SEQ		0x30
#define DER_SET		0x31
#define DER_INT		0x02
#define DER_BITS	0x03
#define DER_OCTETS	0x04
#define DER_BOOL	0x01
#define DER_OID		0x06
#define DER_UTF8	0x0c
#define DER_UTCTIME	0x17
#define DER_GENTIME	0x18

/* Filled from the end: @at is the first byte written so far. */
struct writer {
	uint8_t *buf;
	size_t cap;
	size_t at;
};

static void w_bytes(struct writer *w, const void *p, size_t n)
{
	if (n > w->at) {
		fprintf(stderr, "certs: writer is full\n");
		abort();
	}
	w->at -= n;
	memcpy(w->buf + w->at, p, n);
}

static void w_byte(struct writer *w, uint8_t b)
{
	w_bytes(w, &b, 1);
}

/* Puts tag and length before what was written since @end. */
static void w_wrap(struct writer *w, uint8_t tag, size_t end)
{
	size_t n = end - w->at;

	if (n < 0x80) {
		w_byte(w, (uint8_t)n);
	} else {
		size_t rest = n;
		uint8_t count = 0;

		for (; rest; rest >>= 8, count++)
			w_byte(w, (uint8_t)rest);
		w_byte(w, 0x80 | count);
	}
	w_byte(w, tag);
}

static void w_tlv(struct writer *w, uint8_t tag, const void *p, size_t n)
{
	size_t end = w->at;

	w_bytes(w, p, n);
	w_wrap(w, tag, end);
}

static void w_name(struct writer *w, const char *cn)
{
	static const uint8_t oid_cn[] = { 0x55, 0x04, 0x03 };
	size_t end = w->at;

	w_tlv(w, DER_UTF8, cn, strlen(cn));
	w_tlv(w, DER_OID, oid_cn, sizeof(oid_cn));
	w_wrap(w, DER_SEQ, end);
	w_wrap(w, DER_SET, end);
	w_wrap(w, DER_SEQ, end);
}

/* RFC 5280 section 4.1.2.5: UTCTime through 2049. */
static void w_time(struct writer *w, int64_t t)
{
	time_t tt = (time_t)t;
	struct tm tm;
	char text[32];

	gmtime_r(&tt, &tm);
	if (tm.tm_year + 1900 < 2050) {
		strftime(text, sizeof(text), "%y%m%d%H%M%SZ", &tm);
		w_tlv(w, DER_UTCTIME, text, strlen(text));
	} else {
		strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &tm);
		w_tlv(w, DER_GENTIME, text, strlen(text));
	}
}

/* ecdsa-with-SHA256 */
static void w_sigalg(struct writer *w)
{
	static const uint8_t oid[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02 };
	size_t end = w->at;

	w_tlv(w, DER_OID, oid, sizeof(oid));
	w_wrap(w, DER_SEQ, end);
}

static void w_spki(struct writer *w, uint32_t seed)
{
	static const uint8_t oid_ec[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };
	static const uint8_t oid_p256[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
	uint8_t point[66] = { 0, 4 };
	size_t end = w->at, alg_end;

	t_sha256(&seed, sizeof(seed), point + 2);
	t_sha256(point + 2, 32, point + 34);
	w_tlv(w, DER_BITS, point, sizeof(point));
	alg_end = w->at;
	w_tlv(w, DER_OID, oid_p256, sizeof(oid_p256));
	w_tlv(w, DER_OID, oid_ec, sizeof(oid_ec));
	w_wrap(w, DER_SEQ, alg_end);
	w_wrap(w, DER_SEQ, end);
}

static void w_extension(struct writer *w, const uint8_t *oid, size_t oid_len, int critical,
			const void *value, size_t len)
{
	static const uint8_t yes = 0xff;
	size_t end = w->at;

	w_tlv(w, DER_OCTETS, value, len);
	if (critical)
		w_tlv(w, DER_BOOL, &yes, 1);
	w_tlv(w, DER_OID, oid, oid_len);
	w_wrap(w, DER_SEQ, end);
}

static void w_extensions(struct writer *w, const struct tcert_spec *spec, size_t pad)
{
	static const uint8_t oid_bc[] = { 0x55, 0x1d, 0x13 };
	static const uint8_t oid_ku[] = { 0x55, 0x1d, 0x0f };
	static const uint8_t oid_san[] = { 0x55, 0x1d, 0x11 };
	static const uint8_t oid_pad[] = { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x86, 0x8d, 0x1f, 0x7f };
	static const uint8_t bc_ca[] = { 0x30, 0x03, 0x01, 0x01, 0xff };
	static const uint8_t ku_ca[] = { 0x03, 0x02, 0x01, 0x06 };
	static const uint8_t ku_leaf[] = { 0x03, 0x02, 0x07, 0x80 };
	size_t end = w->at;

	if (pad) {
		uint8_t *zero = calloc(1, pad);

		if (!zero)
			abort();
		w_extension(w, oid_pad, sizeof(oid_pad), 0, zero, pad);
		free(zero);
	}
	if (spec->flags & TCERT_TWICE)
		w_extension(w, oid_bc, sizeof(oid_bc), 1, bc_ca, sizeof(bc_ca));
	if (spec->flags & TCERT_CA) {
		w_extension(w, oid_ku, sizeof(oid_ku), 1, ku_ca, sizeof(ku_ca));
		w_extension(w, oid_bc, sizeof(oid_bc), 1, bc_ca, sizeof(bc_ca));
	} else {
		uint8_t san[256];
		struct writer s = { san, sizeof(san), sizeof(san) };

		w_tlv(&s, 0x82, spec->subject, strlen(spec->subject));
		w_wrap(&s, DER_SEQ, sizeof(san));
		w_extension(w, oid_san, sizeof(oid_san), 0, san + s.at, sizeof(san) - s.at);
		w_extension(w, oid_ku, sizeof(oid_ku), 1, ku_leaf, sizeof(ku_leaf));
	}
	w_wrap(w, DER_SEQ, end);
	w_wrap(w, 0xa3, end);
}

static void w_serial(struct writer *w, uint32_t serial)
{
	uint8_t s[5] = { 0, (uint8_t)(serial >> 24), (uint8_t)(serial >> 16),
			 (uint8_t)(serial >> 8), (uint8_t)serial };
	size_t skip = 0;

	while (skip < 4 && !s[skip] && !(s[skip + 1] & 0x80))
		skip++;
	w_tlv(w, DER_INT, s + skip, sizeof(s) - skip);
}

/* Offsets in @ret are distances from the end of the buffer until make() turns them round. */
static void w_cert(struct writer *w, const struct tcert_spec *spec, size_t pad, struct tcert *ret)
{
	static const uint8_t version[] = { 0x02, 0x01, 0x02 };
	/* SEQUENCE of two INTEGERs of 32 bytes: the shape of an ECDSA signature. */
	static const uint8_t sig[] = {
		0x00, 0x30, 0x44, 0x02, 0x20, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
		0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
		0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x02, 0x20, 0x11, 0x11, 0x11,
		0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
		0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
		0x11,
	};
	size_t end = w->at, tbs_end, part;

	w_tlv(w, DER_BITS, sig, sizeof(sig));
	w_sigalg(w);
	tbs_end = w->at;
	w_extensions(w, spec, pad);
	part = w->at;
	w_spki(w, spec->seed);
	ret->spki_off = w->at;
	ret->spki_len = part - w->at;
	part = w->at;
	w_name(w, spec->subject);
	ret->subject_off = w->at;
	ret->subject_len = part - w->at;
	part = w->at;
	w_time(w, ret->not_after);
	w_time(w, ret->not_before);
	w_wrap(w, DER_SEQ, part);
	part = w->at;
	w_name(w, spec->issuer ? spec->issuer : spec->subject);
	ret->issuer_off = w->at;
	ret->issuer_len = part - w->at;
	w_sigalg(w);
	part = w->at;
	w_serial(w, spec->serial ? spec->serial : spec->seed + 1);
	ret->serial_off = w->at;
	ret->serial_len = part - w->at;
	part = w->at;
	w_bytes(w, version, sizeof(version));
	w_wrap(w, 0xa0, part);
	w_wrap(w, DER_SEQ, tbs_end);
	w_wrap(w, DER_SEQ, end);
}

int64_t t_date(int year, int month, int day)
{
	struct tm tm = { .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };

	return (int64_t)timegm(&tm);
}

void t_sha256(const void *data, size_t len, uint8_t ret[32])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, len, data);
	sha256_digest(&ctx, 32, ret);
}

static void make_padded(const struct tcert_spec *spec, size_t pad, struct tcert *ret)
{
	struct writer w = { .cap = 2048 + pad };

	memset(ret, 0, sizeof(*ret));
	ret->not_before = spec->not_before ? spec->not_before : T_DATE(2020, 1, 1);
	ret->not_after = spec->not_after ? spec->not_after : T_DATE(2040, 1, 1);
	w.buf = malloc(w.cap);
	if (!w.buf)
		abort();
	w.at = w.cap;
	w_cert(&w, spec, pad, ret);
	ret->len = w.cap - w.at;
	ret->der = malloc(ret->len);
	if (!ret->der)
		abort();
	memcpy(ret->der, w.buf + w.at, ret->len);
	free(w.buf);
	ret->spki_off -= w.at;
	ret->subject_off -= w.at;
	ret->issuer_off -= w.at;
	ret->serial_off -= w.at;
}

void tcert_make(const struct tcert_spec *spec, struct tcert *ret)
{
	size_t pad = 0;

	make_padded(spec, 0, ret);
	/* Length fields grow with the padding: approach from below. */
	while (spec->total && ret->len != spec->total) {
		size_t more = spec->total > ret->len ? spec->total - ret->len : 0;

		if (!more || (pad && more > spec->total)) {
			fprintf(stderr, "certs: no certificate of %zu bytes\n", spec->total);
			abort();
		}
		if (!pad && more > 40)
			more -= 40;
		pad += more > 8 ? more - 6 : 1;
		tcert_free(ret);
		make_padded(spec, pad, ret);
	}
	t_sha256(ret->der, ret->len, ret->fingerprint);
	t_sha256(tcert_spki(ret), ret->spki_len, ret->spki_hash);
}

void tcert_root(uint32_t n, struct tcert *ret)
{
	char cn[32];

	snprintf(cn, sizeof(cn), "root %u", n);
	tcert_make(&(struct tcert_spec){ .subject = cn, .seed = n, .flags = TCERT_CA }, ret);
}

void tcert_leaf(const char *name, uint32_t n, uint32_t issuer, struct tcert *ret)
{
	char cn[32];

	snprintf(cn, sizeof(cn), "root %u", issuer);
	tcert_make(&(struct tcert_spec){ .subject = name, .issuer = cn,
					 .seed = 0x10000000 + n }, ret);
}

void tcert_free(struct tcert *cert)
{
	free(cert->der);
	cert->der = NULL;
}

size_t tcert_pem(const struct tcert *cert, char *buf)
{
	static const char head[] = "-----BEGIN CERTIFICATE-----\n";
	static const char tail[] = "-----END CERTIFICATE-----\n";
	size_t at = 0, i;

	memcpy(buf, head, sizeof(head) - 1);
	at = sizeof(head) - 1;
	for (i = 0; i < cert->len; i += 48) {
		size_t n = cert->len - i < 48 ? cert->len - i : 48;

		base64_encode_raw(buf + at, n, cert->der + i);
		at += BASE64_ENCODE_RAW_LENGTH(n);
		buf[at++] = '\n';
	}
	memcpy(buf + at, tail, sizeof(tail) - 1);
	return at + sizeof(tail) - 1;
}
