// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* From a specification to DER: honest parts where nothing else is said, and a real signature. */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include "tests/differential/differential.h"
#include "tests/unit/der_text.h"

static const char *const part_oids[PART_COUNT] = {
	[BASIC] = "551d13",	    [USAGE] = "551d0f",	   [PURPOSES] = "551d25",
	[SKID] = "551d0e",	    [AKID] = "551d23",	   [ALT_NAMES] = "551d11",
	[CONSTRAINTS] = "551d1e",   [POLICIES] = "551d20", [MAPPINGS] = "551d21",
	[POLICY_LIMITS] = "551d24", [NO_ANY] = "551d36",
};

static const char *const honest_leaf[PART_COUNT] = {
	[VALIDITY] = "30{17{'260501000000Z'} 17{'260731235959Z'}}",
	[SUBJECT] = "30{31{30{06{550403} 0c{'" DIFF_HOST "'}}}}",
	[USAGE] = "!03{0780}",
	[PURPOSES] = "30{06{2b06010505070301}}",
	[ALT_NAMES] = "30{82{'" DIFF_HOST "'}}",
};

static const char *const honest_ca[PART_COUNT] = {
	[VALIDITY] = "30{17{'260101000000Z'} 17{'351231235959Z'}}",
	[BASIC] = "!30{0101ff}",
	[USAGE] = "!03{0106}",
};

/* The first eight are what chains are made of; the others are asked for by name. */
static struct key {
	const char *name, *type;
	unsigned int bits;
	const char *group;
	EVP_PKEY *pkey;
	struct {
		uint8_t *p;
		int n;
	} spki;
} keys[] = {
	{ "p256", "EC", 0, "P-256", NULL, { NULL, 0 } },
	{ "p256b", "EC", 0, "P-256", NULL, { NULL, 0 } },
	{ "p256c", "EC", 0, "P-256", NULL, { NULL, 0 } },
	{ "p256d", "EC", 0, "P-256", NULL, { NULL, 0 } },
	{ "rsa", "RSA", 2048, NULL, NULL, { NULL, 0 } },
	{ "rsab", "RSA", 2048, NULL, NULL, { NULL, 0 } },
	{ "p384", "EC", 0, "P-384", NULL, { NULL, 0 } },
	{ "ed25519", "ED25519", 0, NULL, NULL, { NULL, 0 } },
	{ "p521", "EC", 0, "P-521", NULL, { NULL, 0 } },
	{ "ed448", "ED448", 0, NULL, NULL, { NULL, 0 } },
	{ "rsa1024", "RSA", 1024, NULL, NULL, { NULL, 0 } },
	{ "rsa512", "RSA", 512, NULL, NULL, { NULL, 0 } },
	{ "rsa2047", "RSA", 2047, NULL, NULL, { NULL, 0 } },
	{ "p224", "EC", 0, "P-224", NULL, { NULL, 0 } },
	{ "k256", "EC", 0, "secp256k1", NULL, { NULL, 0 } },
	{ "explicit", "EC", 0, "P-256", NULL, { NULL, 0 } },
	{ "compressed", "EC", 0, "P-256", NULL, { NULL, 0 } },
};

#define COMMON_KEYS 8
#define KEYS (sizeof(keys) / sizeof(keys[0]))

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "differential: %s failed\n", what);
	abort();
}

static EVP_PKEY *generate(const struct key *k)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, k->type, NULL);
	EVP_PKEY *pkey = NULL;

	must(ctx && EVP_PKEY_keygen_init(ctx) > 0, "key generation");
	if (k->bits)
		must(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)k->bits) > 0, "key size");
	if (k->group)
		must(EVP_PKEY_CTX_set_group_name(ctx, k->group) > 0, "curve");
	must(EVP_PKEY_generate(ctx, &pkey) > 0, k->name);
	EVP_PKEY_CTX_free(ctx);
	if (!strcmp(k->name, "explicit"))
		must(EVP_PKEY_set_utf8_string_param(pkey, OSSL_PKEY_PARAM_EC_ENCODING,
						    OSSL_PKEY_EC_ENCODING_EXPLICIT),
		     "explicit curve");
	if (!strcmp(k->name, "compressed"))
		must(EVP_PKEY_set_utf8_string_param(
			     pkey, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
			     OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_COMPRESSED),
		     "compressed point");
	return pkey;
}

void make_keys(void)
{
	struct key *k;

	for (k = keys; k < keys + KEYS; k++) {
		k->pkey = generate(k);
		k->spki.n = i2d_PUBKEY(k->pkey, &k->spki.p);
		must(k->spki.n > 0, "i2d_PUBKEY");
	}
}

void make_keys_free(void)
{
	struct key *k;

	for (k = keys; k < keys + KEYS; k++) {
		EVP_PKEY_free(k->pkey);
		OPENSSL_free(k->spki.p);
	}
}

const char *make_any_key(void)
{
	return keys[random_below(COMMON_KEYS)].name;
}

void make_reset(void)
{
	der_used = 0;
}

const char *make_text(const char *format, ...)
{
	char text[4096];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	must(n >= 0 && (size_t)n < sizeof(text), "text");
	return memcpy(der_alloc((size_t)n + 1), text, (size_t)n + 1);
}

struct cc_span make_copy(struct cc_span s, size_t room)
{
	uint8_t *p = der_alloc(s.n + room);

	memcpy(p, s.p, s.n);
	return cc_span(p, s.n);
}

static const struct key *key_named(const char *name)
{
	size_t i;

	for (i = 0; i < KEYS; i++)
		if (!strcmp(keys[i].name, name))
			return &keys[i];
	must(false, name);
	return NULL;
}

static const struct key *key_of(const struct diff_case *c, uint32_t i)
{
	const char *name = c->spec[i].part[KEY];

	return key_named(name ? name : "p256");
}

/* The usual AlgorithmIdentifier of a signature by @k. */
static const char *usual_alg(const struct key *k)
{
	if (!strcmp(k->type, "RSA"))
		return "30{06{2a864886f70d01010b} 0500}";
	if (!strcmp(k->type, "ED25519"))
		return "30{06{2b6570}}";
	if (!strcmp(k->type, "ED448"))
		return "30{06{2b6571}}";
	if (k->group && !strcmp(k->group, "P-384"))
		return "30{06{2a8648ce3d040303}}";
	if (k->group && !strcmp(k->group, "P-521"))
		return "30{06{2a8648ce3d040304}}";
	return "30{06{2a8648ce3d040302}}";
}

static const char *usual_hash(const struct key *k)
{
	if (!strncmp(k->type, "ED", 2))
		return NULL;
	if (k->group && !strcmp(k->group, "P-384"))
		return "sha384";
	if (k->group && !strcmp(k->group, "P-521"))
		return "sha512";
	return !strcmp(k->name, "rsa512") ? "sha1" : "sha256";
}

/* NULL: the certificate does not have it. */
const char *make_part(const struct diff_case *c, uint32_t i, enum part part)
{
	const struct cert_spec *s = &c->spec[i];
	bool leaf = i == 0;

	if (s->part[part])
		return s->part[part][0] == '-' ? NULL : s->part[part];
	switch (part) {
	case VERSION:
		return "a0{02{02}}";
	case SERIAL:
		return make_text("02{11%02x}", i + 1);
	case ALG:
		return usual_alg(key_of(c, s->issuer));
	case ISSUER:
		return make_part(c, s->issuer, SUBJECT);
	case SUBJECT:
		return leaf ? honest_leaf[part]
			    : make_text("30{31{30{06{550403} 0c{'%s %u'}}}}",
					i == c->root ? "Root" : "CA", i);
	case SKID:
		return leaf ? NULL : make_text("04{*20(%02x)}", i + 1);
	case AKID: {
		const char *id;

		if (s->issuer == i)
			return NULL;
		id = make_part(c, s->issuer, SKID);
		/* What is wrong with the issuer's identifier is not copied. */
		return id && !strncmp(id, "04{*20(", 7)
			       ? make_text("30{80{%.7s}}", id + 3)
			       : make_text("30{80{*20(%02x)}}", s->issuer + 1);
	}
	default:
		return leaf ? honest_leaf[part] : honest_ca[part];
	}
}

static struct cc_span field(const struct diff_case *c, uint32_t i, enum part part)
{
	const char *text = make_part(c, i, part);

	return text ? der_text(text) : cc_span(NULL, 0);
}

static struct cc_span extension(const char *oid, const char *value)
{
	bool critical = *value == '!';

	return der(0x30, der_wrap(0x06, der_hex(oid)),
		   critical ? der_hex("0101ff") : cc_span(NULL, 0),
		   der_wrap(0x04, der_text(value + critical)));
}

static struct cc_span extensions(const struct diff_case *c, uint32_t i)
{
	struct cc_span list = { NULL, 0 };
	int part;

	if (c->spec[i].part[EXTS])
		return field(c, i, EXTS);
	for (part = FIRST_EXT; part < RAW_EXT; part++) {
		const char *value = make_part(c, i, (enum part)part);

		if (value)
			list = der_cat(list, extension(part_oids[part], value), DER_END);
	}
	list = der_cat(list, field(c, i, RAW_EXT), DER_END);
	return list.n ? der(0xa3, der_wrap(0x30, list)) : list;
}

/* The same ECDSA signature with @s replaced by n - s: as good, but other octets. */
static struct cc_span other_s(EVP_PKEY *pkey, struct cc_span sig)
{
	const uint8_t *p = sig.p;
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &p, (long)sig.n);
	BIGNUM *n = NULL, *r, *s = BN_new();
	uint8_t *out = NULL;
	int len;

	must(pair && s && EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_EC_ORDER, &n), "order");
	r = BN_dup(ECDSA_SIG_get0_r(pair));
	must(r && BN_sub(s, n, ECDSA_SIG_get0_s(pair)) && ECDSA_SIG_set0(pair, r, s), "n - s");
	len = i2d_ECDSA_SIG(pair, &out);
	must(len > 0, "i2d_ECDSA_SIG");
	sig = make_copy(cc_span(out, (size_t)len), 0);
	OPENSSL_free(out);
	ECDSA_SIG_free(pair);
	BN_free(n);
	return sig;
}

/* A superfluous zero before r: BER, not DER. */
static struct cc_span padded(struct cc_span sig)
{
	struct cc_span r, s;

	r = cc_span(sig.p + 2, sig.p[3] + (size_t)2);
	s = cc_span(r.p + r.n, sig.n - 2 - r.n);
	return der(0x30, der(0x02, der_hex("00"), cc_span(r.p + 2, r.n - 2)), s);
}

static struct cc_span tweak(const struct key *k, const char *how, struct cc_span sig)
{
	if (!strcmp(how, "other-s"))
		return other_s(k->pkey, sig);
	if (!strcmp(how, "padded"))
		return padded(sig);
	if (!strcmp(how, "zero"))
		return der_text("30{0200 0200}");
	if (!strcmp(how, "zeros"))
		return der_text("30{020100 020100}");
	if (!strcmp(how, "longer"))
		return der_cat(sig, der_hex("00"), DER_END);
	if (!strcmp(how, "shorter"))
		return cc_span(sig.p, sig.n - 1);
	if (!strcmp(how, "none"))
		return cc_span(NULL, 0);
	return sig;
}

/* @how: "pss-SALT", "other-key", or what happens after signing. */
static struct cc_span sign(const struct diff_case *c, uint32_t i, struct cc_span tbs)
{
	const char *how = c->spec[i].part[TWEAK] ? c->spec[i].part[TWEAK] : "";
	const char *hash = c->spec[i].part[HASH];
	const struct key *k = key_of(c, c->spec[i].issuer);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	uint8_t sig[1024];
	size_t n = sizeof(sig);

	if (!strcmp(how, "other-key"))
		k = key_named(strcmp(k->name, "p256") ? "p256" : "p256b");
	if (!hash || !strncmp(k->type, "ED", 2))
		hash = usual_hash(k);
	must(ctx && EVP_DigestSignInit_ex(ctx, &pctx, hash, NULL, NULL, k->pkey, NULL) > 0, "sign");
	if (!strncmp(how, "pss-", 4) && !strcmp(k->type, "RSA"))
		must(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) > 0 &&
			     EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, atoi(how + 4)) > 0,
		     "PSS");
	must(EVP_DigestSign(ctx, sig, &n, tbs.p, tbs.n) > 0, "signature");
	EVP_MD_CTX_free(ctx);
	if (strcmp(k->type, "EC") && (!strcmp(how, "other-s") || !strcmp(how, "padded")))
		return make_copy(cc_span(sig, n), 0);
	return tweak(k, how, make_copy(cc_span(sig, n), 0));
}

struct cc_span make_cert(const struct diff_case *c, uint32_t i)
{
	const char *how = c->spec[i].part[TWEAK];
	const struct key *k = key_of(c, i);
	struct cc_span spki = field(c, i, SPKI), tbs, outer;

	if (!spki.n)
		spki = cc_span(k->spki.p, (size_t)k->spki.n);
	tbs = der(0x30, field(c, i, VERSION), field(c, i, SERIAL), field(c, i, ALG),
		  field(c, i, ISSUER), field(c, i, VALIDITY), field(c, i, SUBJECT), spki,
		  field(c, i, UNIQUE_IDS), extensions(c, i), field(c, i, TBS_END));
	outer = c->spec[i].part[OUTER_ALG] ? field(c, i, OUTER_ALG) : field(c, i, ALG);
	return der_cat(der(0x30, tbs, outer,
			   der(0x03, der_hex(how && !strcmp(how, "unused-bits") ? "01" : "00"),
			       sign(c, i, tbs))),
		       field(c, i, CERT_END), DER_END);
}
