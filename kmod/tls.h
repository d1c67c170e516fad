/* SPDX-License-Identifier: GPL-2.0-only */
/* The TLS config object: what a TLS end needs, for who holds none of it. Immutable. */
#ifndef KMOD_TLS_H
#define KMOD_TLS_H

#include <linux/capcert.h>
#include <linux/types.h>

#include "core/span.h"
#include "kmod/object.h"

struct cc_handle;
struct cc_slot_view;
struct key;

struct cc_tls {
	struct cc_object base;
	u32 role;		/* CAPCERT_TLS_SERVER, _CLIENT */
	u32 client_auth;
	u32 min_version;
	u32 cipher_policy;
	u32 options;		/* CAPCERT_TLS_STAPLE ... */
	/* Counted, NULL = none; nobody's: their rights, without TRANSFER, are what USE gives. */
	struct cc_handle *parts[CAPCERT_TLS_PARTS];
	char default_slot[CAPCERT_SLOT_NAME_SIZE];	/* NUL-terminated, as the next */
	char host[CAPCERT_TLS_MAX_HOST + 1];
	u32 slots_len;
	u32 alpn_len;
	u8 bytes[];		/* patterns, ALPN */
};

static inline struct cc_tls *cc_tls_of(struct cc_object *object)
{
	return container_of(object, struct cc_tls, base);
}

static inline struct cc_span cc_tls_slots(const struct cc_tls *tls)
{
	return cc_span(tls->bytes, tls->slots_len);
}

static inline struct cc_span cc_tls_alpn(const struct cc_tls *tls)
{
	return cc_span(tls->bytes + tls->slots_len, tls->alpn_len);
}

/* cc_tls_new() - with room for patterns and ALPN, and nothing else filled in. */
struct cc_tls *cc_tls_new(u32 slots_len, u32 alpn_len);

/* cc_tls_check() - are all the fields what the role has? Return: 0, -EINVAL, -EPERM. */
int cc_tls_check(const struct cc_tls *tls);

/* cc_tls_view() - the slots of the config out of @view: its patterns and the default slot. Return:
 * with one reference; ERR_PTR(-EACCES) more than @view stands for; -EINVAL too many patterns. */
struct cc_slot_view *cc_tls_view(const struct cc_tls *tls, struct cc_slot_view *view);

/* cc_tls_valid() - 0, or the error of the first key of a part that is of no use any more. */
int cc_tls_valid(const struct cc_tls *tls);

/* cc_tls_parts() - mask of 1 << CAPCERT_TLS_PART_*. */
u32 cc_tls_parts(const struct cc_tls *tls);

/* cc_tls_format() - "server intermediate 1.2 slots=web/ default=www" for describe and the audit
 * trail. Return: length without NUL. */
size_t cc_tls_format(const struct cc_tls *tls, char *buf, size_t cap);

/* cc_tls_part_name() - "verifier"; NULL for a number that is none. */
const char *cc_tls_part_name(u32 part);

/* cc_key_tls_new() - a captls key of @tls that is in no keyring yet (key_tls.c). Return: with a
 * reference, or ERR_PTR. */
struct key *cc_key_tls_new(struct cc_tls *tls, const char *description);

#endif
