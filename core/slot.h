/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of certificate slots, and patterns that stand for some of them (linux/capcert_tls.h). */
#ifndef CORE_SLOT_H
#define CORE_SLOT_H

#include "core/span.h"

#define CC_SLOT_NAME_MAX 127	       /* octets */
#define CC_SLOT_PATTERNS_MAX 32	       /* in one text */
#define CC_SLOT_PATTERNS_TEXT_MAX 2048 /* octets */

/** cc_slot_name_valid() - 1 to 127 octets of 0x21 to 0x7e without comma, quotation mark and
 *  backslash; parts with '/' between them, none of which is empty, "." or "..". */
bool cc_slot_name_valid(struct cc_span name);

/** cc_slot_pattern_valid() - a name, or one with a '/' behind it (at most 127 octets as well). */
bool cc_slot_pattern_valid(struct cc_span pattern);

/** cc_slot_pattern_match() - does @pattern stand for the slot @name? Both are valid. */
bool cc_slot_pattern_match(struct cc_span pattern, struct cc_span name);

/** cc_slot_patterns_next() - take one pattern off @rest. 1 taken, 0 end, -1 malformed. */
int cc_slot_patterns_next(struct cc_span *rest, struct cc_span *ret);

/** cc_slot_patterns_valid() - 1 to 32 patterns with ',' between them, in at most 2048 octets. */
bool cc_slot_patterns_valid(struct cc_span text);

/** cc_slot_patterns_match() - does one of them stand for @name? No text at all stands for every
 *  slot. @text is valid, or empty. */
bool cc_slot_patterns_match(struct cc_span text, struct cc_span name);

/** cc_slot_patterns_within() - do @outer's patterns stand for every slot that @inner's do? Each of
 *  @inner's must lie within one of @outer's. Both are valid, or empty. */
bool cc_slot_patterns_within(struct cc_span inner, struct cc_span outer);

/**
 * cc_slot_candidate() - the names of slots that may serve a host, best first: for every pattern,
 * in order, the slot whose last part is the host; then for every pattern the one whose last part is
 * "*." and the host without its first label. No text at all is one prefix of no octets.
 * @at: 0 at first; moved behind what is given.
 * @ret: NUL-terminated. A host that does not make a slot name has no candidates.
 * Return: length without NUL, 0 when there are no more.
 */
size_t cc_slot_candidate(struct cc_span patterns, struct cc_span host, uint32_t *at,
			 char ret[CC_SLOT_NAME_MAX + 1]);

#endif
