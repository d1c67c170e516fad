/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* KeyVault: private keys in PKCS#11 tokens, for whoever keeps a token: capcert-keyd, administrators.
 * Programs that sign hold a handle instead and never come here.
 *
 * A vault never forks, and a process that has one must not: PKCS#11 modules do not survive it. Calls
 * of several threads on one vault are fine. They return 0 or a negative errno; ret_ outputs are
 * untouched on failure. Everywhere:
 *  -EINVAL   the URI is no RFC 7512 one, does not name a token by label or serial, holds what is not
 *	      for a URI to say (pin-value, pin-source, module-name, module-path, slot-*), or
 *	      names no object where one is needed
 *  -ENODEV   no such token is there, it went away during the call, or its module failed
 *  -EKEYREJECTED  the PIN was wrong, now or before: it is not tried again (see @pin)
 *  -ENOKEY   no PIN is known for the token
 *  -EUSERS   the PIN is locked, or the next wrong one would lock it
 *  -ENOENT   the token has no such private key
 *  -ENOTUNIQ several keys match the URI
 *  -EBUSY    the token gives no session */
#ifndef CAPCERT_VAULT_H
#define CAPCERT_VAULT_H

#include <stdbool.h>
#include <capcert/capcert.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CAPCERT_VAULT_MAX_SPKI 2112
#define CAPCERT_VAULT_MAX_PIN  255
#define CAPCERT_VAULT_MAX_ID   64

typedef struct capcert_vault capcert_vault;

/** What a vault is made of; zero-initialise. Everything is copied, but @ctx. */
struct capcert_vault_options {
	const char *const *modules; /* paths of PKCS#11 modules; NULL = those p11-kit is set up with */
	size_t module_count;
	uint32_t max_sessions;	    /* per token; 0 = as many as the token says, at most 64 */
	/**
	 * pin() - the PIN of the user of the token @label with @serial into @buf, without a NUL.
	 * Asked once; after a wrong PIN never again. NULL: tokens are used without a login.
	 * Return: its length, or -errno, which the call then returns; -ENOKEY = not known.
	 */
	int (*pin)(void *ctx, const char *label, const char *serial,
		   char buf[CAPCERT_VAULT_MAX_PIN]);
	/** warn() - a line about a token for the log of whoever runs this; NULL = nobody reads it. */
	void (*warn)(void *ctx, const char *line);
	void *ctx;
	/** A PIN that somebody has got wrong since it was last right is tried only with this: set it
	 *  where a person has just made sure of it. A last try is never taken. */
	bool pin_again;
	/** Labels of the tokens that it may open; without any, all of them. */
	const char *const *tokens;
	size_t token_count;
	/** Labels of tokens that are hardware although their module does not say so. */
	const char *const *hardware;
	size_t hardware_count;
};

/** What is public about a private key. */
struct capcert_vault_key {
	uint32_t algorithm;  /* CAPCERT_VAULT_* below */
	uint32_t bits;	     /* of modulus or field */
	uint32_t source;     /* CAPCERT_KEY_SOFTHSM_DEV or CAPCERT_KEY_PKCS11_HARDWARE */
	bool sensitive;	     /* its value never leaves the token in clear ... */
	bool extractable;    /* ... and not wrapped either, unless this is set */
	bool never_extractable; /* nor ever could it */
	bool local;	     /* made inside the token */
	bool signs;	     /* CKA_SIGN */
	size_t id_len;
	uint8_t id[CAPCERT_VAULT_MAX_ID]; /* CKA_ID */
	char label[128];     /* CKA_LABEL; what is not printable ASCII is '?' */
	char token[33];
	char serial[17];
	char uri[CAPCERT_MAX_KEY_URI + 1]; /* that finds this key and no other */
	uint8_t spki_hash[32];	/* SHA-256 */
	size_t spki_len;
	uint8_t spki[CAPCERT_VAULT_MAX_SPKI]; /* SubjectPublicKeyInfo */
};

/* Kinds of keys that can be made and used: name, bits. */
#define CAPCERT_VAULT_RSA     0
#define CAPCERT_VAULT_P256    2
#define CAPCERT_VAULT_P384    3
#define CAPCERT_VAULT_P521    4
#define CAPCERT_VAULT_ED25519 5

/** capcert_vault_new() - load and initialise the modules. Return: 0, -ENODEV when none can be
 *  loaded, -ENOMEM. */
CAPCERT_API int capcert_vault_new(const struct capcert_vault_options *options, capcert_vault **ret);

/** capcert_vault_free() - log out, finalise the modules, wipe PINs. No call may be under way. NULL is
 *  fine. */
CAPCERT_API void capcert_vault_free(capcert_vault *vault);

/** capcert_vault_login() - find the token of @uri and log in, which any other call does as well when it
 *  has to. @ret_source: where its keys come from; may be NULL. */
CAPCERT_API int capcert_vault_login(capcert_vault *vault, const char *uri, uint32_t *ret_source);

/** capcert_vault_get() - one key, by the URI of the key. -EBADMSG: the token has no public key or certificate
 *  that tells its public half, or a malformed one; -EOPNOTSUPP: a kind of key that is not for us. */
CAPCERT_API int capcert_vault_get(capcert_vault *vault, const char *uri,
				  struct capcert_vault_key *ret);

/** capcert_vault_list() - every private key that matches @uri, a token's or a narrower one; @each is
 *  called for one after the other and ends it by returning not 0, which is returned. Keys
 *  whose public half is not known have @spki_len 0. */
CAPCERT_API int capcert_vault_list(capcert_vault *vault, const char *uri,
				   int (*each)(void *ctx, const struct capcert_vault_key *key),
				   void *ctx);

/**
 * capcert_vault_generate() - a new key pair in the token of @uri: sensitive, not extractable, private,
 * for signing alone; its CKA_ID is the first 20 octets of the SHA-256 of its SubjectPublicKeyInfo.
 * @algorithm: CAPCERT_VAULT_*; @bits: of an RSA modulus, 2048, 3072 or 4096, else 0.
 * @label: CKA_LABEL, 1 to 127 printable characters. Return: 0; -EOPNOTSUPP, the token cannot; -EROFS.
 */
CAPCERT_API int capcert_vault_generate(capcert_vault *vault, const char *uri, uint32_t algorithm,
				       uint32_t bits, const char *label,
				       struct capcert_vault_key *ret);

/** capcert_vault_destroy() - the private key of @uri, and the public key that belongs to it. */
CAPCERT_API int capcert_vault_destroy(capcert_vault *vault, const char *uri);

/**
 * capcert_vault_sign() - one signature by the key of @uri.
 * @spki: what the caller knows as its public key; -ESTALE when the token's is another one by now.
 *   NULL = whichever it is.
 * @scheme: TLS SignatureScheme: RSA PKCS#1 and PSS (salt as long as the hash), ECDSA with SHA-256, 384, 512
 *   by any of the curves (X.509 names only the hash), Ed25519. -EOPNOTSUPP: not this key's, or not
 *   the token's.
 * @digest: @data is the digest of @scheme's hash; -EINVAL when its length is another, or for Ed25519.
 * @ret_len: in: room at @ret; out: written. -EMSGSIZE: too little. ECDSA signatures are DER
 *   Ecdsa-Sig-Value (RFC 3279 section 2.2.3).
 * RSA signatures are verified before anybody sees them: one fault of a chip tells its key. -EIO.
 */
CAPCERT_API int capcert_vault_sign(capcert_vault *vault, const char *uri, const uint8_t *spki,
				   size_t spki_len, uint32_t scheme, bool digest,
				   const uint8_t *data, size_t len, uint8_t *ret, size_t *ret_len);

/* ---- records: what each key is for ---- */

/* A record says what its key may sign, in a file of its own, named by the SHA-256 of the key's
 * SubjectPublicKeyInfo: the key is the same whichever URI or token names it. It holds no secret; only its
 * owner, root, may write it. */
#define CAPCERT_KEY_RECORDS "/var/lib/capcert/keys"

struct capcert_key_record {
	uint8_t spki_hash[32];
	uint32_t purposes; /* mask of 1 << CAPCERT_KEY_*, not 0 */
	bool imported;	   /* it was there before; else it was made for this */
	int64_t created;   /* of the record, seconds since the epoch */
	char uri[CAPCERT_MAX_KEY_URI + 1]; /* where it was then */
};

/** capcert_key_record_read() - the record of @spki_hash in the directory @dir, an fd. Return: 0; -ENOENT;
 *  -EBADMSG: it is not whole; -EPERM: the file's owner is neither root nor us, or others may write
 *  it. */
CAPCERT_API int capcert_key_record_read(int dir, const uint8_t spki_hash[32],
					struct capcert_key_record *ret);

/** capcert_key_record_write() - make a record, or narrow the one that is there (@created and @imported
 *  stay as they are then); as a whole or not at all, whenever the power goes. Return: 0; -EACCES: the
 *  one that is there does not allow all of @purposes; -EBADMSG, -EPERM: it is not to be trusted;
 *  -EINVAL: no purposes, or not known ones; what the file system says. */
CAPCERT_API int capcert_key_record_write(int dir, const struct capcert_key_record *record);

/** capcert_key_record_remove() - 0 or -ENOENT. */
CAPCERT_API int capcert_key_record_remove(int dir, const uint8_t spki_hash[32]);

#ifdef __cplusplus
}
#endif
#endif
