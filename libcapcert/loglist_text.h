/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of CT logs as text: what the readers of its forms share. */
#ifndef LIBCAPCERT_LOGLIST_TEXT_H
#define LIBCAPCERT_LOGLIST_TEXT_H

#include "libcapcert/loglist.h"

struct loglist_reader {
	capcert_log **logs; /* references of ours */
	size_t count;
	size_t room;
	size_t refused;	    /* logs that are refused always and were left out */
	int64_t time;	    /* of the list */
	char source[64];    /* where its facts are from */
	const char *name;   /* of the log that is being read, or NULL */
	size_t number;	    /* which one, from 1; 0 = none */
	char error[CAPCERT_LOGLIST_ERROR];
};

/** loglist_fail() - note what is wrong with the log that is being read. Return: @result. */
int loglist_fail(struct loglist_reader *r, int result, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** loglist_take() - make a log of @info and of its key, base64 or (key_len in @info) DER.
 *  @id: what the list says its id is, base64, or NULL. @strict: a log that is refused always is an
 *  error, not left out. Source and date of @info are set here when it has none. */
int loglist_take(struct loglist_reader *r, const char *key, const char *id,
		 struct capcert_log_info *info, bool strict);

/** loglist_time_parse() - "2026-01-31T23:59:59Z", and nothing else. */
bool loglist_time_parse(const char *text, int64_t *ret);

/** loglist_read_json(), loglist_read_header() - fill @r. @format: CAPCERT_LOGLIST_*. */
int loglist_read_json(struct loglist_reader *r, uint32_t format, const char *data, size_t len);
int loglist_read_header(struct loglist_reader *r, const char *data, size_t len);

#endif
