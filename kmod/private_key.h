/* SPDX-License-Identifier: GPL-2.0-only */
/* The private key object: what names a key in a token, what it is for, and how often. */
#ifndef KMOD_PRIVATE_KEY_H
#define KMOD_PRIVATE_KEY_H

#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "core/span.h"
#include "kmod/key_limit.h"
#include "kmod/object.h"

struct kernel_pkey_params;
struct seq_file;

/* What the token's keeper said about the key. Immutable, shared by all objects of it. */
struct cc_key_ref {
	refcount_t refs;
	spinlock_t lock;	/* counts of all limits on its use */
	u32 algorithm;		/* enum cc_key_alg */
	u32 bits;
	u32 purposes;		/* mask 1 << CAPCERT_KEY_*; not 0 */
	u32 source;		/* CAPCERT_KEY_SOFTHSM_DEV ... */
	s64 created;		/* seconds since the epoch, 0 = not known */
	u8 spki_hash[32];	/* SHA-256 */
	u32 uri_len;
	u32 spki_len;
	u8 bytes[];		/* URI, then SubjectPublicKeyInfo */
};

/* A view of it: the key's own, or one that KEY_RESTRICT made. Immutable but for the counts. */
struct cc_private_key {
	struct cc_object base;
	struct cc_key_ref *ref;		/* counted */
	struct cc_key_limit *limit;	/* counted; NULL = none */
	u32 purposes;			/* of those of @ref */
	s64 not_after;			/* last second of use; S64_MAX = without limit */
};

static inline struct cc_private_key *cc_private_key_of(struct cc_object *object)
{
	return container_of(object, struct cc_private_key, base);
}

static inline struct cc_span cc_key_ref_uri(const struct cc_key_ref *ref)
{
	return cc_span(ref->bytes, ref->uri_len);
}

static inline struct cc_span cc_key_ref_spki(const struct cc_key_ref *ref)
{
	return cc_span(ref->bytes + ref->uri_len, ref->spki_len);
}

/*
 * cc_private_key_new() - by the text of a key's payload; asks the token's keeper, so it sleeps.
 * @ret_why: on an error NULL, or what is wrong, for the audit trail (static).
 * Return: object with one reference; ERR_PTR(-EINVAL) the text is wrong, -EMSGSIZE too long,
 * -EOPNOTSUPP a key that no scheme here fits, -EKEYREJECTED a source that this profile refuses,
 * -EIO the keeper answered nonsense; the keeper's own error; as cc_broker_call().
 */
struct cc_private_key *cc_private_key_new(const char *text, size_t len, const char **ret_why);

/*
 * cc_private_key_derive() - a view with fewer purposes and uses.
 * @purposes: not 0, of those of @key. @max_uses, @not_after, @per_minute: 0 = no further limit.
 */
struct cc_private_key *cc_private_key_derive(struct cc_private_key *key, u32 purposes,
					     u64 max_uses, s64 not_after, u32 per_minute);

/* cc_private_key_format() - "p256 tls-server,ca-sign softhsm-dev". Return: length without NUL. */
#define CC_PRIVATE_KEY_TEXT 160
size_t cc_private_key_format(const struct cc_private_key *key, char *buf, size_t cap);

/* cc_private_key_info() - for KEY_INFO and fdinfo; size and flags stay. */
void cc_private_key_info(const struct cc_private_key *key, struct capcert_key_info *info);

/* As .asym_query and .asym_eds_op of the key type (sign.c). */
int cc_pkey_sign_size(const struct cc_private_key *key);
int cc_pkey_sign(struct kernel_pkey_params *params, const void *in, void *out);

#endif
