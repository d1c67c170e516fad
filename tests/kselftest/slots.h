/* SPDX-License-Identifier: GPL-2.0-only */
/* Slot stores, what is put into them, and OCSP responses made on the spot. */
#ifndef KSFT_SLOTS_H
#define KSFT_SLOTS_H

#include "common.h"

#define T_STAPLE_OTHER_KEY	(1u << 0)	/* the hash of another issuer's key */
#define T_STAPLE_TWO		(1u << 1)	/* two single responses */
#define T_STAPLE_TRY_LATER	(1u << 2)
#define T_STAPLE_OTHER_SERIAL	(1u << 3)
#define T_STAPLE_NO_END		(1u << 4)	/* without nextUpdate */

/** t_staple() - a response that says good of @leaf, until @until. Return: length in @buf. */
#define T_STAPLE_MAX 1024
size_t t_staple(const struct tcert *leaf, const struct tcert *issuer, int64_t until,
		unsigned int flags, uint8_t buf[T_STAPLE_MAX]);

/** t_scts() - a list of one SCT that no log signed. Return: length in @buf. */
size_t t_scts(uint8_t buf[256]);

int t_key_slots(const char *name);
int t_slots(const char *name);	/* a handle with all rights */

/* A PUT with everything it points to. */
struct t_put {
	struct capcert_slot_put arg;
	struct capcert_blob chain[CAPCERT_SLOT_MAX_CHAIN + 1];
	uint8_t staple[T_STAPLE_MAX];
	uint8_t scts[256];
};

/** t_put_init() - @leaf and @issuer (NULL: the leaf alone) for slot @name, and nothing else. */
void t_put_init(struct t_put *p, const char *name, const struct tcert *leaf,
		const struct tcert *issuer);
int t_put(int slots, struct t_put *p);
/** t_put_leaf() - @leaf alone. Return: 0 or -errno. */
int t_put_leaf(int slots, const char *name, const struct tcert *leaf);

/* A GET with room for everything. */
struct t_get {
	struct capcert_slot_get arg;
	uint8_t chain[CAPCERT_SLOT_MAX_CHAIN_BYTES];
	uint8_t staple[T_STAPLE_MAX];
	uint8_t scts[256];
};

int t_get(int slots, const char *name, uint32_t flags, struct t_get *ret);
/** t_slot_version() - the version alone; 0 when there is no such slot. */
uint64_t t_slot_version(int slots, const char *name);
int t_slot_delete(int slots, const char *name);
int t_slot_restrict(int slots, uint64_t rights, const char *patterns);
/** t_watch() - a watch from now on, or from version *@from. */
int t_watch(int slots, const char *patterns, const uint64_t *from);
/** t_next() - up to @count events. Return: how many, or -errno. */
int t_next(int watch, struct capcert_slot_event *events, uint32_t count);

#endif
