// SPDX-License-Identifier: LGPL-2.1-or-later
/* A slot is a leaf and a key under its own name, and the rest of the chain under theirs. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <capcert/slot.h>
#include "pkcs11/provider/facts.h"
#include "pkcs11/provider/slots.h"

_Static_assert(HELD_LABEL >= CAPCERT_SLOT_NAME_SIZE, "a label is a slot's name");

static int add_chain(struct holdings *h, const struct capcert_slot_value *value, const char *name)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < value->chain_count; i++) {
		struct held_cert held = { 0 };

		if (capcert_cert_new(value->chain[i].der, value->chain[i].len, &held.cert, NULL) <
		    0)
			continue;
		if (i)
			facts_label_of(held.cert, held.label);
		else
			facts_label(held.label, name);
		r = facts_cert(h, &held);
	}
	return r;
}

static int add_slot(struct holdings *h, int slots_fd, const char *name, bool with_key)
{
	struct held_key key = { .fd = -1, .slots_fd = slots_fd };
	struct capcert_slot_value *value;
	int r = capcert_slot_get(slots_fd, name, with_key ? CAPCERT_SLOT_KEY : 0, &value);

	/* A key that was revoked takes nothing from the chain. */
	if (r < 0 && with_key && r != -ENOENT)
		r = capcert_slot_get(slots_fd, name, 0, &value);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = add_chain(h, value, name);
	if (r == 0 && value->key_fd >= 0) {
		facts_label(key.label, name);
		r = facts_key(h, value->key_fd, true, &key);
	}
	capcert_slot_value_free(value);
	return r;
}

int slots_add(struct holdings *h, int slots_fd, uint64_t rights)
{
	struct capcert_slot_entry *entries;
	size_t count;
	int r = 0;

	if (!(rights & CAPCERT_RIGHT_GET) ||
	    capcert_slot_list(slots_fd, &entries, &count, NULL) < 0)
		return 0;
	for (size_t i = 0; r == 0 && i < count; i++)
		r = add_slot(h, slots_fd, entries[i].name, rights & CAPCERT_RIGHT_SIGN);
	free(entries);
	return r;
}

int slots_key(int slots_fd, const char *name)
{
	struct capcert_slot_value *value;
	int r = capcert_slot_get(slots_fd, name, CAPCERT_SLOT_KEY, &value), fd;

	if (r < 0)
		return r == -ENOENT ? -ENOKEY : r;
	fd = value->key_fd;
	value->key_fd = -1;
	capcert_slot_value_free(value);
	return fd < 0 ? -ENOKEY : fd;
}

int slots_watch(int slots_fd)
{
	int fd;
	int r = capcert_slot_watch(slots_fd, NULL, NULL, &fd, NULL);

	return r < 0 ? r : fd;
}

int slots_heard(int watch_fd)
{
	struct capcert_slot_event events[16];
	uint32_t n;
	int r;

	do {
		n = sizeof(events) / sizeof(*events);
		r = capcert_slot_next(watch_fd, events, &n);
	} while (r == 0 && n == sizeof(events) / sizeof(*events));
	return r;
}
