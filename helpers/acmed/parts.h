/* SPDX-License-Identifier: GPL-2.0-only */
/* The processes of the daemon. Each part is forked from the starter, keeps the handles of its own row of
 * docs/acme.md, and speaks to the keeper over one socket. */
#ifndef HELPERS_ACMED_PARTS_H
#define HELPERS_ACMED_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "helpers/acmed/conf.h"
#include "helpers/acmed/wire.h"

enum part {
	PART_NETWORK,	/* of a certificate: one order, or a revocation */
	PART_WINDOW,	/* of a certificate: asks its CA for the ARI window */
	PART_INSTALLER, /* of a certificate */
	PART_SOLVER,	/* of a solver */
	PARTS,		/* that the keeper asks for; and what the starter has for itself: */
	PART_PORTER = PARTS, /* of an http-01 solver that does not run */
};

/** A watch of a store of slots: what the keeper has of it. */
struct slot_watch {
	const char *slots; /* the handle's name */
	int fd;		   /* -1 = none any more */
};

/** Everything that the starter knows before it forks; a secret of one CA or solver is wiped in the others' parts. */
struct world {
	struct conf *conf;
	uid_t uid;
	gid_t gid;
	/* per certificate and per CA: SHA-256 of the key's SPKI */
	uint8_t (*cert_keys)[32];
	uint8_t (*ca_keys)[32];
	int *sockets; /* per solver: what it listens on; -1 = nothing */
	bool *owned;  /* ... and it is ours to end listening, not a service manager's */
	int control;  /* listening UNIX socket; -1 = none */
	int notify;
	struct slot_watch *watches;
	size_t watch_count;
};

/** What a part holds; -1 = nothing. */
struct holdings {
	int account, tls, store, verifier, key, slots, socket;
};

/* How a network process asks; the first part of WIRE_JOB. */
enum job_kind { JOB_ORDER, JOB_REVOKE };

/** Each runs to its end, which is that of the process. @fd: of the keeper. */
int network_main(const struct world *w, size_t cert, const struct holdings *h, int fd);
int window_main(const struct world *w, size_t cert, const struct holdings *h, int fd);
int installer_main(const struct world *w, size_t cert, const struct holdings *h, int fd);
int solver_main(const struct world *w, size_t solver, const struct holdings *h, int fd);
int keeper_main(const struct world *w, int starter);
/** porter_main() - 404 to everybody, until nobody has come for a while. @fd: of the starter. */
int porter_main(const struct holdings *h, int fd);

/** starter_run() - forks the keeper, and parts as it asks. Return: an exit status. */
int starter_run(struct world *w);

/** starter_spawn() - the keeper's side: a part for entry @index. Return: its socket, or -errno. */
int starter_spawn(int starter, enum part part, size_t index);

#endif
