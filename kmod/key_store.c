// SPDX-License-Identifier: GPL-2.0-only
/* Key type captrust: a trust store; empty payload for a store of the user's own. */
#include <linux/err.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "core/name.h"
#include "core/outcome.h"
#include "kmod/key.h"
#include "kmod/store.h"

/*
 * What `keyctl print` shows: fingerprint, purposes and subject of each anchor, with "; " between
 * anchors. A newline would make keyctl print everything in hexadecimal; a subject cannot contain
 * the separator, RFC 4514 section 2.4 escapes its semicolons.
 */
#define LINE_SEPARATOR "; "
#define LINE_SUBJECT 256
#define LINE_MAX (2 + 2 * 32 + 1 + 256 + 1 + LINE_SUBJECT)

/* Signed bundles have their own admission; there is no other payload that makes anchors. */
static int store_preparse(struct key_preparsed_payload *prep)
{
	struct cc_store *store;

	if (prep->datalen) {
		pr_debug("captrust: this version admits no bundles, only empty stores\n");
		return -EOPNOTSUPP;
	}
	store = cc_store_new();
	if (IS_ERR(store))
		return PTR_ERR(store);
	prep->payload.data[0] = &store->base;
	prep->quotalen = 0;
	return 0;
}

/* Empty again: neither clear what is there nor pretend that it is empty now. */
static int store_update(struct key *key, struct key_preparsed_payload *prep)
{
	return -EEXIST;
}

static struct cc_state *store_state_rcu(const struct key *key)
{
	struct cc_object *object = cc_key_payload(key);

	/* A key's store is never a view: its state is always there. */
	return object ? rcu_dereference(cc_store_of(object)->state) : NULL;
}

static void store_describe(const struct key *key, struct seq_file *m)
{
	const struct cc_state *state;

	seq_puts(m, key->description);
	rcu_read_lock();
	state = store_state_rcu(key);
	if (state)
		seq_printf(m, ": version %llu, %u anchors", state->version, state->count);
	rcu_read_unlock();
}

static size_t line_purposes(char *line, size_t at, u32 purposes)
{
	const char *comma = "";
	u32 i;

	for (i = 0; i < CAPCERT_PURPOSE_COUNT; i++) {
		if (!(purposes & 1u << i))
			continue;
		at += scnprintf(line + at, LINE_MAX - at, "%s%s", comma, cc_purpose_name(i));
		comma = ",";
	}
	return at;
}

static size_t line_format(char *line, const struct cc_entry *entry, const char *separator)
{
	char subject[LINE_SUBJECT];
	size_t at;

	at = scnprintf(line, LINE_MAX, "%s%*phN ", separator, 32, entry->anchor->fingerprint);
	at = line_purposes(line, at, entry->purposes);
	cc_dn_format(cc_anchor_subject(entry->anchor), subject, sizeof(subject));
	return at + scnprintf(line + at, LINE_MAX - at, " %s", subject);
}

static long state_print(const struct cc_state *state, char *buffer, size_t len)
{
	char *line = kmalloc(LINE_MAX, GFP_KERNEL);
	size_t at = 0;
	u32 i;

	if (!line)
		return -ENOMEM;
	for (i = 0; i < state->count; i++) {
		const size_t n = line_format(line, &state->entries[i],
					     i ? LINE_SEPARATOR : "");

		if (buffer && at < len)
			memcpy(buffer + at, line, min(n, len - at));
		at += n;
		cond_resched();
	}
	kfree(line);
	return (long)at;
}

static long store_read(const struct key *key, char *buffer, size_t len)
{
	struct cc_state *state = cc_store_state_get(cc_store_of(cc_key_payload(key)));
	long n;

	if (IS_ERR(state))
		return PTR_ERR(state);
	n = state_print(state, buffer, len);
	cc_state_put(state);
	return n;
}

struct key_type cc_key_store = {
	.name = "captrust",
	.vet_description = cc_key_vet_description,
	.preparse = store_preparse,
	.free_preparse = cc_key_free_preparse,
	.instantiate = cc_key_instantiate,
	.update = store_update,
	.destroy = cc_key_destroy,
	.describe = store_describe,
	.read = store_read,
};
