/* SPDX-License-Identifier: GPL-2.0-only */
/* Questions that many ask: one fetch for all who wait, answers that were verified are kept for who comes
 * later, failures for a while, so that a host that is down is not asked again and again. */
#ifndef HELPERS_STATUSD_ASK_H
#define HELPERS_STATUSD_ASK_H

#include "helpers/statusd/disk.h"
#include "helpers/statusd/fetch.h"

#define ASK_KEY DISK_KEY
#define ASK_NONCE 32

/*  X(NAME, text) - how a question ended. */
#define ASK_ENDS(X)                                                       \
	X(ANSWERED, "answered")                                           \
	X(FETCH, "could not be fetched")                                  \
	X(REFUSED, "what came does not hold")                             \
	X(WAITS, "failed a short while ago, and is not asked again yet")  \
	X(HOST_WAITS, "the host has failed, and is not asked again yet")  \
	X(BUSY, "too many questions at once")                             \
	X(MEMORY, "out of memory")

enum ask_end {
#define X(name, text) ASK_##name,
	ASK_ENDS(X)
#undef X
	ASK_END_COUNT
};

const char *ask_end_text(enum ask_end end);

struct ask_answer {
	enum ask_end end;
	enum fetch_end fetch;	 /* FETCH: why */
	const uint8_t *data;	 /* ANSWERED: borrowed until the callback returns; NULL: @file has it */
	size_t len;
	int file;		 /* ANSWERED, asked for as a file: sealed, borrowed; else -1 */
	int64_t fetched;	 /* ANSWERED: when, seconds since 1970 */
	bool cached;		 /* it was there already: nothing was fetched, or nothing newer came */
};

/* When an answer counts: seconds since 1970. */
struct ask_span {
	int64_t since; /* when the responder, or the list's issuer, knew what it says */
	int64_t until; /* last second */
};

/** May this answer be kept, and given to whoever asks under this key? Asked for each fetch, of one who
 *  waits, about what came and about what is there already. @nonce: of the question that was sent, perhaps
 *  another's. Return: 0 with @ret, or -errno: it does not hold. */
typedef int ask_verify(void *ctx, const uint8_t *data, size_t len, const uint8_t nonce[ASK_NONCE],
		       int64_t now, struct ask_span *ret);

/** Called once for each question, perhaps before asker_ask() returns. Must not ask itself: what is to
 *  be asked next is asked when fetcher_step() has returned. */
typedef void ask_done(void *ctx, const struct ask_answer *answer);

struct ask_question {
	uint8_t key[ASK_KEY];	     /* equal keys are one question: URL, who signs */
	struct fetch_request fetch;  /* @etag is the asker's business */
	uint8_t nonce[ASK_NONCE];    /* for @verify, if this one is sent */
	bool on_disk;		     /* keep the answer there; else, or when it fails, in memory */
	bool as_file;		     /* give an answer from the disk as a sealed file, the same to all */
	bool fresh;		     /* what is kept does not count, unless it was fetched this second */
	ask_verify *verify;
	ask_done *done;
	void *ctx;		     /* of both; lives until @done returns */
};

struct ask_limits {
	uint32_t entries;    /* questions that are remembered */
	uint32_t under_way;  /* fetches, */
	uint32_t per_host;   /* and of them, from one host */
	uint32_t hosts;	     /* that are remembered; more than @under_way */
	uint32_t waiting;    /* who waits for them */
	uint64_t bytes;	     /* of answers in memory */
	uint32_t files;	     /* sealed files of answers that are kept open */
	uint64_t file_bytes; /* of them */
};

struct asker;

/** asker_new() - NULL: out of memory. @fetcher, @disk (may be NULL) stay the caller's. @hash: SHA-256. */
struct asker *asker_new(const struct ask_limits *limits, struct fetcher *fetcher,
			struct disk *disk);

/** asker_free() - after fetcher_free(): nobody who still waits is called. */
void asker_free(struct asker *a);

/** asker_ask() - @now: seconds since 1970. The answer, whatever it is, reaches @question->done. */
void asker_ask(struct asker *a, const struct ask_question *question, int64_t now);

/** asker_forget() - @ctx does not wait any more: its @done is not called. */
void asker_forget(struct asker *a, const void *ctx);

/** asker_time() - what the clock says now, for answers that come while fetcher_step() runs. */
void asker_time(struct asker *a, int64_t now);

uint64_t asker_fetches(const struct asker *a); /* since the start */

#endif
