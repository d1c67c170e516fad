/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pin set over the paths of one verification: what it refuses, and what it only reports. */
#ifndef LIBCAPCERT_PIN_CHECK_H
#define LIBCAPCERT_PIN_CHECK_H

#include "libcapcert/evaluation.h"

/** pin_begin() - has the request's pin set expired? The verdict's interval follows. */
void pin_begin(struct evaluation *ev);

/** pin_check() - for a path that is valid otherwise: may it be accepted? False: none of its keys is
 *  pinned, and other paths are to be tried. Then the leaf's finding says pinMismatch; where that is
 *  only reported, the path is kept for pin_fall_back() instead. */
bool pin_check(struct evaluation *ev, struct path *path);

/** pin_fall_back() - after the search: a mismatch that is only reported costs no path, not even
 *  when the budget ran out while a better one was looked for. */
void pin_fall_back(struct evaluation *ev);

/** pin_flags() - CAPCERT_OUTCOME_PIN* for ev->best; @reason: of the outcome. */
uint32_t pin_flags(struct evaluation *ev, int32_t reason);

#endif
