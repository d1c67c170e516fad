/* SPDX-License-Identifier: GPL-2.0-only */
/* A verification agent, or one for status, that says what it is told, and remembers what it was asked. */
#ifndef KSFT_FAKE_AGENT_H
#define KSFT_FAKE_AGENT_H

#include <pthread.h>

#include "common.h"

#define AGENT_BUF (2 * 1024 * 1024)

/* An answer to STATUS: @bytes of @s, unless it names a file. */
struct fake_status {
	struct capcert_agent_reply r;
	struct capcert_agent_status s;
	uint8_t bytes[1024];
};

/* What follows the reply: a path, or data, as its class has it. */
struct fake_reply {
	struct capcert_agent_reply r;
	union {
		struct capcert_path_entry path[CAPCERT_MAX_PATH + 1];
		uint8_t data[4096];
	};
};

/*
 * One thread that polls, reads and answers. @answer may do anything with the request, NULL
 * means: fill id and size into @reply and write it. Fields behind @lock change under it.
 */
struct fake_agent {
	int fd;
	uint32_t class;		/* CAPCERT_CLASS_*; 0 = VERIFY */
	int stop[2];
	pthread_t thread;
	pthread_mutex_t lock;
	void (*answer)(struct fake_agent *agent, const struct capcert_agent_request *request);
	void *user;
	struct fake_reply reply;
	unsigned int asked;	/* requests read so far */
	int write_error;	/* of the last reply: 0 or -errno */
	int read_error;		/* of the last failed read, 0 if none failed */
	uint8_t *last;		/* the newest request, whole */
	size_t last_len;
};

int agent_open(int flags);
/** agent_hello() - open and say HELLO for @class. Return: fd or -errno. */
int agent_hello(uint32_t class, int flags);
/** agent_read() - one request into @buf of AGENT_BUF. Return: length or -errno. */
int agent_read(int fd, void *buf);
/** agent_write() - @reply for request @id. Return: 0 or -errno. */
int agent_write(int fd, struct fake_reply *reply, uint64_t id);

/** agent_status() - @status with @len of its bytes for request @id. Return: 0 or -errno. */
int agent_status(int fd, struct fake_status *status, size_t len, uint64_t id);

/** agent_start() - connect and serve. Return: 0 or -errno. */
int agent_start(struct fake_agent *agent);
void agent_stop(struct fake_agent *agent);
unsigned int agent_asked(struct fake_agent *agent);

/** fake_valid() - a sane verdict: @leaf under @anchor, valid as long as both are. */
void fake_valid(struct fake_reply *reply, const struct tcert *leaf, const struct tcert *anchor);
/** fake_good() - an OCSP response that says good, of a minute ago, for @seconds from now. */
void fake_good(struct fake_status *status, int64_t seconds);
/** fake_invalid() - @leaf fails for @reason, for as long as @leaf is valid. */
void fake_invalid(struct fake_reply *reply, const struct tcert *leaf, int32_t reason);
void fake_path(struct fake_reply *reply, uint32_t at, const struct tcert *cert, uint16_t source,
	       uint16_t index);

/* The parts of a request: NULL when it does not have them. */
const uint8_t *request_name(const void *request);
const uint8_t *request_policy(const void *request);
const uint8_t *request_item(const void *request, uint32_t n, uint32_t *ret_len);

/* A call in a thread of its own. */
struct t_async {
	struct t_verify v;
	int verifier;
	int ret;
	pthread_t thread;
};

/** t_async_verify() - start a call about a name that no verdict can be cached for. */
void t_async_verify(struct t_async *a, int store, int verifier, const struct tcert *leaf,
		    uint32_t timeout_ms);
/** t_unique_name() - make @v about a name that was never asked about before. */
void t_unique_name(struct t_verify *v);
void t_async_start(struct t_async *a, int verifier);
int t_async_join(struct t_async *a);

uint64_t t_pending(void);
/** t_pending_becomes() - wait up to 30 s for STATUS.pending to be @n. */
bool t_pending_becomes(uint64_t n);
uint64_t t_ms(void);		/* monotonic */

#endif
