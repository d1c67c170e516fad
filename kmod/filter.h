/* SPDX-License-Identifier: GPL-2.0-only */
/* What a restricted view keeps of its parent store. Immutable. */
#ifndef KMOD_FILTER_H
#define KMOD_FILTER_H

#include <linux/types.h>

struct capcert_restrict;
struct cc_anchor;
struct cc_filter;
struct cc_state;

/*
 * cc_filter_read() - the filter of a RESTRICT call; reads the caller's lists. May sleep.
 * Return: NULL when it keeps everything, else to be given to cc_filter_free(); ERR_PTR: -EINVAL
 * unknown purpose or malformed list entry, -EMSGSIZE over CAPCERT_MAX_FILTER, -EFAULT, -ENOMEM.
 */
struct cc_filter *cc_filter_read(const struct capcert_restrict *restriction);
void cc_filter_free(struct cc_filter *filter); /* NULL is fine */

/* cc_filter_asked() - is there any filter in this RESTRICT call? */
bool cc_filter_asked(const struct capcert_restrict *restriction);

size_t cc_filter_bytes(const struct cc_filter *filter);

/*
 * cc_filter_candidates() - mark in @bits every entry of @state that the filter could keep: those
 * that its shortest list names, found by the indices of the state, or all of them where there is no
 * list shorter than the state. cc_filter_keep() decides.
 * @bits: state->count of them, all clear.
 */
void cc_filter_candidates(const struct cc_filter *filter, const struct cc_state *state,
			  unsigned long *bits);

/* cc_filter_purposes() - what is left of @purposes of an anchor that is kept. */
u32 cc_filter_purposes(const struct cc_filter *filter, u32 purposes);

/* cc_filter_keep() - the purposes that @anchor keeps of @purposes; 0: it is filtered out. */
u32 cc_filter_keep(const struct cc_filter *filter, const struct cc_anchor *anchor, u32 purposes);

#endif
