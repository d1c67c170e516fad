/* SPDX-License-Identifier: GPL-2.0-only */
/* One connection from accept(2) to its end: TLS is agreed with one side, the other side is dialled, and
 * octets go to and fro. Nothing here waits or looks at a clock. */
#ifndef HELPERS_TLSD_CONN_H
#define HELPERS_TLSD_CONN_H

#include "helpers/tlsd/gate.h"
#include "helpers/tlsd/relay.h"
#include "helpers/tlsd/stats.h"

enum conn_phase {
	CONN_SHAKE, /* hands, with the side that has TLS */
	CONN_DIAL,  /* the other side */
	CONN_RELAY,
	CONN_PHASES,
};

struct conn_list;

struct conn {
	enum conn_phase phase;
	const struct gate *gate;
	struct stats *stats;
	struct relay relay; /* end 0 came to us, end 1 we went to */
	struct address peer, local;
	int64_t started; /* ms, of a clock that only goes forward */
	int64_t touched; /* ms: since when there is nothing new in this phase */
	uint64_t seen;	 /* octets until then */
	struct capcert_tls_session session; /* once agreed */
	bool verified;
	uint8_t leaf[32]; /* SHA-256 of the verified client's certificate */
	char client[256]; /* its common name; "" = none */
	bool ended;	  /* it was logged */
	/* its worker's: */
	struct conn_list *list; /* of one phase, longest silent first */
	struct conn *prev, *next;
	struct conn *chain;	/* of those that are ready, gone, or on their way */
	bool watched[2], ready, gone;
};

struct conn_list {
	struct conn *first, *last;
};

enum conn_next {
	CONN_WAIT,
	CONN_AGAIN, /* call conn_step() again soon */
	CONN_MORE,  /* a phase is over, and there may be a new fd: look at the ends, and call again */
	CONN_OVER,
};

/**
 * conn_new() - of an accepted socket, which is the connection's from here on, also on failure.
 * Return: 0; -ENOMEM; else as capcert_tls_server() or address_dial().
 */
int conn_new(const struct gate *gate, struct stats *stats, int fd, const struct address *peer,
	     int64_t now, struct conn **ret);

/** conn_step() - what can be done now; all fds of it are used until they would block. */
enum conn_next conn_step(struct conn *conn, int64_t now);

/** conn_waits_for_room() - nothing tells when its back end has room again: step now and then. */
bool conn_waits_for_room(const struct conn *conn);

/** conn_judge_fd() - what else to poll for reading: a verification under way; -1 = nothing. */
int conn_judge_fd(const struct conn *conn);

/** conn_patience() - ms since @conn->touched after which conn_expire() is due. */
unsigned int conn_patience(const struct conn *conn, const struct limits *limits);

/** conn_expire() - it is silent for too long. */
void conn_expire(struct conn *conn, int64_t now);

/** conn_free() - close it, and write the line about its end unless there is one. @why: for a connection
 *  that did not end by itself. */
void conn_free(struct conn *conn, int64_t now, const char *why);

#endif
