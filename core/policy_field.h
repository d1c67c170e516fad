/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The keys of a policy's text as one table, the same for reading and writing. */
#ifndef CORE_POLICY_FIELD_H
#define CORE_POLICY_FIELD_H

#include "core/policy.h"

enum cc_policy_kind {
	CC_FIELD_CHOICE,   /* a word, its position is the value */
	CC_FIELD_NUMBER,
	CC_FIELD_DURATION, /* seconds */
	CC_FIELD_KEY_ALGS, /* masks: lists of words */
	CC_FIELD_SCHEMES,
	CC_FIELD_MASK,
	CC_FIELD_CHAIN,	   /* a number, or any */
	CC_FIELD_LOGS,	   /* a name, or none */
	CC_FIELD_OIDS,	   /* a list, any, or none */
};

struct cc_words {
	unsigned int count;
	const char *word[5];
};

struct cc_policy_field {
	const char *key;
	const char *allowed; /* what an error says */
	const struct cc_words *words;
	uint32_t min, max; /* NUMBER, DURATION */
	uint16_t offset;   /* of a field of 1, 2 or 4 octets in struct cc_policy */
	uint8_t size;
	uint8_t kind;
};

#define CC_POLICY_LONGEST 315360000u /* 3650 days */
#define CC_POLICY_FIELDS 28

extern const struct cc_policy_field cc_policy_fields[CC_POLICY_FIELDS];

/** cc_policy_mask_all() - the mask that is written "all". */
uint32_t cc_policy_mask_all(const struct cc_policy_field *f);

#endif
