/* SPDX-License-Identifier: GPL-2.0-only */
/* Certificates made on the spot: well-formed DER with a signature that nobody made. */
#ifndef KSFT_CERTS_H
#define KSFT_CERTS_H

#include <stddef.h>
#include <stdint.h>

#define TCERT_CA	(1u << 0)
#define TCERT_TWICE	(1u << 1)	/* one extension twice (RFC 5280 section 4.2) */
#define TCERT_PEM_LEN(der_len) (((der_len) + 2) / 3 * 4 + (der_len) / 48 + 80)

/* What to make. Same @seed, same key; zero @not_before and @not_after mean 2020 to 2040. */
struct tcert_spec {
	const char *subject;
	const char *issuer;	/* NULL = @subject */
	uint32_t seed;
	uint32_t serial;	/* 0 = @seed + 1 */
	uint32_t flags;
	size_t total;		/* 0, or inflate the DER to exactly this many bytes */
	int64_t not_before;
	int64_t not_after;
};

struct tcert {
	uint8_t *der;		/* owned: tcert_free() */
	size_t len;
	size_t subject_off;
	size_t subject_len;
	size_t issuer_off;
	size_t issuer_len;
	size_t serial_off;	/* the whole INTEGER */
	size_t serial_len;
	size_t spki_off;
	size_t spki_len;
	int64_t not_before;
	int64_t not_after;
	uint8_t fingerprint[32];
	uint8_t spki_hash[32];
};

#define T_DATE(y, m, d) t_date(y, m, d)
int64_t t_date(int year, int month, int day);

/** tcert_make() - a certificate by @spec; aborts the test program when out of memory. */
void tcert_make(const struct tcert_spec *spec, struct tcert *ret);
/** tcert_root() - root number @n: CN "root @n", valid 2020 to 2040. */
void tcert_root(uint32_t n, struct tcert *ret);
/** tcert_leaf() - a leaf for @name under root number @issuer. */
void tcert_leaf(const char *name, uint32_t n, uint32_t issuer, struct tcert *ret);
void tcert_free(struct tcert *cert);

/** tcert_pem() - PEM text of @cert into @buf of TCERT_PEM_LEN(cert->len). Return: length. */
size_t tcert_pem(const struct tcert *cert, char *buf);

void t_sha256(const void *data, size_t len, uint8_t ret[32]);

static inline const uint8_t *tcert_subject(const struct tcert *c)
{
	return c->der + c->subject_off;
}

static inline const uint8_t *tcert_spki(const struct tcert *c)
{
	return c->der + c->spki_off;
}

#endif
