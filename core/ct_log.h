/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a signed bundle says about one CT log besides its key: CtLog of docs/bundle-format.md.
 * Parsing decides nothing about what the log is good for. */
#ifndef CORE_CT_LOG_H
#define CORE_CT_LOG_H

#include "core/span.h"

#define CC_CT_LOG_DESCRIPTION_MAX 255 /* octets, as all of these */
#define CC_CT_LOG_OPERATOR_MAX 127
#define CC_CT_LOG_URL_MAX 511
#define CC_CT_LOG_HISTORY_MAX 16

enum cc_ct_log_kind { CC_CT_LOG_RFC6962 = 0, CC_CT_LOG_STATIC = 1, CC_CT_LOG_KIND_COUNT };

/*  X(number, NAME, text) - what a log's users may make of it. */
#define CC_CT_LOG_STATES(X)          \
	X(0, PENDING, "pending")     \
	X(1, QUALIFIED, "qualified") \
	X(2, USABLE, "usable")       \
	X(3, READONLY, "readonly")   \
	X(4, RETIRED, "retired")     \
	X(5, REJECTED, "rejected")

enum cc_ct_log_state {
#define X(nr, name, text) CC_CT_LOG_##name = (nr),
	CC_CT_LOG_STATES(X)
#undef X
	CC_CT_LOG_STATE_COUNT
};

struct cc_ct_log {
	uint8_t kind;		    /* enum cc_ct_log_kind */
	bool has_interval;
	uint32_t mmd;		    /* maximum merge delay, seconds */
	uint32_t operator_count;    /* 1 to CC_CT_LOG_HISTORY_MAX */
	uint32_t state_count;	    /* the same */
	struct cc_span description; /* UTF-8, no control characters */
	struct cc_span operators;   /* for cc_ct_log_operator_next() */
	struct cc_span states;	    /* for cc_ct_log_state_next() */
	int64_t interval_start;	    /* certificates whose notAfter is in [start, end) */
	int64_t interval_end;	    /* seconds since 1970, UTC */
	struct cc_span submission;  /* URL: printable ASCII without blanks; or empty */
	struct cc_span monitoring;  /* the same */
};

/**
 * cc_ct_log_parse() - one CtLog, all of @der and nothing behind it. Both histories ascend.
 * @der: stays referenced by @ret.
 * @ret: filled on success, undefined otherwise.
 */
bool cc_ct_log_parse(struct cc_span der, struct cc_ct_log *ret);

/* One value of a history; it holds from @ret_since on. Oldest first. Return: 1, 0 at the end; -1
 * malformed, which cc_ct_log_parse() has ruled out. */
int cc_ct_log_operator_next(struct cc_span *rest, struct cc_span *ret_name, int64_t *ret_since);
int cc_ct_log_state_next(struct cc_span *rest, uint32_t *ret_state, int64_t *ret_since);

/** cc_ct_log_state_name() - "?" for an unknown number. */
const char *cc_ct_log_state_name(uint32_t state);

#endif
