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

/* A challenge that a solver has published, or is to publish or to take back. */
struct published {
	struct published *next;
	size_t solver;
	unsigned int deaths; /* of the solver, with this among what it had published */
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
	unsigned int publications; /* so far; a network process that wants too many is none of ours */
};

#define NO_REASON (-2) /* nobody asked for a revocation */

/* A certificate of the configuration. Times are monotonic ms. */
struct entry {
	struct state_cert known; /* as it stands on the disk */
	uint8_t recipe[32];
	struct job *job;
	bool restore; /* its slot may be empty: look, from @restore_at on */
	int64_t restore_at;
	bool now;	/* somebody asked for it: no waiting */
	bool asked;	/* ... and waits for the outcome */
	uint32_t ended; /* of what somebody asked for: how much came to an end, good or bad */
	int revoke;	/* reason to revoke it for, or NO_REASON */
	int64_t look_at;
	char *trouble; /* what is not on the disk: a revocation that was refused, a disk that is full; or NULL */
};

/* A question to a solver that it has not answered. It owns @what. */
struct waiting {
	struct waiting *next;
	uint32_t id;
	struct job *job; /* NULL: nobody wants the answer */
	size_t solver;
	struct published *what;
	bool withdraw; /* it is to be taken back; else to be published */
	bool gone;     /* the solver that was asked is dead */
	bool again;    /* it was published by a solver that died; the job knows nothing of it */
};

/* What is known of a CA. */
struct authority {
	int64_t windowless;    /* it has no windows, and is not asked for any before then; 0 = may have */
	bool accountless;      /* our key has no account there yet, as far as we know */
	unsigned int silences; /* in a row: it was down, or did not answer */
	int64_t quiet_until;   /* monotonic ms: ... and is left alone until then */
};

struct running {
	int fd; /* -1 = the solver does not run */
	size_t published;
};

struct client;

/* The next job. */
struct turn {
	size_t cert;
	enum job_task task;
	int64_t wait_ms; /* when there is none: until there is */
};

struct keeper {
	const struct world *w;
	const struct conf *conf;
	int starter;
	struct state *state;
	struct entry *entries;
	struct job *jobs[64];
	size_t job_count;
	struct running *solvers;
	struct authority *cas; /* of the configuration */
	struct waiting *waiting;
	uint32_t ids;
	int64_t began; /* monotonic ms */
	bool clock_said;
	struct client *clients[16];
};

/** turn_next() - whose turn it is. Pure. @now: seconds since 1970; @ms: monotonic; @clock: may renewals begin by @now?
 *  Return: whether there is a job to start; else @ret->wait_ms is at most a minute. */
bool turn_next(const struct keeper *k, int64_t now, int64_t ms, bool clock, struct turn *ret);

/** turn_silence(), turn_heard() - a job found that its CA does not answer, or that it does. Pure. */
void turn_silence(struct keeper *k, size_t ca, int64_t ms);
void turn_heard(struct keeper *k, size_t ca);

int64_t keeper_now_ms(void);
/** keeper_clock_ok() - may renewals begin by this clock? */
bool keeper_clock_ok(struct keeper *k, int64_t now);
/** keeper_reload() - an entry from the disk, after a change. */
int keeper_reload(struct keeper *k, size_t cert);
/** keeper_trouble() - for status and log. @why NULL: there is none any more. */
void keeper_trouble(struct keeper *k, size_t cert, const char *why);

/** slots_happened() - a watch of slots is readable: who has lost his certificate gets it back. */
void slots_happened(struct keeper *k, size_t watch);

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
/** publish_clean() - at the start: what was published when the daemon was killed is taken back. */
int publish_clean(struct keeper *k);
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
/** control_answer() - to one line of JSON. Return: a new reference; NULL when there is no memory. */
struct json_t *control_answer(struct keeper *k, const char *line, size_t len);

#endif
