/* SPDX-License-Identifier: GPL-2.0-only */
/* A gate: where connections come in, what they are made of, and where they go on to. */
#ifndef HELPERS_TLSD_GATE_H
#define HELPERS_TLSD_GATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <capcert/slot.h>
#include <capcert/tls.h>
#include "helpers/tlsd/address.h"

#define GATES_MOST 32
#define ROUTES_MOST 8

/** A back end for one application protocol. */
struct route {
	const char *alpn;
	struct address to;
};

#define SLOTS_SEEN 64

/** Names of slots that were used, for the status. */
struct gate_slots {
	atomic_uint count; /* of names that can be read */
	atomic_flag busy;  /* one thread adds at a time; who finds it set leaves it to the next */
	char names[SLOTS_SEEN][CAPCERT_SLOT_NAME_SIZE];
};

struct gate {
	const char *name;   /* for logs: the address, or the name of the inherited socket */
	const char *config; /* name in CAPCERT_FDS */
	const char *acme;   /* the same, of who answers a CA that validates by tls-alpn-01; NULL = nobody */
	const char *socket; /* name of an inherited socket; NULL: @at */
	struct address at;
	struct address to; /* where what has no route goes; len 0 = such are refused */
	struct route routes[ROUTES_MOST];
	unsigned int route_count;
	const char *host; /* client side: the name that the server must prove; NULL = server side */
	bool proxy;	  /* PROXY protocol to the back end */
	bool pass_outcome;
	/* Made of that at the start: */
	int fd; /* listens; non-blocking */
	capcert_tls_context *context;
	int slots_fd; /* to look at, for the status; -1 = none */
	struct gate_slots *seen; /* NULL = nothing is noted */
};

/** gate_saw_slot() - a handshake, or a config, names this slot. From any thread. */
void gate_saw_slot(const struct gate *gate, const char *name);

/** What holds for all gates. */
struct limits {
	unsigned int workers;	 /* threads that pass octets on */
	unsigned int shakers;	 /* threads that accept, and shake hands */
	unsigned int connections; /* in all */
	unsigned int per_peer;	 /* of one IPv4 address or IPv6 /64; 0 = no limit */
	unsigned int handshake_ms; /* also for a back end to take the connection */
	unsigned int idle_ms;
	unsigned int drain_ms; /* that open connections have after SIGTERM */
};

#endif
