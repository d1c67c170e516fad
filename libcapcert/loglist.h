/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is known of CT logs: keys, operators and states in time. Immutable once made. */
#ifndef LIBCAPCERT_LOGLIST_H
#define LIBCAPCERT_LOGLIST_H

#include <capcert/loglist.h>
#include "core/span.h"

#define LOG_HISTORY_MAX 16

enum log_kind { LOG_RFC6962 = 0, LOG_STATIC_CT = 1 };

/* In the order of docs/bundle-format.md. */
enum log_state {
	LOG_PENDING = 0,
	LOG_QUALIFIED = 1,
	LOG_USABLE = 2,
	LOG_READONLY = 3,
	LOG_RETIRED = 4,
	LOG_REJECTED = 5,
};

/* One value of a history; it holds from @since on, to the next one's. */
struct log_operator {
	const char *name;
	int64_t since; /* seconds since 1970, UTC */
};

struct log_state_since {
	enum log_state state;
	int64_t since;
};

struct ct_log {
	uint8_t id[32];		/* SHA-256 of @spki */
	struct cc_span spki;	/* SubjectPublicKeyInfo, whole TLV */
	enum log_kind kind;
	const char *description;
	uint32_t mmd;		/* seconds */
	uint32_t operator_count; /* at least 1; ascending by @since; the first holds from ever */
	uint32_t state_count;	 /* 0: nothing is known, and the log counts as usable from ever */
	struct log_operator operators[LOG_HISTORY_MAX];
	struct log_state_since states[LOG_HISTORY_MAX];
	bool has_interval;
	int64_t interval_start; /* certificates whose notAfter is in [start, end) */
	int64_t interval_end;
	const char *submission; /* URL with a slash at its end, or NULL */
	const char *monitoring; /* the same; for RFC 6962 usually equal to @submission */
};

/** loglist_count(), loglist_at() - ascending by id. */
uint32_t loglist_count(const capcert_loglist *list);
const struct ct_log *loglist_at(const capcert_loglist *list, uint32_t at);

/** loglist_find() - the log with this id, or NULL; binary search. */
const struct ct_log *loglist_find(const capcert_loglist *list, const uint8_t id[32]);

/** loglist_time() - when the list was made, INT64_MIN when nobody said. */
int64_t loglist_time(const capcert_loglist *list);

/** loglist_digest() - SHA-256 over everything in it: equal digests mean equal lists. */
const uint8_t *loglist_digest(const capcert_loglist *list);

/** log_operator_at() - whose it was at @time; never NULL. */
const char *log_operator_at(const struct ct_log *log, int64_t time);

/** log_state_at() - its state at @time. @ret_since: since when, may be NULL. */
enum log_state log_state_at(const struct ct_log *log, int64_t time, int64_t *ret_since);

/** log_mimic() - is this one of the ids that are refused everywhere, always (Q9)? */
bool log_mimic(const uint8_t id[32]);

#endif
