/* SPDX-License-Identifier: GPL-2.0-only */
/* One keeper for each slot: its stapler, and whether a thread is at work on it. */
#ifndef TOOLS_SLOT_KEEPERS_H
#define TOOLS_SLOT_KEEPERS_H

#include <stdbool.h>
#include <stddef.h>
#include <capcert/slot_stapler.h>
#include "tools/statusd_ask.h"

#define KEEPERS_AT_WORK 8 /* responders asked at once */

struct keepers;

struct keeper {
	struct keepers *all;
	char name[CAPCERT_SLOT_NAME_SIZE];
	capcert_slot_stapler *stapler;
	bool named;   /* on the command line: stays when there is no such slot */
	bool changed; /* the slot, or so it may be: to be looked at */
	bool gone;    /* not wanted any more */
	bool busy;    /* the thread's, until it says that it is done */
	bool stepped; /* once at least */
	char why[ASK_WHY]; /* why the responder was asked in vain */
	struct capcert_slot_stapler_info info; /* after its last step */
	bool news; /* the last step changed something, or failed otherwise than the one before */
};

struct keepers {
	const struct args *args;
	int slots;		  /* GET and PUT */
	capcert_chain *issuers;	  /* NULL: none */
	struct keeper *list[CAPCERT_SLOT_MAX_SLOTS];
	size_t count, at_work;
	int done[2]; /* a pipe of struct keeper * */
};

/** keepers_open() - Return: 0 or -errno. */
int keepers_open(struct keepers *all);

/** keepers_close() - only when none is at work. */
void keepers_close(struct keepers *all);

struct keeper *keepers_find(const struct keepers *all, const char *name);

/** keepers_add() - one more, to be looked at; or the one that is there. Return: 0; -ENOSPC too many; -errno. */
int keepers_add(struct keepers *all, const char *name, bool named);

/** keepers_start() - give work to threads, as far as it is there at @now. */
void keepers_start(struct keepers *all, int64_t now);

/** keepers_done() - take one that has finished from the pipe; waits for it. NULL: it was not wanted any
 *  more, and is freed. */
struct keeper *keepers_done(struct keepers *all);

/** keepers_due() - when there will be work again; INT64_MAX: only when something changes. */
int64_t keepers_due(const struct keepers *all);

#endif
