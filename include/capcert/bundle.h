/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signed bundles (docs/bundle-format.md): trust stores, changes of them, overrides and distrust lists
 * as one signed file. Made with a builder, opened with the certificates of those who may sign.
 * Calls return 0 or a negative errno; ret_ outputs are untouched on failure; @ret_error, where it is
 * not NULL, becomes a static line that says what is wrong. */
#ifndef CAPCERT_BUNDLE_H
#define CAPCERT_BUNDLE_H

#include <capcert/verify.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	CAPCERT_BUNDLE_STORE = 0,    /* the whole of a store */
	CAPCERT_BUNDLE_DELTA = 1,    /* from one number of a store to the next */
	CAPCERT_BUNDLE_DISTRUST = 2, /* the whole distrust list */
	CAPCERT_BUNDLE_OVERRIDE = 3, /* another store, changed */
};

/* ---- making ---- */

typedef struct capcert_bundle_builder capcert_bundle_builder;

/** capcert_bundle_new() - @kind: CAPCERT_BUNDLE_*; @name: 1 to 63 of a-z 0-9 . _ -, the first a
 *  letter or digit; @number: 1 to 2^63 - 1, above 1 for a delta, whose base is one less.
 *  Return: 0; -EINVAL; -ENOMEM. Freed by capcert_bundle_builder_free(). */
CAPCERT_API int capcert_bundle_new(uint32_t kind, const char *name, uint64_t number,
				   capcert_bundle_builder **ret);
CAPCERT_API void capcert_bundle_builder_free(capcert_bundle_builder *builder);

/** capcert_bundle_set_created(), capcert_bundle_set_expires() - seconds since 1970, UTC, in the years
 *  0 to 9999; the end comes after the creation. -EINVAL. */
CAPCERT_API int capcert_bundle_set_created(capcert_bundle_builder *builder, int64_t time);
CAPCERT_API int capcert_bundle_set_expires(capcert_bundle_builder *builder, int64_t time);

/** capcert_bundle_set_purposes() - mask of 1 << CAPCERT_PURPOSE_*; tlsServerAuth when this is never
 *  called. -EINVAL: none, unknown ones, or a distrust bundle. */
CAPCERT_API int capcert_bundle_set_purposes(capcert_bundle_builder *builder, uint32_t purposes);

/** capcert_bundle_set_of() - of an override: the store that it changes. */
CAPCERT_API int capcert_bundle_set_of(capcert_bundle_builder *builder, const char *name);

/** What limits an anchor. Zero-initialise, set @size, then fill. Subtrees: "dns:example.com",
 *  "email:example.com", "ip:10.0.0.0/8", "uri:example.com"; without a prefix a DNS name. Prefixes are in small letters,
 *  and what is behind them (but for ip:) is a host name or, for email:, a mailbox: no colon, no
 *  slash, no star, and no digit at the end. */
struct capcert_bundle_constraints {
	uint32_t size;	   /* sizeof(struct capcert_bundle_constraints) */
	uint32_t purposes; /* only these of the bundle's; 0 = all of them */
	int have_distrust_after;
	int have_sct_distrust_after;
	int64_t distrust_after;	    /* leaves issued later are distrusted; seconds since 1970 */
	int64_t sct_distrust_after; /* leaves without an SCT of at most this time are */
	int have_path_len;
	uint32_t path_len; /* CA certificates below it, at most 2^31 - 1 */
	const char *const *permitted;
	size_t permitted_count;
	const char *const *excluded;
	size_t excluded_count;
};

/** capcert_bundle_add_certificate() - an anchor. @constraints may be NULL. Takes copies.
 *  Return: 0; -EEXIST it is in already; -EBADMSG no certificate; -EINVAL a malformed constraint,
 *  subtrees for a certificate that has name
 *  constraints of its own (they would be replaced), or a kind of bundle without anchors;
 *  -EMSGSIZE over 16384 anchors; -ENOMEM. */
CAPCERT_API int
capcert_bundle_add_certificate(capcert_bundle_builder *builder, const uint8_t *der, size_t len,
			       const struct capcert_bundle_constraints *constraints);

/** capcert_bundle_add_anchor() - an anchor as a TrustAnchorChoice (RFC 5914): a CT log, or a name and
 *  key. Errors as above. */
CAPCERT_API int capcert_bundle_add_anchor(capcert_bundle_builder *builder, const uint8_t *der,
					  size_t len);

/** capcert_bundle_remove() - of a delta or override: take out the anchor with this SHA-256
 *  fingerprint. -EEXIST; -EINVAL. */
CAPCERT_API int capcert_bundle_remove(capcert_bundle_builder *builder,
				      const uint8_t fingerprint[32]);

/** capcert_bundle_add_distrust() - of a distrust list: @what and @value as in capcert_distrust().
 *  -EEXIST; -EINVAL; -EMSGSIZE over 4096 entries, or one over 2048 octets. */
CAPCERT_API int capcert_bundle_add_distrust(capcert_bundle_builder *builder, uint32_t what,
					    const void *value, size_t len);

/** capcert_bundle_content() - the content, to be signed. The same inputs give the same bytes, in
 *  whatever order they came. @ret: freed by the caller with free().
 *  Return: 0; -EINVAL something is missing or does not fit; -EMSGSIZE over 16 MiB; -ENOMEM. */
CAPCERT_API int capcert_bundle_content(const capcert_bundle_builder *builder, uint8_t **ret,
				       size_t *ret_len, const char **ret_error);

/**
 * capcert_bundle_sign() - sign a content (RFC 5652, SHA-256 with RSA).
 * @content: looked at before: only what is a bundle is signed.
 * @cert: the signer's certificate. @key_pem: its private key, NUL-terminated PEM, not encrypted.
 * @time: the certificate has to be valid then, seconds since 1970.
 * @ret: freed by the caller with free().
 * Return: 0; -EBADMSG the content is none; -EINVAL no private key; -EOPNOTSUPP a key other than RSA
 * with 2048 to 8192 bits; -EKEYREJECTED the key is not the certificate's; -EKEYEXPIRED the
 * certificate is not valid at @time; -ENOMEM.
 */
CAPCERT_API int capcert_bundle_sign(const uint8_t *content, size_t len, const capcert_cert *cert,
				    const char *key_pem, int64_t time, uint8_t **ret,
				    size_t *ret_len, const char **ret_error);

/* ---- reading ---- */

/** An opened bundle never changes: any number of threads may use it. */
typedef struct capcert_bundle capcert_bundle;

/**
 * capcert_bundle_open() - check a signed bundle, all of it.
 * @signers: certificates of those who may sign; the one that the bundle names by issuer and serial
 * number is taken as it is: its issuer does not matter.
 * @time: now, for the dates of signer and bundle.
 * Return: 0; -EBADMSG malformed; -ENOKEY signed by somebody else; -EKEYREJECTED the signature is
 * wrong; -EKEYEXPIRED the signer's certificate, or the bundle, is not valid at @time; -ENOMEM.
 */
CAPCERT_API int capcert_bundle_open(const uint8_t *der, size_t len,
				    const capcert_cert *const *signers, size_t count, int64_t time,
				    capcert_bundle **ret, const char **ret_error);

/** capcert_bundle_open_unsigned() - the bare content, or a
 *  signed bundle of which neither signature nor dates are looked at. For showing and comparing. */
CAPCERT_API int capcert_bundle_open_unsigned(const uint8_t *der, size_t len, capcert_bundle **ret,
					     const char **ret_error);
CAPCERT_API void capcert_bundle_free(capcert_bundle *bundle);

/** What a bundle says of itself. Texts are the bundle's own. */
struct capcert_bundle_info {
	uint32_t kind;
	int have_expires;
	int64_t created;
	int64_t expires;
	uint64_t number;
	uint64_t base; /* of a delta; else 0 */
	uint32_t purposes;
	uint32_t removed; /* how many of each */
	uint32_t anchors;
	uint32_t entries;
	const char *name;
	const char *of;	    /* of an override; else "" */
	size_t signer;	    /* which of the signers' certificates; SIZE_MAX: not looked at */
	const uint8_t *content;
	size_t content_len;
};

CAPCERT_API void capcert_bundle_get(const capcert_bundle *bundle, struct capcert_bundle_info *ret);

/** "store", "delta", "distrust", "override"; NULL for an unknown kind. */
CAPCERT_API const char *capcert_bundle_kind_name(uint32_t kind);

/** capcert_bundle_removed_at() - the fingerprint, ascending; NULL past the end. */
CAPCERT_API const uint8_t *capcert_bundle_removed_at(const capcert_bundle *bundle, uint32_t index);

/** capcert_bundle_entry_at() - entry of a distrust list. -ENOENT past the end. */
CAPCERT_API int capcert_bundle_entry_at(const capcert_bundle *bundle, uint32_t index,
					uint32_t *ret_what, const uint8_t **ret_value,
					size_t *ret_len);

/** capcert_bundle_anchor_at() - the TrustAnchorChoice, ascending by fingerprint. -ENOENT. */
CAPCERT_API int capcert_bundle_anchor_at(const capcert_bundle *bundle, uint32_t index,
					 const uint8_t **ret_der, size_t *ret_len);

/**
 * capcert_bundle_apply() - the store that comes of it.
 * @base: NULL for a store; the store below for an override; for a delta, a store that came of a
 * bundle of the same name with the number before. It stays as it is.
 * @ret: freed by the caller with capcert_store_free().
 * Return: 0; -EINVAL a distrust list, or @base missing or there without need; -ESTALE @base has another
 * name or number; -ENOENT a delta takes out what is not there; -EPERM a delta takes away purposes that
 * an anchor states itself; -EMSGSIZE too many anchors; -ENOMEM.
 */
CAPCERT_API int capcert_bundle_apply(const capcert_bundle *bundle, const capcert_store *base,
				     capcert_store **ret);

/** capcert_bundle_distrust() - add the entries of a distrust bundle to @list. -EINVAL another kind;
 *  -ENOMEM, and then some may be in. */
CAPCERT_API int capcert_bundle_distrust(const capcert_bundle *bundle, capcert_distrust_list *list);

/** capcert_bundle_delta() - content of the delta from one store bundle to the next; it has the
 *  later one's dates and purposes. @ret: freed by the caller with free().
 *  Return: 0; -EINVAL not two stores of one name with numbers in sequence; -ENOMEM. */
CAPCERT_API int capcert_bundle_delta(const capcert_bundle *from, const capcert_bundle *to,
				     uint8_t **ret, size_t *ret_len);

/* ---- what is in a store ---- */

struct capcert_store_anchor {
	uint8_t fingerprint[32];
	uint8_t body[32];	/* SHA-256 of all that it was made from; of a plain one, zeros */
	uint32_t purposes;	/* good for these */
	int plain;		/* a certificate without constraints */
	int have_distrust_after;
	int have_sct_distrust_after;
	int64_t distrust_after;
	int64_t sct_distrust_after;
	const uint8_t *der;	/* its certificate, or NULL */
	size_t der_len;
	const uint8_t *subject; /* Name; NULL for a bare key */
	size_t subject_len;
	const uint8_t *spki;
	size_t spki_len;
	int32_t path_len;	/* -1 = no limit */
	int named_subtrees;	/* it limits names */
};

/** capcert_store_at() - anchor number @index, ascending by fingerprint; pointers are the store's,
 *  good until it changes. -ENOENT past the end. */
CAPCERT_API int capcert_store_at(const capcert_store *store, size_t index,
				 struct capcert_store_anchor *ret);

/** capcert_store_digest() - the 32 bytes that an outcome names the store by. 0 or -ENOMEM. */
CAPCERT_API int capcert_store_digest(const capcert_store *store, uint8_t ret[32]);

#ifdef __cplusplus
}
#endif
#endif
