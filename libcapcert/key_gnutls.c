// SPDX-License-Identifier: LGPL-2.1-or-later
/* A gnutls_privkey_t whose signatures are the kernel's to give. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <capcert/gnutls.h>
#include <capcert/key.h>
#include "core/alg.h"
#include "libcapcert/tls.h"

#define KEY_PATIENCE_MAX 60000 /* the module takes no more */

struct handle {
	int fd;
	uint32_t purpose;
	struct capcert_key_info info;
};

static const struct {
	gnutls_sign_algorithm_t sign;
	uint32_t scheme;
} schemes[] = {
	{ GNUTLS_SIGN_RSA_SHA256, 0x0401 },
	{ GNUTLS_SIGN_RSA_SHA384, 0x0501 },
	{ GNUTLS_SIGN_RSA_SHA512, 0x0601 },
	{ GNUTLS_SIGN_RSA_PSS_SHA256, 0x0804 },
	{ GNUTLS_SIGN_RSA_PSS_SHA384, 0x0805 },
	{ GNUTLS_SIGN_RSA_PSS_SHA512, 0x0806 },
	{ GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, 0x0804 },
	{ GNUTLS_SIGN_RSA_PSS_RSAE_SHA384, 0x0805 },
	{ GNUTLS_SIGN_RSA_PSS_RSAE_SHA512, 0x0806 },
	{ GNUTLS_SIGN_ECDSA_SHA256, 0x0403 },
	{ GNUTLS_SIGN_ECDSA_SHA384, 0x0503 },
	{ GNUTLS_SIGN_ECDSA_SHA512, 0x0603 },
	{ GNUTLS_SIGN_ECDSA_SECP256R1_SHA256, 0x0403 },
	{ GNUTLS_SIGN_ECDSA_SECP384R1_SHA384, 0x0503 },
	{ GNUTLS_SIGN_ECDSA_SECP521R1_SHA512, 0x0603 },
	{ GNUTLS_SIGN_EDDSA_ED25519, 0x0807 },
};

/* What GnuTLS has no words for: one error for all that can go wrong, and no time that a signature may take. */
static _Thread_local int last_error;
static _Thread_local uint32_t patience_ms;

static uint32_t scheme_of(gnutls_sign_algorithm_t sign)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (schemes[i].sign == sign)
			return schemes[i].scheme;
	return 0;
}

/* GnuTLS wraps RSA digests before it asks for "raw" signatures: DigestInfo, RFC 8017 section 9.2. */
static uint32_t unwrap(gnutls_datum_t *hash)
{
	static const uint8_t head[] = { 0x30, 0,    0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
					0x65, 0x03, 0x04, 0x02, 0,    0x05, 0x00, 0x04, 0 };
	static const struct {
		uint8_t hash, size;
		uint32_t scheme;
	} known[] = { { 1, 32, 0x0401 }, { 2, 48, 0x0501 }, { 3, 64, 0x0601 } };
	uint8_t want[sizeof(head)];

	for (size_t i = 0; i < 3; i++) {
		memcpy(want, head, sizeof(head));
		want[1] = (uint8_t)(17 + known[i].size);
		want[14] = known[i].hash;
		want[18] = known[i].size;
		if (hash->size != sizeof(want) + known[i].size ||
		    memcmp(hash->data, want, sizeof(want)))
			continue;
		hash->data += sizeof(want);
		hash->size = known[i].size;
		return known[i].scheme;
	}
	return 0;
}

static int sign(const struct handle *h, uint32_t scheme, uint32_t flags, const gnutls_datum_t *data,
		gnutls_datum_t *ret)
{
	uint8_t sig[CAPCERT_MAX_SIGNATURE];
	size_t len = sizeof(sig);
	int r;

	if (!scheme)
		return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
	r = capcert_key_sign(h->fd, h->purpose, scheme, flags, data->data, data->size, patience_ms,
			     sig, &len);
	last_error = r;
	if (r == -EOPNOTSUPP)
		return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
	if (r < 0)
		return GNUTLS_E_PK_SIGN_FAILED;
	/* GnuTLS frees it by its own allocator. */
	ret->data = gnutls_malloc(len);
	if (!ret->data)
		return GNUTLS_E_MEMORY_ERROR;
	memcpy(ret->data, sig, len);
	ret->size = (unsigned int)len;
	return 0;
}

int key_gnutls_last_error(void)
{
	int r = last_error;

	last_error = 0;
	return r;
}

void key_gnutls_patience(uint32_t ms)
{
	patience_ms = ms < KEY_PATIENCE_MAX ? ms : KEY_PATIENCE_MAX;
}

static int sign_data(gnutls_privkey_t key, gnutls_sign_algorithm_t algo, void *userdata,
		     unsigned int flags, const gnutls_datum_t *data, gnutls_datum_t *ret)
{
	return sign(userdata, scheme_of(algo), 0, data, ret);
}

static int sign_hash(gnutls_privkey_t key, gnutls_sign_algorithm_t algo, void *userdata,
		     unsigned int flags, const gnutls_datum_t *hash, gnutls_datum_t *ret)
{
	gnutls_datum_t bare = *hash;
	uint32_t scheme = algo == GNUTLS_SIGN_RSA_RAW ? unwrap(&bare) : scheme_of(algo);

	return sign(userdata, scheme, CAPCERT_SIGN_DIGEST, &bare, ret);
}

static gnutls_pk_algorithm_t pk_of(const struct handle *h)
{
	switch (h->info.algorithm) {
	case CC_KEY_RSA:
		return GNUTLS_PK_RSA;
	case CC_KEY_P256:
	case CC_KEY_P384:
	case CC_KEY_P521:
		return GNUTLS_PK_ECDSA;
	case CC_KEY_ED25519:
		return GNUTLS_PK_EDDSA_ED25519;
	default:
		return GNUTLS_PK_UNKNOWN;
	}
}

static bool has_scheme(const struct handle *h, gnutls_sign_algorithm_t algo)
{
	uint32_t scheme = scheme_of(algo);

	switch (h->info.algorithm) {
	case CC_KEY_RSA:
		/* An rsaEncryption key signs by RSAE schemes in TLS, never by those of id-RSASSA-PSS. */
		return scheme && gnutls_sign_supports_pk_algorithm(algo, GNUTLS_PK_RSA);
	case CC_KEY_P256:
		return scheme == 0x0403;
	case CC_KEY_P384:
		return scheme == 0x0503;
	case CC_KEY_P521:
		return scheme == 0x0603;
	default:
		return scheme == 0x0807;
	}
}

static gnutls_sign_algorithm_t usual_sign(const struct handle *h)
{
	switch (h->info.algorithm) {
	case CC_KEY_RSA:
		return GNUTLS_SIGN_RSA_SHA256;
	case CC_KEY_P256:
		return GNUTLS_SIGN_ECDSA_SHA256;
	case CC_KEY_P384:
		return GNUTLS_SIGN_ECDSA_SHA384;
	case CC_KEY_P521:
		return GNUTLS_SIGN_ECDSA_SHA512;
	default:
		return GNUTLS_SIGN_EDDSA_ED25519;
	}
}

static int info(gnutls_privkey_t key, unsigned int flags, void *userdata)
{
	const struct handle *h = userdata;

	if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO)
		return (int)pk_of(h);
	if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS)
		return (int)h->info.bits;
	if (flags & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO)
		return has_scheme(h, (gnutls_sign_algorithm_t)GNUTLS_FLAGS_TO_SIGN_ALGO(flags));
	if (flags & GNUTLS_PRIVKEY_INFO_SIGN_ALGO)
		return (int)usual_sign(h);
	return -1;
}

static void release(gnutls_privkey_t key, void *userdata)
{
	struct handle *h = userdata;

	close(h->fd);
	free(h);
}

/* Is this key for this, and would a digest do? */
static int check(const struct handle *h)
{
	if (h->purpose >= CAPCERT_KEY_PURPOSES || !(h->info.purposes >> h->purpose & 1))
		return -EACCES;
	if (!capcert_key_takes_digests(h->info.purposes) || pk_of(h) == GNUTLS_PK_UNKNOWN)
		return -EOPNOTSUPP;
	return 0;
}

int capcert_key_gnutls(int key_fd, uint32_t purpose, gnutls_privkey_t *ret)
{
	struct handle *h = calloc(1, sizeof(*h));
	gnutls_privkey_t key = NULL;
	int r;

	if (!h)
		return -ENOMEM;
	h->purpose = purpose;
	r = capcert_key_info(key_fd, &h->info);
	if (r == 0)
		r = check(h);
	if (r == 0) {
		h->fd = fcntl(key_fd, F_DUPFD_CLOEXEC, 3);
		r = h->fd < 0 ? -errno : 0;
	}
	if (r < 0) {
		free(h);
		return r;
	}
	if (gnutls_privkey_init(&key) < 0 ||
	    gnutls_privkey_import_ext4(key, h, sign_data, sign_hash, NULL, release, info, 0) < 0) {
		if (key)
			gnutls_privkey_deinit(key);
		release(NULL, h);
		return -ENOMEM;
	}
	*ret = key;
	return 0;
}
