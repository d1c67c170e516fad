/* SPDX-License-Identifier: GPL-2.0-only */
/* The system's distrust list: immutable snapshots with a generation; it wins over everything. */
#ifndef KMOD_DISTRUST_H
#define KMOD_DISTRUST_H

#include <linux/capcert.h>
#include <linux/types.h>

#include "core/bundle.h"

#define CC_DISTRUST_MAX_ENTRIES	4096
#define CC_DISTRUST_MAX_ENTRY	2048	/* bytes: an issuer Name and a serial number */

/**
 * struct cc_distrust - one generation of the list.
 *
 * @wire is what CAPCERT_STATE_DISTRUST gives: struct capcert_state_distrust and the entries.
 * Nothing changes after publication.
 */
struct cc_distrust;

/** cc_distrust_get() - the current snapshot, never NULL; give it back with cc_distrust_put(). */
const struct cc_distrust *cc_distrust_get(void);
void cc_distrust_put(const struct cc_distrust *list);

/** cc_distrust_generation() - of the current snapshot; no reference needed. */
u64 cc_distrust_generation(void);
u64 cc_distrust_generation_of(const struct cc_distrust *list);

/** cc_distrust_wire() - the serialised list, valid as long as @list is held. */
struct cc_span cc_distrust_wire(const struct cc_distrust *list);

/** cc_distrust_hits() - is this certificate on the list? @serial: content octets. */
bool cc_distrust_hits(const struct cc_distrust *list, const u8 fingerprint[32],
		      const u8 spki_hash[32], struct cc_span issuer, struct cc_span serial);

/**
 * cc_distrust_change() - publish a list with one entry more, or one less.
 * Return: 0 with the generation in force in @ret_generation, -EINVAL when the entry is malformed,
 * -EEXIST, -ENOENT, -ENOSPC when the list is full, -ENOMEM.
 */
int cc_distrust_change(u32 what, struct cc_span bytes, bool remove, u64 *ret_generation);

/**
 * cc_distrust_new() - the list of a distrust bundle, without a generation yet.
 * Return: for cc_distrust_replace() or cc_distrust_put(); ERR_PTR(-EBADMSG): an entry is malformed,
 * -ENOMEM.
 */
struct cc_distrust *cc_distrust_new(const struct cc_bundle *bundle);

/** cc_distrust_replace() - @list, taken over, is the list from now on, of the next generation. */
void cc_distrust_replace(struct cc_distrust *list);

int cc_distrust_init(void);
void cc_distrust_exit(void);

#endif
