// SPDX-License-Identifier: GPL-2.0-only
/* Key type cappin: a pin set, given as text, replaced by text. */
#include <linux/err.h>
#include <linux/seq_file.h>

#include "core/text.h"
#include "core/time.h"
#include "kmod/audit.h"
#include "kmod/key.h"
#include "kmod/pins.h"

/*
 * The key's quota counts the text it was last given; what ADD brings is counted with the user's
 * objects, as all of it is.
 */
static int pins_preparse(struct key_preparsed_payload *prep)
{
	struct cc_pin_set *set = cc_pin_set_new(prep->data ?: "", prep->datalen);

	if (IS_ERR(set))
		return PTR_ERR(set);
	prep->payload.data[0] = &set->base;
	prep->quotalen = rcu_dereference_protected(set->state, true)->text_len;
	return 0;
}

/* Handles follow: their next verification uses the new pins. */
static int pins_update(struct key *key, struct key_preparsed_payload *prep)
{
	struct cc_object *object = cc_key_payload(key);
	struct cc_pin_set *set;
	u16 before = key->datalen;
	int error;

	if (!object)
		return -ENOKEY;
	set = cc_pin_set_of(object);
	error = key_payload_reserve(key, prep->quotalen);
	if (!error) {
		error = cc_pin_set_adopt(set, cc_pin_set_of(prep->payload.data[0]));
		if (error)
			key_payload_reserve(key, before);
	}
	cc_audit(&CC_AUDIT_EVENT(CAPCERT_AUDIT_UPDATE, .kind = CAPCERT_KIND_PINS,
				 .origin = set->base.origin, .error = error,
				 .object_id = set->base.id,
				 .object_version = cc_pin_set_version(set),
				 .text = key->description, .text_len = strlen(key->description)));
	return error;
}

static void pins_describe(const struct key *key, struct seq_file *m)
{
	struct cc_object *object = cc_key_payload(key);
	const struct cc_pin_state *state;
	char until[CC_TIME_TEXT] = "never";

	seq_puts(m, key->description);
	if (!object)
		return;
	rcu_read_lock();
	state = rcu_dereference(cc_pin_set_of(object)->state);
	if (state->set.expires != CC_PINS_NEVER)
		cc_time_format(state->set.expires, until, sizeof(until));
	seq_printf(m, ": version %llu, %s, %u pins, expires %s", state->version,
		   cc_pin_mode_name(state->set.mode), state->set.count, until);
	rcu_read_unlock();
}

/* With ';' for the newlines: one would make `keyctl print` show everything in hexadecimal. */
static long pins_read(const struct key *key, char *buffer, size_t len)
{
	struct cc_pin_state *state = cc_pin_set_state_get(cc_pin_set_of(cc_key_payload(key)));
	size_t i, n = state->text_len;

	while (n && state->text[n - 1] == '\n')
		n--;
	for (i = 0; buffer && i < min(n, len); i++)
		buffer[i] = state->text[i] == '\n' ? ';' : state->text[i];
	cc_pin_state_put(state);
	return (long)n;
}

struct key_type cc_key_pins = {
	.name = "cappin",
	.vet_description = cc_key_vet_description,
	.preparse = pins_preparse,
	.free_preparse = cc_key_free_preparse,
	.instantiate = cc_key_instantiate,
	.update = pins_update,
	.destroy = cc_key_destroy,
	.describe = pins_describe,
	.read = pins_read,
};
