// SPDX-License-Identifier: LGPL-2.1-or-later
/* Signature checks through GnuTLS, and nowhere else in the library; ECDSA where it would only ask
 * nettle in turn (sig_ecdsa.c). */
#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include "core/der.h"
#include "libcapcert/memo.h"
#include "libcapcert/sha.h"
#include "libcapcert/sig.h"
#include "libcapcert/sig_ecdsa.h"

enum hash { HASH_NONE, HASH_SHA256, HASH_SHA384, HASH_SHA512 };

#define RSA (1u << CC_KEY_RSA)
#define PSS (1u << CC_KEY_RSA_PSS)
#define EC (1u << CC_KEY_P256 | 1u << CC_KEY_P384 | 1u << CC_KEY_P521)

/* What a scheme is to GnuTLS. No row for SHA-1: such a signature is never even tried. Schemes
 * without a hash take the message whole. */
static const struct scheme {
	gnutls_sign_algorithm_t sign;
	gnutls_sign_algorithm_t rsae; /* the same with a plain RSA key, when it has another name */
	enum hash hash;
	uint32_t keys; /* mask of key algorithms */
} schemes[CC_SCHEME_COUNT] = {
	[CC_SCHEME_RSA_PKCS1_SHA256] = { GNUTLS_SIGN_RSA_SHA256, 0, HASH_SHA256, RSA },
	[CC_SCHEME_RSA_PKCS1_SHA384] = { GNUTLS_SIGN_RSA_SHA384, 0, HASH_SHA384, RSA },
	[CC_SCHEME_RSA_PKCS1_SHA512] = { GNUTLS_SIGN_RSA_SHA512, 0, HASH_SHA512, RSA },
	[CC_SCHEME_RSA_PSS_SHA256] = { GNUTLS_SIGN_RSA_PSS_SHA256, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256,
				       HASH_SHA256, RSA | PSS },
	[CC_SCHEME_RSA_PSS_SHA384] = { GNUTLS_SIGN_RSA_PSS_SHA384, GNUTLS_SIGN_RSA_PSS_RSAE_SHA384,
				       HASH_SHA384, RSA | PSS },
	[CC_SCHEME_RSA_PSS_SHA512] = { GNUTLS_SIGN_RSA_PSS_SHA512, GNUTLS_SIGN_RSA_PSS_RSAE_SHA512,
				       HASH_SHA512, RSA | PSS },
	[CC_SCHEME_ECDSA_SHA256] = { GNUTLS_SIGN_ECDSA_SHA256, 0, HASH_SHA256, EC },
	[CC_SCHEME_ECDSA_SHA384] = { GNUTLS_SIGN_ECDSA_SHA384, 0, HASH_SHA384, EC },
	[CC_SCHEME_ECDSA_SHA512] = { GNUTLS_SIGN_ECDSA_SHA512, 0, HASH_SHA512, EC },
	[CC_SCHEME_ED25519] = { GNUTLS_SIGN_EDDSA_ED25519, 0, HASH_NONE, 1u << CC_KEY_ED25519 },
	[CC_SCHEME_ED448] = { GNUTLS_SIGN_EDDSA_ED448, 0, HASH_NONE, 1u << CC_KEY_ED448 },
	[CC_SCHEME_GOST256] = { GNUTLS_SIGN_GOST_256, 0, HASH_NONE, 1u << CC_KEY_GOST256 },
	[CC_SCHEME_GOST512] = { GNUTLS_SIGN_GOST_512, 0, HASH_NONE, 1u << CC_KEY_GOST512 },
};

bool sig_scheme_fits(uint32_t scheme, uint32_t key_alg)
{
	return scheme < CC_SCHEME_COUNT && key_alg < CC_KEY_COUNT &&
	       (schemes[scheme].keys >> key_alg & 1);
}

static size_t hash_of(enum hash hash, struct cc_span in, uint8_t ret[SHA_MAX])
{
	union {
		struct sha256_ctx sha256;
		struct sha512_ctx sha512; /* SHA-384 too */
	} ctx;

	switch (hash) {
	case HASH_SHA384:
		sha384_init(&ctx.sha512);
		sha384_update(&ctx.sha512, in.n, in.p);
		sha384_digest(&ctx.sha512, SHA384_DIGEST_SIZE, ret);
		return SHA384_DIGEST_SIZE;
	case HASH_SHA512:
		sha512_init(&ctx.sha512);
		sha512_update(&ctx.sha512, in.n, in.p);
		sha512_digest(&ctx.sha512, SHA512_DIGEST_SIZE, ret);
		return SHA512_DIGEST_SIZE;
	default:
		sha256_init(&ctx.sha256);
		sha256_update(&ctx.sha256, in.n, in.p);
		sha256_digest(&ctx.sha256, SHA256_DIGEST_SIZE, ret);
		return SHA256_DIGEST_SIZE;
	}
}

static size_t hash_size(enum hash hash)
{
	switch (hash) {
	case HASH_SHA256:
		return SHA256_DIGEST_SIZE;
	case HASH_SHA384:
		return SHA384_DIGEST_SIZE;
	case HASH_SHA512:
		return SHA512_DIGEST_SIZE;
	default:
		return 0;
	}
}

static struct cc_spki key_of(const struct cc_cert *cert)
{
	struct cc_spki key = { cert->spki, cert->key, cert->key_alg, cert->key_bits,
			       cert->rsa_exponent };

	return key;
}

static gnutls_datum_t datum(struct cc_span s)
{
	/* GnuTLS takes inputs through a pointer to non-const and does not write to them. */
	gnutls_datum_t d = { (unsigned char *)(uintptr_t)s.p, (unsigned int)s.n };

	return d;
}

/* Import from the parts: a tenth of the cost of a whole SubjectPublicKeyInfo. GnuTLS checks that
 * a point is on its curve when the key is used. */
static int import_ec(gnutls_pubkey_t ret, const struct cc_spki *key)
{
	static const gnutls_ecc_curve_t curves[] = {
		[CC_KEY_P256] = GNUTLS_ECC_CURVE_SECP256R1,
		[CC_KEY_P384] = GNUTLS_ECC_CURVE_SECP384R1,
		[CC_KEY_P521] = GNUTLS_ECC_CURVE_SECP521R1,
	};
	size_t n = (key->key.n - 1) / 2;
	gnutls_datum_t x, y;

	/* Uncompressed points only; CA certificates have no others (RFC 5480 section 2.2). */
	if (key->key.n < 3 || key->key.n != 2 * n + 1 || key->key.p[0] != 0x04)
		return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
	x = datum(cc_span(key->key.p + 1, n));
	y = datum(cc_span(key->key.p + 1 + n, n));
	return gnutls_pubkey_import_ecc_raw(ret, curves[key->alg], &x, &y);
}

#define RSA_MAX_BITS 16384

/* Public exponents beyond 32 bits, and moduli beyond all use, cost seconds and prove nothing that
 * the rules for keys (judge.c) would let pass. */
static bool rsa_bounded(const struct cc_spki *key)
{
	return key->rsa_exponent != 0 && key->bits <= RSA_MAX_BITS;
}

static int import_rsa(gnutls_pubkey_t ret, const struct cc_spki *key)
{
	struct cc_span in = key->key, seq, n, e;
	gnutls_datum_t dn, de;

	if (!rsa_bounded(key))
		return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
	if (cc_der_only(in, CC_DER_SEQUENCE, &seq) || cc_der_get(&seq, CC_DER_INTEGER, &n) ||
	    cc_der_get(&seq, CC_DER_INTEGER, &e) || seq.n)
		return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
	dn = datum(n);
	de = datum(e);
	return gnutls_pubkey_import_rsa_raw(ret, &dn, &de);
}

static int import_ed(gnutls_pubkey_t ret, const struct cc_spki *key)
{
	gnutls_datum_t x = datum(key->key);
	bool small = key->alg == CC_KEY_ED25519;

	if (key->key.n != (small ? 32 : 57))
		return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
	return gnutls_pubkey_import_ecc_raw(
		ret, small ? GNUTLS_ECC_CURVE_ED25519 : GNUTLS_ECC_CURVE_ED448, &x, NULL);
}

static int import_spki(gnutls_pubkey_t ret, const struct cc_spki *key)
{
	gnutls_datum_t spki = datum(key->whole);

	if (key->alg == CC_KEY_RSA_PSS && !rsa_bounded(key))
		return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
	return gnutls_pubkey_import(ret, &spki, GNUTLS_X509_FMT_DER);
}

static int import(gnutls_pubkey_t ret, const struct cc_spki *key)
{
	switch (key->alg) {
	case CC_KEY_RSA:
		return import_rsa(ret, key);
	case CC_KEY_P256:
	case CC_KEY_P384:
	case CC_KEY_P521:
		return import_ec(ret, key);
	case CC_KEY_ED25519:
	case CC_KEY_ED448:
		return import_ed(ret, key);
	default:
		return import_spki(ret, key);
	}
}

/* GnuTLS reads ECDSA signatures as BER: hold them to DER first (RFC 3279 section 2.2.3). */
static bool ecdsa_strict(struct cc_span sig, struct cc_span *r, struct cc_span *s)
{
	struct cc_span seq;

	return cc_der_only(sig, CC_DER_SEQUENCE, &seq) == CC_DER_OK &&
	       cc_der_get(&seq, CC_DER_INTEGER, r) == CC_DER_OK &&
	       cc_der_get(&seq, CC_DER_INTEGER, s) == CC_DER_OK && seq.n == 0 &&
	       cc_der_integer_valid(*r) && cc_der_integer_valid(*s) && r->p[0] < 0x80 &&
	       s->p[0] < 0x80;
}

/* What the system's configuration of GnuTLS takes away, and its FIPS mode, are GnuTLS's to judge. */
static bool directly(const struct scheme *s, const struct cc_spki *key)
{
	return (s->keys & EC) && sig_ecdsa_knows(key) && gnutls_sign_is_secure(s->sign) &&
	       !gnutls_fips140_mode_enabled();
}

/* nettle 3.8 does not look at the last octet of an Ed448 signature, which is zero in every one that
 * is valid (RFC 8032 section 5.2.7): without this, a byte nobody signed could be changed. */
static bool ed448_strict(struct cc_span sig)
{
	return sig.n == 114 && sig.p[113] == 0;
}

/* What one check costs, in nanoseconds, GnuTLS 3.7.9 and nettle 3.8 on a core of the Sapphire Rapids
 * class, with a tenth on top. Measured: P-256 135 us, P-384 355, P-521 672, Ed25519 96, Ed448 341,
 * GOST 186 and 694. RSA has its own formula. */
static const uint32_t key_prices[CC_KEY_COUNT] = {
	[CC_KEY_P256] = 150000,	   [CC_KEY_P384] = 390000,  [CC_KEY_P521] = 740000,
	[CC_KEY_ED25519] = 106000, [CC_KEY_ED448] = 375000, [CC_KEY_GOST256] = 205000,
	[CC_KEY_GOST512] = 765000,
};

/* One squaring, and for a bit that is set one multiplication, per bit of the exponent: measured
 * 1.6 us a bit with 2048 bits of modulus (exponents of 17 and 32 bits, all set), 5.8 with 4096,
 * 15.3 with 8192. One and a half nanoseconds per pair of 64-bit words is above all of these. */
static uint32_t rsa_price(const struct cc_spki *key)
{
	uint32_t words = (key->bits + 63) / 64, bits = 0;
	uint32_t e;

	for (e = key->rsa_exponent; e; e >>= 1)
		bits++;
	return 5000 + words * words * 3 / 2 * (bits + 2);
}

/* Per byte of what is signed: SHA-2 in software, Streebog, and the hashes of EdDSA. */
static uint32_t hash_price(uint32_t scheme)
{
	switch (scheme) {
	case CC_SCHEME_GOST256:
	case CC_SCHEME_GOST512:
		return 40;
	case CC_SCHEME_ED25519:
	case CC_SCHEME_ED448:
		return 8;
	default:
		return 3;
	}
}

static uint32_t price(uint32_t scheme, size_t message, const struct cc_spki *key)
{
	uint32_t check = 1000;
	uint64_t sum;

	if (sig_scheme_fits(scheme, key->alg)) {
		if (key->alg != CC_KEY_RSA && key->alg != CC_KEY_RSA_PSS)
			check = key_prices[key->alg];
		else if (rsa_bounded(key))
			check = rsa_price(key);
	}
	sum = check + (uint64_t)message * hash_price(scheme) + key->whole.n;
	return sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
}

uint32_t sig_price(uint32_t scheme, size_t message, const struct cc_cert *issuer)
{
	struct cc_spki key = key_of(issuer);

	return price(scheme, message, &key);
}

uint32_t sig_price_spki(uint32_t scheme, size_t message, const struct cc_spki *key)
{
	return price(scheme, message, key);
}

/* @input: the digest for a scheme with a hash, else the message. */
static int check(const struct cc_spki *spki, uint32_t scheme, struct cc_span input,
		 struct cc_span signature)
{
	const struct scheme *s = &schemes[scheme];
	gnutls_datum_t in = datum(input), sig = datum(signature);
	gnutls_sign_algorithm_t sign = s->sign;
	struct cc_span sig_r, sig_s;
	gnutls_pubkey_t key;
	int r;

	if ((s->keys & EC) && !ecdsa_strict(signature, &sig_r, &sig_s))
		return 0;
	if (directly(s, spki))
		return sig_ecdsa_check(spki, input, sig_r, sig_s);
	if (scheme == CC_SCHEME_ED448 && !ed448_strict(signature))
		return 0;
	if (s->rsae && spki->alg == CC_KEY_RSA)
		sign = s->rsae;
	if (gnutls_pubkey_init(&key) < 0)
		return -ENOMEM;
	r = import(key, spki);
	if (r >= 0)
		r = s->hash == HASH_NONE ? gnutls_pubkey_verify_data2(key, sign, 0, &in, &sig)
					 : gnutls_pubkey_verify_hash2(key, sign, 0, &in, &sig);
	gnutls_pubkey_deinit(key);
	if (r >= 0)
		return 1;
	if (r == GNUTLS_E_MEMORY_ERROR)
		return -ENOMEM;
	if (r == GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM || r == GNUTLS_E_ECC_UNSUPPORTED_CURVE ||
	    r == GNUTLS_E_UNIMPLEMENTED_FEATURE)
		return -EOPNOTSUPP;
	return 0;
}

void sig_prepare(uint32_t scheme, struct cc_span message, struct cc_span signature,
		 struct sig_prepared *ret)
{
	ret->scheme = (uint8_t)scheme;
	ret->message = message;
	ret->signature = signature;
	ret->digest_len = hash_of(scheme < CC_SCHEME_COUNT ? schemes[scheme].hash : HASH_NONE,
				  message, ret->digest);
}

static int check_prepared(const struct sig_prepared *p, const struct cc_spki *spki)
{
	uint8_t key[MEMO_KEY_SIZE];
	struct cc_span input;
	struct sha256_ctx ctx;
	int r;

	if (!sig_scheme_fits(p->scheme, spki->alg))
		return -EOPNOTSUPP;
	sha256_init(&ctx);
	sha256_update(&ctx, spki->whole.n, spki->whole.p); /* DER: says where it ends */
	sha256_update(&ctx, 1, &p->scheme);
	sha256_update(&ctx, p->digest_len, p->digest);
	sha256_update(&ctx, p->signature.n, p->signature.p);
	sha256_digest(&ctx, MEMO_KEY_SIZE, key);
	if (memo_find(key))
		return 1;
	input = schemes[p->scheme].hash == HASH_NONE ? p->message
						     : cc_span(p->digest, p->digest_len);
	r = check(spki, p->scheme, input, p->signature);
	/* A bad one is checked again: out of memory, GnuTLS 3.7 calls good signatures bad, and such
	 * a verdict must not outlive the shortage. */
	if (r == 1)
		memo_put(key);
	return r;
}

int sig_check_prepared(const struct sig_prepared *p, const struct cc_cert *issuer)
{
	struct cc_spki key = key_of(issuer);

	return check_prepared(p, &key);
}

int sig_check_prepared_spki(const struct sig_prepared *p, const struct cc_spki *key)
{
	return check_prepared(p, key);
}

int sig_check_spki(struct cc_span spki, uint32_t scheme, struct cc_span message,
		   struct cc_span signature)
{
	struct sig_prepared p;
	struct cc_spki key;

	if (cc_spki_get(&spki, &key) || spki.n || !sig_scheme_fits(scheme, key.alg))
		return -EOPNOTSUPP;
	sig_prepare(scheme, message, signature, &p);
	return check_prepared(&p, &key);
}

int sig_check_issued(const struct cc_cert *cert, const struct cc_cert *issuer)
{
	struct sig_prepared p;

	if (!sig_scheme_fits(cert->scheme, issuer->key_alg))
		return -EOPNOTSUPP;
	sig_prepare(cert->scheme, cert->tbs, cert->signature, &p);
	return sig_check_prepared(&p, issuer);
}

int sig_check_message(const struct cc_cert *key, uint32_t scheme, struct cc_span message,
		      struct cc_span signature)
{
	struct cc_spki spki = key_of(key);
	uint8_t digest[SHA_MAX];
	struct cc_span input = message;

	if (!sig_scheme_fits(scheme, key->key_alg))
		return -EOPNOTSUPP;
	if (schemes[scheme].hash != HASH_NONE)
		input = cc_span(digest, hash_of(schemes[scheme].hash, message, digest));
	return check(&spki, scheme, input, signature);
}

int sig_check_raw(const struct cc_spki *key, uint32_t scheme, bool digest, struct cc_span data,
		  struct cc_span signature)
{
	uint8_t buf[SHA_MAX];
	enum hash hash;

	if (!sig_scheme_fits(scheme, key->alg))
		return -EOPNOTSUPP;
	hash = schemes[scheme].hash;
	if (digest && (hash == HASH_NONE || data.n != hash_size(hash)))
		return -EINVAL;
	if (!digest && hash != HASH_NONE)
		data = cc_span(buf, hash_of(hash, data, buf));
	return check(key, scheme, data, signature);
}

/* How long the signature at the start of @area is: what its own encoding or the key says. */
static size_t signature_size(const struct cc_cert *key, struct cc_span area)
{
	switch (key->key_alg) {
	case CC_KEY_RSA:
	case CC_KEY_RSA_PSS:
		return (key->key_bits + 7) / 8;
	case CC_KEY_ED25519:
		return 64;
	case CC_KEY_ED448:
		return 114;
	default:
		return cc_cert_size(area);
	}
}

int sig_check_digest(const struct cc_cert *key, uint32_t scheme, struct cc_span digest,
		     struct cc_span signature, bool padded)
{
	struct cc_spki spki = key_of(key);

	if (!sig_scheme_fits(scheme, key->key_alg))
		return -EOPNOTSUPP;
	/* GnuTLS has no call that takes a GOST digest without the parameters of its key. */
	if (scheme == CC_SCHEME_GOST256 || scheme == CC_SCHEME_GOST512)
		return -EOPNOTSUPP;
	if (schemes[scheme].hash != HASH_NONE && digest.n != hash_size(schemes[scheme].hash))
		return 0;
	if (padded) {
		size_t n = signature_size(key, signature);

		if (n == 0 || n > signature.n)
			return 0;
		signature.n = n;
	}
	return check(&spki, scheme, digest, signature);
}
