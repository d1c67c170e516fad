// SPDX-License-Identifier: GPL-2.0-only
/* Key type capslot: a store of certificate slots, made empty. */
#include <linux/err.h>
#include <linux/seq_file.h>

#include "kmod/key.h"
#include "kmod/slots.h"

/* One line would end where `keyctl print` begins to show octets. */
#define LINE_SEPARATOR "; "

static int slots_preparse(struct key_preparsed_payload *prep)
{
	struct cc_slot_view *view;

	/* Slots are put: what a text could say here would come without the checks. */
	if (prep->datalen)
		return -EINVAL;
	view = cc_slot_store_new();
	if (IS_ERR(view))
		return PTR_ERR(view);
	prep->payload.data[0] = &view->base;
	prep->quotalen = sizeof(struct cc_slot_store);
	return 0;
}

static struct cc_slot_view *slots_view(const struct key *key)
{
	struct cc_object *object = cc_key_payload(key);

	return object ? cc_slot_view_of(object) : NULL;
}

/* Who waits for events learns at once that there will be none. */
static void slots_revoke(struct key *key)
{
	struct cc_slot_view *view = slots_view(key);

	if (view)
		cc_slot_store_wake(view->store);
}

static void slots_describe(const struct key *key, struct seq_file *m)
{
	struct cc_slot_view *view = slots_view(key);

	seq_puts(m, key->description);
	if (view)
		seq_printf(m, ": version %llu, %u slots", cc_slot_store_version(view->store),
			   cc_slot_count(view));
}

static long slots_read(const struct key *key, char *buffer, size_t len)
{
	return cc_slot_print(slots_view(key)->store, LINE_SEPARATOR, buffer, len);
}

/* No .update: the same name again is a new, empty store; handles keep theirs. */
struct key_type cc_key_slots = {
	.name = "capslot",
	.vet_description = cc_key_vet_description,
	.preparse = slots_preparse,
	.free_preparse = cc_key_free_preparse,
	.instantiate = cc_key_instantiate,
	.revoke = slots_revoke,
	.destroy = cc_key_destroy,
	.describe = slots_describe,
	.read = slots_read,
};
