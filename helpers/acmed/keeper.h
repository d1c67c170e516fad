/* SPDX-License-Identifier: GPL-2.0-only */
/* The process that decides: what is due, what was done. It has no handle. */
#ifndef HELPERS_ACMED_KEEPER_H
#define HELPERS_ACMED_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "helpers/acmed/parts.h"
#include "helpers/acmed/schedule.h"
#include "helpers/acmed/state.h"

enum job_task { TASK_ORDER, TASK_RESTORE, TASK_WINDOW, TASK_REVOKE };

/* A challenge that a solver of a job has published. */
struct published {
	struct published *next;
	size_t solver;
	struct challenge challenge; /* texts behind it */
	char texts[];
};

struct job {
	enum job_task task;
	size_t cert;
	int installer, network; /* sockets; -1 = none */
	bool maybe;		/* an order of which the URL is not known may have been placed */
	bool chain;		/* it is with the keeper */
	int reason;		/* TASK_REVOKE */
	int64_t until;		/* monotonic ms: longer takes none */
	struct published *published;
};

/* A certificate of the configuration. */
struct entry {
	struct state_cert known; /* as it stands on the disk */
	uint8_t recipe[32];
	struct job *job;
	bool restore;	     /* its slot may be empty: look, from @look_at on (monotonic ms) */
	bool now;	     /* somebody asked for it: no waiting */
	int revoke;	     /* reason to revoke it for; -2 = nobody asked */
	int64_t look_at;
};

struct waiting {
	struct waiting *next;
	uint32_t id;
	struct job *job; /* NULL: it is gone, nobody wants the answer */
	size_t solver;
	struct published *what; /* of a publication */
};

struct running {
	int fd; /* -1 = the solver does not run */
	size_t published;
};

struct client;

struct keeper {
	const struct world *w;
	const struct conf *conf;
	int starter;
	struct state *state;
	struct entry *entries;
	struct job *jobs[64];
	size_t job_count;
	struct running *solvers;
	struct waiting *waiting;
	uint32_t ids;
	int64_t began; /* monotonic ms */
	bool clock_said;
	struct client *clients[16];
};

int64_t keeper_now_ms(void);
/** keeper_clock_ok() - may renewals begin by this clock? */
bool keeper_clock_ok(struct keeper *k, int64_t now);
/** keeper_reload() - an entry from the disk, after a change. */
int keeper_reload(struct keeper *k, size_t cert);

/* ---- job.c ---- */
int job_start(struct keeper *k, enum job_task task, size_t cert);
/** One message of its installer, or of its network process. The job may be gone afterwards. */
void job_installer(struct keeper *k, struct job *j);
void job_network(struct keeper *k, struct job *j);
/** job_fail() - write down why, and end it. */
void job_fail(struct keeper *k, struct job *j, const char *why, int64_t not_until, bool keep);
/** job_answer() - WIRE_DONE to the network process. */
int job_answer(struct job *j, int error, const char *text);

/* ---- publish.c ---- */
/** The message that was received is a challenge of @j. */
void publish_request(struct keeper *k, struct job *j, struct wire *wire);
/** A solver has answered, or is gone. */
void publish_answer(struct keeper *k, size_t solver, struct wire *wire);
/** The job ends: what it published is taken back. */
void publish_forget(struct keeper *k, struct job *j);

/* ---- control.c ---- */
void control_accept(struct keeper *k);
int control_fd(const struct keeper *k, size_t client, short *ret_events);
void control_step(struct keeper *k, size_t client);

#endif
