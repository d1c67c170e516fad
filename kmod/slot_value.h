/* SPDX-License-Identifier: GPL-2.0-only */
/* The value of a certificate slot: chain, staple, SCTs and key that belong together. Immutable. */
#ifndef KMOD_SLOT_VALUE_H
#define KMOD_SLOT_VALUE_H

#include <linux/capcert.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/types.h>

#include "core/span.h"

struct cc_handle;

struct cc_slot_value {
	refcount_t refs;
	struct rcu_head rcu;
	u64 version;		/* filled in when it is put, as @time */
	s64 time;
	s64 not_after;		/* of the leaf */
	s64 staple_until;	/* 0 = no staple, S64_MAX = it says not */
	u8 leaf[32];		/* SHA-256 */
	struct cc_handle *key;	/* counted, NULL = none; nobody's: rights are what GET may give. */
				/* Looked into with a reference to the value only */
	u64 key_id;		/* of the key object, 0 = none */
	u32 chain_count;
	u32 chain_len;
	u32 staple_len;
	u32 scts_len;
	u32 name_len;
	char name[CAPCERT_SLOT_NAME_SIZE];	/* NUL-terminated */
	u8 data[];		/* chain, staple, SCTs */
};

static inline struct cc_span cc_slot_value_name(const struct cc_slot_value *value)
{
	return cc_span(value->name, value->name_len);
}

static inline struct cc_span cc_slot_value_chain(const struct cc_slot_value *value)
{
	return cc_span(value->data, value->chain_len);
}

static inline struct cc_span cc_slot_value_staple(const struct cc_slot_value *value)
{
	return cc_span(value->data + value->chain_len, value->staple_len);
}

static inline struct cc_span cc_slot_value_scts(const struct cc_slot_value *value)
{
	return cc_span(value->data + value->chain_len + value->staple_len, value->scts_len);
}

/* cc_slot_value_new() - room for one; nothing but name and lengths is filled. -ENOMEM. */
struct cc_slot_value *cc_slot_value_new(struct cc_span name, u32 chain_len, u32 staple_len,
					u32 scts_len);

/* cc_slot_value_size() - memory it takes, key handle not counted. */
size_t cc_slot_value_size(const struct cc_slot_value *value);

void cc_slot_value_put(struct cc_slot_value *value); /* NULL is fine; may sleep */

/*
 * cc_slot_value_check() - do the parts belong together? Fills what is known from them. May sleep.
 * Return: 0; -EBADMSG, -EKEYREJECTED with *@ret_why a static text; -ENOPKG no SHA-1 for the staple.
 */
int cc_slot_value_check(struct cc_slot_value *value, const char **ret_why);

#endif
