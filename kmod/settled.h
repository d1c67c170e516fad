/* SPDX-License-Identifier: GPL-2.0-only */
/* Verdicts by what was fetched: the second verdict of a question stands for the whole of it. */
#ifndef KMOD_SETTLED_H
#define KMOD_SETTLED_H

#include <linux/types.h>

#include "kmod/verify.h"

/*
 * cc_settled_find() - the verdict that this question had with the status fetched for it, while
 * FETCH would give the same answers still. Fills the outcome. Only for who may FETCH, and asks.
 */
bool cc_settled_find(struct cc_verify *verify);

/*
 * cc_settled_note() - @verify had evidence, and has its verdict: for cc_settled_find(), if the
 * evidence is all that FETCH answers now for what was missing, no more and no less, and nothing
 * else could be fetched. May sleep; on no memory or quota nothing is remembered.
 */
void cc_settled_note(struct cc_verify *verify);

#endif
