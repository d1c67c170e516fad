/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is known of CT logs: keys, operators and states in time. Immutable once made. */
#ifndef LIBCAPCERT_LOGLIST_H
#define LIBCAPCERT_LOGLIST_H

#include <capcert/loglist.h>
#include <stdatomic.h>
#include "core/trust_anchor.h"

#define LOG_HISTORY_MAX CAPCERT_LOG_HISTORY_MAX
#define LOG_DESCRIPTION_MAX 255
#define LOG_OPERATOR_MAX 127
#define LOG_URL_MAX 511

/* What an operator is called who is not known: all of these are one. */
#define LOG_OPERATOR_UNKNOWN "unknown"
/* What a log is called that has no name. */
#define LOG_UNNAMED "unnamed log"

enum log_kind { LOG_RFC6962 = CAPCERT_LOG_RFC6962, LOG_STATIC_CT = CAPCERT_LOG_STATIC_CT };

/* In the order of docs/bundle-format.md. */
enum log_state {
	LOG_PENDING = CAPCERT_LOG_PENDING,
	LOG_QUALIFIED = CAPCERT_LOG_QUALIFIED,
	LOG_USABLE = CAPCERT_LOG_USABLE,
	LOG_READONLY = CAPCERT_LOG_READONLY,
	LOG_RETIRED = CAPCERT_LOG_RETIRED,
	LOG_REJECTED = CAPCERT_LOG_REJECTED,
};

/* Times are seconds since 1970, UTC; INT64_MIN, which only the first of a history may have, is from
 * ever. Histories ascend by since; each value holds to the next one's. */
struct ct_log {
	uint8_t id[32];		/* SHA-256 of @spki */
	struct cc_span spki;	/* SubjectPublicKeyInfo, whole TLV; the key is on its curve */
	uint8_t key_alg;	/* enum cc_key_alg: P256, P384 or RSA */
	enum log_kind kind;
	const char *description;
	uint32_t mmd;		/* seconds, 0 = unknown */
	uint32_t operator_count; /* at least 1; the first holds from ever */
	uint32_t state_count;	 /* 0: nothing is known, and the log counts as usable from ever */
	const struct capcert_log_operator *operators;
	const struct capcert_log_state *states;
	bool has_interval;
	int64_t interval_start; /* certificates whose notAfter is in [start, end) */
	int64_t interval_end;
	const char *submission; /* URL with a slash at its end, or NULL */
	const char *monitoring; /* the same; for RFC 6962 usually equal to @submission */
	const char *source;	/* who said so, or NULL: decides nothing */
	int64_t source_date;
};

struct capcert_log {
	atomic_uint refs;
	struct ct_log facts; /* what it points to lies behind it, in the same allocation */
};

/** loglist_count(), loglist_at() - ascending by id. */
uint32_t loglist_count(const capcert_loglist *list);
const struct ct_log *loglist_at(const capcert_loglist *list, uint32_t at);

/** loglist_find() - the log with this id, or NULL; binary search. */
const struct ct_log *loglist_find(const capcert_loglist *list, const uint8_t id[32]);

/** loglist_time() - when the list was made, INT64_MIN when nobody said. */
int64_t loglist_time(const capcert_loglist *list);

/** loglist_digest() - SHA-256 over everything in it that decides: equal digests mean equal lists. */
const uint8_t *loglist_digest(const capcert_loglist *list);

/** loglist_of() - a list of logs of which no two have one id. Takes a reference of each. */
int loglist_of(capcert_log *const *logs, size_t count, int64_t time, capcert_loglist **ret);

/** loglist_log_of_anchor() - the log that an anchor of purpose ctLog is. Return: as
 *  capcert_log_new(), or -EBADMSG; @ret_error is not NULL. */
int loglist_log_of_anchor(const struct cc_trust_anchor *ta, capcert_log **ret,
			  const char **ret_error);

/** loglist_from_choices() - of anchors, one behind the other, that are all CT logs. @ascending: by
 *  fingerprint, as in a bundle; else in any order. */
int loglist_from_choices(struct cc_span choices, bool ascending, int64_t time,
			 capcert_loglist **ret, const char **ret_error);

/** log_operator_at() - whose it was at @time; never NULL. */
const char *log_operator_at(const struct ct_log *log, int64_t time);

/** log_state_at() - its state at @time. @ret_since: since when, may be NULL. Before the first that
 *  is known: usable when that is read-only or retired, which only a usable log becomes; pending
 *  when it is another; since INT64_MIN. */
enum log_state log_state_at(const struct ct_log *log, int64_t time, int64_t *ret_since);

/** log_mimic() - is this one of the ids that are refused everywhere, always? Their private keys are
 *  published, and anybody can sign with them. */
bool log_mimic(const uint8_t id[32]);

#endif
