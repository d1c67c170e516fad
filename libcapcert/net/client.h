/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the log client share. */
#ifndef LIBCAPCERT_NET_CLIENT_H
#define LIBCAPCERT_NET_CLIENT_H

#include <jansson.h>
#include <capcert/net/ctclient.h>
#include "core/log_entry.h"
#include "libcapcert/loglist.h"
#include "libcapcert/net/http.h"

/* Octets of answers. A page of entries is the largest: 256 of a few certificates each, in base 64. */
#define MAX_SMALL 65536
#define MAX_PROOF 65536
#define MAX_PAGE (32u << 20)
#define URL_MAX 1024

struct capcert_ctclient {
	capcert_log *log;
	const struct ct_log *facts; /* of @log */
	const struct reads *reads;
	struct http *http;
	uint32_t stale_after; /* seconds */
	bool have_last;
	struct capcert_sth last;
	struct capcert_ct_error error;
};

/* How a log of one kind is read. Results that are not 0 have been put into the client's error. */
struct reads {
	int (*head)(capcert_ctclient *c, struct capcert_sth *ret);
	/* One batch: at least one entry from @start on, at most @count. */
	int (*entries)(capcert_ctclient *c, uint64_t start, uint64_t count,
		       capcert_ct_entries *into);
	/* @index: known, or UINT64_MAX, then the log is asked; becomes what it is. */
	int (*inclusion)(capcert_ctclient *c, const struct capcert_sth *sth,
			 const uint8_t leaf_hash[32], uint64_t *index,
			 uint8_t ret[CAPCERT_CT_PROOF_MAX][32], size_t *ret_count);
	int (*consistency)(capcert_ctclient *c, uint64_t first, uint64_t second,
			   uint8_t ret[CAPCERT_CT_PROOF_MAX][32], size_t *ret_count);
};

extern const struct reads reads_rfc6962, reads_static_ct;

struct capcert_ct_entries {
	size_t count;
	size_t room;
	struct capcert_ct_entry *list; /* each ->leaf is malloc()ed, and holds the rest */
};

/** client_fault() - note what is wrong. Return: the errno of @kind. */
int client_fault(capcert_ctclient *c, uint32_t kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** client_malformed() - an answer of the log in another form than it should have. */
int client_malformed(capcert_ctclient *c, const char *what);

/** client_get() - @path below the monitoring URL. */
int client_get(capcert_ctclient *c, const char *path, const char *type, size_t max,
	       struct http_answer *ret);
/** client_post() - JSON to @path below the submission URL. */
int client_post(capcert_ctclient *c, const char *path, const char *json, struct http_answer *ret);

/** client_get_json() - the same, parsed: an object without duplicate names, which the caller
 *  releases. */
int client_get_json(capcert_ctclient *c, const char *path, size_t max, json_t **ret);
/** json_of() - @ret an object, or malformed. Releases the answer's body. */
int json_of(capcert_ctclient *c, struct http_answer *answer, json_t **ret);

/** json_number() - a whole number from 0 on. */
bool json_number(const json_t *object, const char *name, uint64_t *ret);
/** json_octets() - canonical base 64 in a string, malloc()ed; -1 when it is not. */
long json_octets(const json_t *text, uint8_t **ret);
/** json_fixed() - the same into @ret, exactly @n octets. */
bool json_fixed(const json_t *text, uint8_t *ret, size_t n);

/** entries_add() - append a copy of an entry. @chain: @chain_count fingerprints of 32 octets.
 *  Return: 0 or -ENOMEM. */
int entries_add(capcert_ct_entries *into, uint64_t index, const struct cc_log_entry *e,
		struct cc_span certificate, const uint8_t *chain, size_t chain_count);

#endif
