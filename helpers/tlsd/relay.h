/* SPDX-License-Identifier: GPL-2.0-only */
/* Octets between two connected stream sockets, each with TLS or without. Nothing here waits, and no more
 * is held than a buffer for each direction: who reads slowly is written to slowly. */
#ifndef HELPERS_TLSD_RELAY_H
#define HELPERS_TLSD_RELAY_H

#include <stdbool.h>
#include <stdint.h>
#include <capcert/tls.h>

#define RELAY_BUFFER 16384 /* octets; what a TLS record has */

struct relay_end {
	int fd;		  /* non-blocking; -1 = none */
	capcert_tls *tls; /* NULL = plain; its handshake is over */
	size_t retry;	  /* octets of a write that has to be made again */
};

/* From end number i to the other one. */
struct relay_flow {
	uint8_t *buf; /* only while there is something in it */
	uint32_t at, len;
	bool eof;    /* the source has no more; */
	bool broken; /* and it did not say so properly */
	bool done;   /* the sink was told so, or wants nothing any more */
	uint64_t octets;
};

struct relay {
	struct relay_end ends[2];
	struct relay_flow flows[2];
	int pass_fd;	    /* goes with the first octet to ends[1], a UNIX socket; -1 = none */
	int error;	    /* -errno of the end that failed first; 0 = none */
	unsigned int where; /* its number */
};

enum relay_next {
	RELAY_WAIT,  /* for an edge on one of the sockets */
	RELAY_AGAIN, /* there is more to do, but others want to have their turn */
	RELAY_OVER,
};

/** relay_init() - no ends yet. */
void relay_init(struct relay *relay);

/** relay_put() - something of this end's own, in front of what ends[@from] has to say.
 *  Return: 0; -EMSGSIZE, -ENOMEM. */
int relay_put(struct relay *relay, unsigned int from, const void *data, size_t len);

/**
 * relay_step() - whatever can be done now. After RELAY_WAIT the sockets have been used until they would
 * block, as edge-triggered polling wants it.
 */
enum relay_next relay_step(struct relay *relay);

/** relay_moved() - octets that came from either end; grows as long as there is life. */
uint64_t relay_moved(const struct relay *relay);

/**
 * relay_end() - close both ends. One that must not take what it got for all there was is reset: a plain
 * TCP socket by RST, TLS by ending without close_notify.
 */
void relay_end(struct relay *relay);

#endif
