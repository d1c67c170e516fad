/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of Certificate Transparency logs: made once, then used by any number of threads. Logs and
 * lists never change: what adds to a list gives a new one that shares the logs of the old.
 * Calls return 0 or a negative errno; ret_ outputs are untouched on failure; @ret_error, where it
 * is not NULL, becomes a static line that says what is wrong with a log. */
#ifndef CAPCERT_LOGLIST_H
#define CAPCERT_LOGLIST_H

#include <capcert/capcert.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CAPCERT_LOGLIST_MAX 4096   /* logs in one list */
#define CAPCERT_LOG_HISTORY_MAX 16 /* operators, or states, of one log */

typedef struct capcert_log capcert_log;
typedef struct capcert_loglist capcert_loglist;

/* A time that nobody has said. As the start of a history: from ever. */
#define CAPCERT_TIME_UNKNOWN INT64_MIN

enum {
	CAPCERT_LOG_RFC6962 = 0,
	CAPCERT_LOG_STATIC_CT = 1, /* checkpoint and tiles */
};

enum {
	CAPCERT_LOG_PENDING = 0,
	CAPCERT_LOG_QUALIFIED = 1,
	CAPCERT_LOG_USABLE = 2,
	CAPCERT_LOG_READONLY = 3,
	CAPCERT_LOG_RETIRED = 4,
	CAPCERT_LOG_REJECTED = 5,
};

/* One value of a history. It holds from @since on, to the next one's. Seconds since 1970, UTC. */
struct capcert_log_operator {
	const char *name;
	int64_t since;
};

struct capcert_log_state {
	uint32_t state; /* CAPCERT_LOG_PENDING ... */
	int64_t since;
};

/** What is known of a log. Texts are UTF-8 without control characters. Zero-initialise; all but
 *  the key may stay zero. */
struct capcert_log_info {
	uint8_t id[32];	    /* SHA-256 of @key; found by the library */
	const uint8_t *key; /* SubjectPublicKeyInfo, DER: P-256, P-384, or RSA of 2048 to 8192 bits */
	size_t key_len;
	uint32_t kind;	    /* CAPCERT_LOG_RFC6962 ... */
	uint32_t mmd;	    /* maximum merge delay in seconds, 0 = unknown, at most 2^31 - 1 */
	const char *name;   /* 1 to 255 octets; NULL becomes "unnamed log" */
	/* Ascending by @since. The first operator holds from ever, whatever its @since; none
	 * becomes "unknown". Names of 1 to 127 octets. All that are called "unknown" count as one. */
	const struct capcert_log_operator *operators;
	size_t operator_count;
	/* None: usable from ever. Before the first: usable if that is read-only or retired, else
	 * pending. */
	const struct capcert_log_state *states;
	size_t state_count;
	int has_interval; /* certificates are logged whose notAfter is in [start, end) */
	int64_t interval_start;
	int64_t interval_end;
	/* http or https, a slash at the end, at most 511 octets; NULL = unknown. */
	const char *submission;
	const char *monitoring;
	/* Who said so, and when; 1 to 255 octets or NULL. For people: decides nothing. */
	const char *source;
	int64_t source_date; /* meaningful with @source */
};

/**
 * capcert_log_new() - a log from its key and what is known of it; everything is copied.
 * @info: @id is not read.
 * @ret: released by the caller with capcert_log_free().
 * Return: 0; -EINVAL a malformed fact; -EBADMSG the key is no SubjectPublicKeyInfo; -EOPNOTSUPP a
 * key of another algorithm or size than CT logs may have; -EPERM the log is one of those that are
 * refused always; -ENOMEM.
 */
CAPCERT_API int capcert_log_new(const struct capcert_log_info *info, capcert_log **ret,
				const char **ret_error);

/** capcert_log_new_base64() - the same with the key as base64 text (RFC 4648 section 4, padded) in
 *  place of @info's; @info may be NULL. */
CAPCERT_API int capcert_log_new_base64(const char *key, const struct capcert_log_info *info,
				       capcert_log **ret, const char **ret_error);

/** capcert_log_ref() - one more reference. Return: @log. */
CAPCERT_API capcert_log *capcert_log_ref(const capcert_log *log);
CAPCERT_API void capcert_log_free(capcert_log *log);

/** capcert_log_get() - pointers in @ret are the log's own, good as long as it. */
CAPCERT_API void capcert_log_get(const capcert_log *log, struct capcert_log_info *ret);

/** capcert_log_operator_at() - whose it was at @time (INT64_MAX: the last known). Never NULL. */
CAPCERT_API const char *capcert_log_operator_at(const capcert_log *log, int64_t time);

/** capcert_log_state_at() - its state at @time; @ret_since, if not NULL: since when,
 *  CAPCERT_TIME_UNKNOWN when that is not known. */
CAPCERT_API uint32_t capcert_log_state_at(const capcert_log *log, int64_t time,
					  int64_t *ret_since);

/** "usable" ..., "rfc6962", "static-ct"; NULL for an unknown number. */
CAPCERT_API const char *capcert_log_state_name(uint32_t state);
CAPCERT_API const char *capcert_log_kind_name(uint32_t kind);

/** capcert_loglist_new() - a list without a log, of unknown time. */
CAPCERT_API int capcert_loglist_new(capcert_loglist **ret);
CAPCERT_API capcert_loglist *capcert_loglist_ref(const capcert_loglist *list);
CAPCERT_API void capcert_loglist_free(capcert_loglist *list);

/** capcert_loglist_bundled() - the list that is compiled in: data/ct-logs.json as it was when the
 *  library was built. One object for the process; the caller has a reference. It grows old like any
 *  list, and then counts as stale. Return: 0, -ENOMEM. */
CAPCERT_API int capcert_loglist_bundled(capcert_loglist **ret);

/** capcert_loglist_adding() - @list and these logs; one that is there already is replaced. The
 *  time stays. Return: 0; -EMSGSIZE over CAPCERT_LOGLIST_MAX; -ENOMEM. */
CAPCERT_API int capcert_loglist_adding(const capcert_loglist *list, capcert_log *const *logs,
				       size_t count, capcert_loglist **ret);

/** capcert_loglist_dated() - the same logs in a list of time @time. */
CAPCERT_API int capcert_loglist_dated(const capcert_loglist *list, int64_t time,
				      capcert_loglist **ret);

/**
 * capcert_loglist_merge() - everything that the two know. What the later list says of a log counts
 * (the second, where the times are equal); the other one fills what it leaves open, and the past
 * before its histories begin. An operator who changed between the lists did so when the later one
 * was made. The result has the time of the later list: how fresh a log is that only the other one
 * knows is for the caller to judge.
 * Return: 0; -EMSGSIZE too many logs, or a history over CAPCERT_LOG_HISTORY_MAX; -ENOMEM.
 */
CAPCERT_API int capcert_loglist_merge(const capcert_loglist *a, const capcert_loglist *b,
				      capcert_loglist **ret);

/** capcert_loglist_add_key() - capcert_loglist_adding() of a log with this key (DER, or base64
 *  text when @key_len is 0), name and operator, each of which may be NULL. */
CAPCERT_API int capcert_loglist_add_key(const capcert_loglist *list, const void *key,
					size_t key_len, const char *name, const char *operator_name,
					capcert_loglist **ret, const char **ret_error);

CAPCERT_API size_t capcert_loglist_count(const capcert_loglist *list);
/** capcert_loglist_at() - ascending by id; borrowed from the list; NULL past the end. */
CAPCERT_API const capcert_log *capcert_loglist_at(const capcert_loglist *list, size_t index);
/** capcert_loglist_find() - the log with this id, borrowed from the list, or NULL. */
CAPCERT_API const capcert_log *capcert_loglist_find(const capcert_loglist *list,
						    const uint8_t id[32]);
/** capcert_loglist_time() - when it was made, seconds since 1970; CAPCERT_TIME_UNKNOWN. */
CAPCERT_API int64_t capcert_loglist_time(const capcert_loglist *list);
/** capcert_loglist_digest() - 32 bytes of the list: SHA-256 over time and logs but for their
 *  sources. Equal digests mean equal lists. */
CAPCERT_API const uint8_t *capcert_loglist_digest(const capcert_loglist *list);

/* Forms that lists are written in. */
enum {
	CAPCERT_LOGLIST_ANY = 0,     /* whichever it is */
	CAPCERT_LOGLIST_CAPCERT = 1, /* our own, docs/ct.md */
	CAPCERT_LOGLIST_GOOGLE = 2,  /* the v3 JSON schema of Chrome's lists */
	CAPCERT_LOGLIST_APPLE = 3,   /* Apple's current_log_list.json */
	CAPCERT_LOGLIST_KNOWN = 4,   /* a JSON object: log id -> description, operator, key */
	CAPCERT_LOGLIST_MOZILLA = 5, /* CTKnownLogs.h of Firefox */
};

#define CAPCERT_LOGLIST_TEXT_MAX (4u << 20) /* octets of a list as text */
#define CAPCERT_LOGLIST_ERROR 320	    /* room for a message, its NUL included */

/**
 * capcert_loglist_import() - read a list in the form @format, which must be the one it is in. Ids
 * must be those of the keys, and no log may stand twice. Chrome's and Apple's logs without a state
 * count as pending, those of CAPCERT_LOGLIST_KNOWN, which has no states, as usable. Google permits
 * nobody but Chrome to enforce CT with its lists: docs/ct.md.
 * @error: NULL, or CAPCERT_LOGLIST_ERROR octets: what is wrong, with log and field. On success
 *	empty, or which logs were left out because they are refused always; in our own form these
 *	are an error.
 * Return: 0; -EBADMSG malformed; -EPERM a log that is refused always; -EOPNOTSUPP a key of another
 * algorithm; -EMSGSIZE over a limit; -EINVAL an unknown @format; -ENOMEM.
 */
CAPCERT_API int capcert_loglist_import(uint32_t format, const void *data, size_t len,
				       capcert_loglist **ret, char *error);

/** capcert_loglist_from_json() - the same for any of the forms that are JSON. */
CAPCERT_API int capcert_loglist_from_json(const char *data, size_t len, capcert_loglist **ret,
					  char *error);

/** capcert_loglist_load() - capcert_loglist_import() of a file in any of the forms. Return: as
 *  there, or what open(2) and read(2) say. */
CAPCERT_API int capcert_loglist_load(const char *path, capcert_loglist **ret, char *error);

/** capcert_loglist_to_json() - in our own form: the same list is the same text. @ret_text is
 *  malloc()ed and ends with a NUL, which @ret_len does not count. Return: 0, -ENOMEM. */
CAPCERT_API int capcert_loglist_to_json(const capcert_loglist *list, char **ret_text,
					size_t *ret_len);

/** "capcert", "google", "apple", "known", "mozilla", "auto"; NULL, or -1, for anything else. */
CAPCERT_API const char *capcert_loglist_format_name(uint32_t format);
CAPCERT_API int capcert_loglist_format_parse(const char *text);

/**
 * capcert_loglist_to_bundle() - the content of a bundle of kind store and purpose ctLog
 * (docs/bundle-format.md), to be signed: the same list is the same octets. It is created when the
 * list was made.
 * @name, @number: as there. @expires: seconds since 1970, or CAPCERT_TIME_UNKNOWN: never.
 * @ret: malloc()ed, freed by the caller.
 * Return: 0; -EINVAL the name or a number cannot be, or the list does not say when it was made;
 * -ENOMEM. Sources of facts are for people and do not travel.
 */
CAPCERT_API int capcert_loglist_to_bundle(const capcert_loglist *list, const char *name,
					  uint64_t number, int64_t expires, uint8_t **ret,
					  size_t *ret_len);

/** capcert_loglist_from_bundle() - the logs of a bundle's content, of the time at which it was
 *  created. Nothing is said about who signed it: check that first. Return: 0; -EBADMSG not a bundle
 *  of CT logs; what capcert_log_new() says of a log. */
CAPCERT_API int capcert_loglist_from_bundle(const uint8_t *content, size_t len,
					    capcert_loglist **ret, const char **ret_error);

/** capcert_loglist_from_anchors() - the logs of a TrustAnchorList (RFC 5914) in DER, whose anchors
 *  are all CT logs as in docs/bundle-format.md. @time: when the list was made. */
CAPCERT_API int capcert_loglist_from_anchors(const uint8_t *der, size_t len, int64_t time,
					     capcert_loglist **ret, const char **ret_error);

struct capcert_store;

/** capcert_loglist_from_store() - the logs among the anchors of a store: those that are good for the
 *  purpose ctLog, which must all be CT logs. Other anchors are passed over. @time: when the list was
 *  made, which a store does not know. Return: 0; -EBADMSG; what capcert_log_new() says of a log. */
CAPCERT_API int capcert_loglist_from_store(const struct capcert_store *store, int64_t time,
					   capcert_loglist **ret, const char **ret_error);

#ifdef __cplusplus
}
#endif
#endif
