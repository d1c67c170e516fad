// SPDX-License-Identifier: GPL-2.0-only
/* The race's part on certificate slots: values that change under those who read and watch them. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "race.h"
#include "slots.h"

#define VALUES 4
#define NAMES 3

int *race_slots;

struct tcert race_leaf[VALUES];

void race_slots_make(int *place)
{
	uint32_t i;

	for (i = 0; i < VALUES; i++)
		tcert_leaf(T_NAME, 100 + i, 0, &race_leaf[i]);
	race_slots = place;
	*race_slots = t_key_slots("race slots");
}

static void name_of(struct luck *l, char name[32])
{
	snprintf(name, 32, "race/%u", rnd(l, NAMES));
}

int op_open_slots(struct luck *l)
{
	return keep(l, t_open(*race_slots, T_RIGHTS_SLOT));
}

/* Value number k has leaf k; SCTs when k is odd; the keeper's key, as often as not, when it is 0. */
int op_slot_put(struct luck *l)
{
	const uint32_t k = rnd(l, VALUES);
	int key = -1, err;
	struct t_put p;
	char name[32];

	name_of(l, name);
	t_put_init(&p, name, &race_leaf[k], NULL);
	if (k & 1)
		p.arg.scts_len = (uint32_t)t_scts(p.scts);
	if (!rnd(l, 8))
		p.arg.key_fd = any_fd(l);
	else if (!k && rnd(l, 2))
		key = t_open(race_private[rnd(l, RACE_KEYS)], T_RIGHTS_KEY);
	if (key >= 0)
		p.arg.key_fd = key;
	err = t_put(any_fd(l), &p);
	if (key >= 0)
		close(key);
	return err;
}

/* Whatever is there is one value, not parts of two. */
int op_slot_get(struct luck *l)
{
	static __thread struct t_get g;
	char name[32];
	uint32_t k;
	int err;

	name_of(l, name);
	err = t_get(any_fd(l), name, rnd(l, 2) ? CAPCERT_SLOT_KEY : 0, &g);
	if (err)
		return err;
	for (k = 0; k < VALUES; k++)
		if (!memcmp(g.arg.leaf, race_leaf[k].fingerprint, 32))
			break;
	if (k == VALUES || g.arg.chain_len != race_leaf[k].len ||
	    memcmp(g.chain, race_leaf[k].der, race_leaf[k].len) || (k & 1) != !!g.arg.scts_len)
		wrong("a slot with parts of two values");
	if (g.arg.key_fd >= 0)
		return keep(l, g.arg.key_fd);
	return 0;
}

int op_slot_delete(struct luck *l)
{
	char name[32];

	name_of(l, name);
	return t_slot_delete(any_fd(l), name);
}

int op_slot_watch(struct luck *l)
{
	return keep(l, t_watch(any_fd(l), rnd(l, 2) ? "race/0,race/1" : NULL, NULL));
}

/* In order, whoever else reads from the same watch. */
int op_slot_next(struct luck *l)
{
	struct capcert_slot_event e[8];
	int n = t_next(any_fd(l), e, 8), i;

	for (i = 1; i < n; i++)
		if (e[i].version <= e[i - 1].version)
			wrong("events out of order");
	return n < 0 ? n : 0;
}

int op_slot_list(struct luck *l)
{
	struct capcert_slot_entry e[4];
	struct capcert_slot_list arg = {
		.size = sizeof(arg),
		.buf = (uintptr_t)e,
		.count = 4,
		.entry_size = sizeof(e[0]),
	};
	uint32_t i;
	int err = t_ioctl(any_fd(l), CAPCERT_SLOT_LIST, &arg);

	for (i = 1; !err && i < arg.count; i++)
		if (strcmp(e[i].name, e[i - 1].name) <= 0)
			wrong("slots out of order");
	return err;
}

int op_tls_config(struct luck *l)
{
	struct capcert_tls_config c = {
		.size = sizeof(c),
		.rights = T_RIGHTS_TLS,
		.role = CAPCERT_TLS_SERVER,
		.slots_fd = any_fd(l),
		.key_fd = -1,
		.verifier_fd = -1,
		.store_fd = -1,
		.pins_fd = -1,
		.slots = (uintptr_t) "race/",
		.slots_len = 5,
	};
	int err;

	/* -1 says that there are no slots, which no server is without. */
	if (c.slots_fd < 0)
		return -EBADF;
	err = t_ioctl(t_dev(), CAPCERT_TLS_CONFIG, &c);
	return err ?: keep(l, c.fd);
}

int op_tls_use(struct luck *l)
{
	struct capcert_tls_use arg = { .size = sizeof(arg), .part = CAPCERT_TLS_PART_SLOTS };
	int err = t_ioctl(any_fd(l), CAPCERT_TLS_USE, &arg);

	return err ?: keep(l, arg.fd);
}
