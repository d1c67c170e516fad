// SPDX-License-Identifier: GPL-2.0-only
/* Key type captrust: a trust store. Payload: a signed bundle, or none for a store of one's own. */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/time64.h>

#include "core/name.h"
#include "core/outcome.h"
#include "kmod/admit.h"
#include "kmod/key.h"
#include "kmod/system.h"

/*
 * What `keyctl print` shows: fingerprint, purposes and subject of each anchor, with "; " between
 * anchors. A newline would make keyctl print everything in hexadecimal; a subject cannot contain
 * the separator, RFC 4514 section 2.4 escapes its semicolons.
 */
#define LINE_SEPARATOR "; "
#define LINE_SUBJECT 256
#define LINE_DATES 96
#define LINE_MAX (2 + 2 * 32 + 1 + 256 + 1 + LINE_SUBJECT + LINE_DATES)

/* prep->payload.data: the object of a store of one's own, or of the system; the bundle, if any. */
#define PREP_OBJECT 0
#define PREP_ADMISSION 1
#define PREP_SYSTEM 2

static int preparse_bundle(struct key_preparsed_payload *prep)
{
	struct cc_admission *admission;

	admission = cc_admission_new(cc_span(prep->data, prep->datalen), 0);
	if (IS_ERR(admission))
		return PTR_ERR(admission);
	prep->payload.data[PREP_ADMISSION] = admission;
	/* Who adds a bundle under no name gets it under its own. */
	prep->description = kstrdup(cc_admission_name(admission), GFP_KERNEL);
	return prep->description ? 0 : -ENOMEM;
}

/* All that takes time: the key service holds no lock here. */
static int store_preparse(struct key_preparsed_payload *prep)
{
	struct cc_store *store = cc_system_seed(prep->data);

	prep->quotalen = 0;
	if (store) {
		prep->payload.data[PREP_OBJECT] = cc_object_get(&store->base);
		prep->payload.data[PREP_SYSTEM] = store;
		return 0;
	}
	if (prep->datalen)
		return preparse_bundle(prep);
	store = cc_store_new();
	if (IS_ERR(store))
		return PTR_ERR(store);
	prep->payload.data[PREP_OBJECT] = &store->base;
	return 0;
}

static void store_free_preparse(struct key_preparsed_payload *prep)
{
	cc_object_put(prep->payload.data[PREP_OBJECT]);
	cc_admission_free(prep->payload.data[PREP_ADMISSION]);
	kfree(prep->description);
}

/* When this has worked nothing else can fail: the key is linked and the bundle is in force. */
static int instantiate_bundle(struct key *key, struct cc_admission *admission)
{
	struct cc_store *store;

	if (!try_module_get(THIS_MODULE))
		return -ENODEV;
	store = cc_admission_commit(admission, key->description, NULL);
	if (IS_ERR(store)) {
		module_put(THIS_MODULE);
		return PTR_ERR(store);
	}
	key->payload.data[0] = &store->base;
	cc_key_audit(key, &store->base, CAPCERT_AUDIT_CREATE);
	return 0;
}

static int store_instantiate(struct key *key, struct key_preparsed_payload *prep)
{
	if (prep->payload.data[PREP_ADMISSION])
		return instantiate_bundle(key, prep->payload.data[PREP_ADMISSION]);
	if (!prep->payload.data[PREP_SYSTEM])
		return cc_key_instantiate(key, prep);
	/* The module's own: it goes when the key type does, and does not keep the module. */
	key->payload.data[0] = prep->payload.data[PREP_OBJECT];
	key->payload.data[1] = &cc_key_store;
	prep->payload.data[PREP_OBJECT] = NULL;
	return 0;
}

/* Empty again: neither clear what is there nor pretend that it is empty now. */
static int store_update(struct key *key, struct key_preparsed_payload *prep)
{
	struct cc_admission *admission = prep->payload.data[PREP_ADMISSION];
	struct cc_store *store;

	if (!admission)
		return -EEXIST;
	store = cc_admission_commit(admission, key->description, cc_key_payload(key));
	if (IS_ERR(store))
		return PTR_ERR(store);
	cc_store_put(store);
	return 0;
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
	if (state && state->from.number)
		seq_printf(m, ", bundle %llu", state->from.number);
	if (state && state->from.entries)
		seq_printf(m, ", %u distrusted", state->from.entries);
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

/* A time as RFC 3339 writes it. */
static size_t line_date(char *line, size_t at, const char *what, s64 when)
{
	struct tm tm;

	time64_to_tm(when, 0, &tm);
	return at + scnprintf(line + at, LINE_MAX - at, " %s=%04ld-%02d-%02dT%02d:%02d:%02dZ",
			      what, tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
			      tm.tm_min, tm.tm_sec);
}

static size_t line_limits(char *line, size_t at, const struct cc_anchor *anchor)
{
	if (anchor->flags & CAPCERT_ANCHOR_LIMITED)
		at += scnprintf(line + at, LINE_MAX - at, " limited");
	if (anchor->flags & CAPCERT_ANCHOR_DISTRUST_AFTER)
		at = line_date(line, at, "distrust-after", anchor->distrust_after);
	if (anchor->flags & CAPCERT_ANCHOR_SCT_DISTRUST_AFTER)
		at = line_date(line, at, "sct-distrust-after", anchor->sct_distrust_after);
	return at;
}

static size_t line_format(char *line, const struct cc_entry *entry, const char *separator)
{
	char subject[LINE_SUBJECT];
	size_t at;

	at = scnprintf(line, LINE_MAX, "%s%*phN ", separator, 32, entry->anchor->fingerprint);
	at = line_purposes(line, at, entry->purposes);
	at = line_limits(line, at, entry->anchor);
	if (!entry->anchor->subject_len)
		return at;
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
	.free_preparse = store_free_preparse,
	.instantiate = store_instantiate,
	.update = store_update,
	.destroy = cc_key_destroy,
	.describe = store_describe,
	.read = store_read,
};
