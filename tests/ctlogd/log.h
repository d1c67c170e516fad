/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A Certificate Transparency log in memory, for tests: a real tree, real signatures, and faults on
 * demand. Everything submitted is in the tree at once. */
#ifndef TESTS_CTLOGD_LOG_H
#define TESTS_CTLOGD_LOG_H

#include <gnutls/abstract.h>
#include <capcert/x509.h>
#include "core/checkpoint.h"
#include "core/log_entry.h"
#include "core/tile.h"

#define FAULTS(X)                                                                          \
	X(NONE, "none")                                                                    \
	X(BAD_SIGNATURE, "bad-signature")     /* of everything that is signed */           \
	X(SPLIT_VIEW, "split-view")	      /* another first entry, consistent with itself */ \
	X(STALE, "stale")		      /* the head is a week old */                 \
	X(FUTURE, "future")		      /* the head is of next week */               \
	X(ROLLBACK, "rollback")		      /* the last entry is gone, the head is new */ \
	X(LAG, "lag")			      /* the last entry is missing, the head is old */ \
	X(SHORT, "short")		      /* one entry at a time */                    \
	X(EMPTY, "empty")		      /* no entry at all */                        \
	X(BUSY, "busy")			      /* 429, Retry-After in seconds: the value */ \
	X(BUSY_DATE, "busy-date")	      /* 429, Retry-After as a date */             \
	X(BUSY_ONLY, "busy-only")	      /* 429, no Retry-After */                    \
	X(UNAVAILABLE, "unavailable")	      /* 503 */                                    \
	X(BROKEN, "broken")		      /* 500 */                                    \
	X(REFUSE, "refuse")		      /* 400 */                                    \
	X(NO_EXTENSION, "no-extension")	      /* an SCT of a static log without its index */ \
	X(WRONG_EXTENSION, "wrong-extension") /* an SCT with the index of another entry */ \
	X(OVERSIZED, "oversized")	      /* answers of 64 MiB */                      \
	X(HANG, "hang")			      /* no answer for as many seconds as the value */ \
	X(TRUNCATED, "truncated")	      /* half of each answer */                    \
	X(REDIRECT, "redirect")		      /* elsewhere */                              \
	X(TYPE, "type")			      /* text/html */                              \
	X(GARBAGE, "garbage")		      /* entries that are none */                  \
	X(LOST, "lost")			      /* promises entries that never come */       \
	X(BAD_PROOF, "bad-proof")	      /* proofs with an octet altered */           \
	X(LONG_PROOF, "long-proof")	      /* proofs with a hash too many */

enum fault {
#define X(name, text) FAULT_##name,
	FAULTS(X)
#undef X
		FAULT_COUNT
};

struct entry {
	struct cc_span leaf;	  /* TimestampedEntry */
	struct cc_span extra;	  /* extra_data of get-entries */
	struct cc_span tile_leaf; /* as data tiles hold it */
	uint64_t timestamp;
	uint8_t hash[32];
};

struct log {
	gnutls_privkey_t key;
	gnutls_datum_t spki;
	uint8_t id[32];
	char origin[64];
	bool static_ct; /* SCTs say where their entry is */
	capcert_cert **roots;
	size_t root_count;
	struct entry *entries;
	size_t count, room;
	struct cc_span *issuers; /* certificates of chains, each once */
	size_t issuer_count;
	enum fault fault;
	unsigned int fault_left; /* requests that it still holds for, 0 = all */
	unsigned int fault_value;
};

/** Any answer: status and body. */
struct answer {
	unsigned int status;
	const char *type;
	char *body; /* malloc()ed */
	size_t len;
};

int log_open(struct log *log, const char *roots, bool static_ct);
void log_close(struct log *log);

/* The head as it is given out, faults included. */
void log_head(struct log *log, struct cc_tree_head *ret);
/* Hash of the leaves [begin, end); a complete subtree, or one at the right edge. */
void log_hash(struct log *log, uint64_t begin, uint64_t end, uint8_t ret[32]);
/* DigitallySigned over @octets; @ret has room for 256. Return: its length. */
size_t log_sign(struct log *log, struct cc_span octets, uint8_t *ret);

/** log_submit() - add-chain, add-pre-chain. @json: the request. */
void log_submit(struct log *log, const char *json, size_t len, bool pre, struct answer *ret);

/** log_fill() - entries of certificates that are none, so that the tree grows. */
void log_fill(struct log *log, unsigned int count);

/* Reads; @arg gives query arguments. */
typedef const char *query_fn(void *ctx, const char *name);
void serve_rfc6962(struct log *log, const char *call, query_fn *arg, void *ctx, struct answer *ret);
void serve_static(struct log *log, const char *path, struct answer *ret);

void answer_text(struct answer *ret, unsigned int status, const char *type, const char *text);
void answer_octets(struct answer *ret, const void *p, size_t n);

/* malloc()ed copies; this program does not outlive its memory. */
struct cc_span keep(const void *p, size_t n);
char *base64_of(struct cc_span in);

#endif
