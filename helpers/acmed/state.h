/* SPDX-License-Identifier: GPL-2.0-only */
/* What the daemon remembers, in SQLite: accounts, orders under way, chains, failures. Each call is one
 * transaction, on the disk when it returns: killed at any moment, the daemon finds what was before the call or what
 * is after it. One process has the folder at a time. */
#ifndef HELPERS_ACMED_STATE_H
#define HELPERS_ACMED_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "helpers/acmed/schedule.h"

#define STATE_TEXT 512  /* octets of a URL or an error with its NUL */
#define STATE_CHAIN (1u << 18)

struct state;

/** state_open() - in @folder, which is there and ours.
 *  @error: 256 octets for people, on failure. Return: 0; -EBUSY another daemon has it; -EBADMSG what lies there is
 *  no state of this program, or of a later version; -errno. */
int state_open(const char *folder, struct state **ret, char *error);
void state_close(struct state *s); /* NULL is fine */

/** state_error() - of the last call that failed, one line. */
const char *state_error(const struct state *s);

/** state_newest() - the latest moment that was written down; 0 = none. */
int64_t state_newest(struct state *s);

/** state_begin(), state_commit() - state_cert() between them is one transaction together. No other change may be.
 *  Return: 0, -errno. */
int state_begin(struct state *s);
int state_commit(struct state *s);

/* ---- accounts ---- */

/** An account is that of a directory URL and a key (SHA-256 of its SPKI). state_account() - Return: 0 with the URL;
 *  -ENOENT; -errno. */
int state_account(struct state *s, const char *directory, const uint8_t key[32],
		  char ret_url[STATE_TEXT]);
int state_account_put(struct state *s, const char *directory, const uint8_t key[32],
		      const char *url);
int state_account_remove(struct state *s, const char *directory, const uint8_t key[32]);
/** state_accounts() - all of them; each() not 0 ends it. */
int state_accounts(struct state *s,
		   int (*each)(void *ctx, const char *directory, const char *url), void *ctx);

/* ---- certificates ---- */

enum state_phase {
	STATE_IDLE,	/* no order */
	STATE_WANTED,	/* an order is to be placed, or may have been: its URL is not known */
	STATE_ORDERED,	/* its URL is known */
	STATE_ISSUED,	/* the new chain is here, not yet in the slot */
};

/** One certificate of the configuration, by its name there. */
struct state_cert {
	enum state_phase phase;
	uint8_t recipe[32]; /* of the chain: digest of names, key, CA and profile that it was ordered with */
	uint8_t wanted[32]; /* alike, of the order under way */
	int64_t not_before; /* of the chain in the slot, with the facts that schedule.h takes */
	int64_t not_after;
	bool have;
	bool ari;
	int64_t ari_start, ari_end, ari_next;
	uint32_t seed;
	uint32_t failures;
	int64_t failed_at;
	int64_t not_until;
	char order[STATE_TEXT];   /* URL; "" = none */
	char failure[STATE_TEXT]; /* what the last one was; "" = none since the last success */
	char cert_id[176];	  /* RFC 9773's name of the chain in the slot; "" = none */
};

/** state_cert() - what is known of @name. One that is new gets @seed. Return: 0, -errno. */
int state_cert(struct state *s, const char *name, uint32_t seed, struct state_cert *ret);

/** The steps of an order. Each Return: 0, -ENOENT no such certificate, -errno. */
int state_want(struct state *s, const char *name, const uint8_t recipe[32], int64_t now);
int state_ordered(struct state *s, const char *name, const char *url);
/** The chain: DER certificates behind each other, leaf first; at most STATE_CHAIN octets. */
int state_issued(struct state *s, const char *name, const uint8_t *chain, size_t len);
struct state_installed {
	int64_t not_before, not_after;
	const char *cert_id;
};
/** It is in the slot: failures are forgotten, the ARI window as well. */
int state_installed(struct state *s, const char *name, const struct state_installed *what,
		    int64_t now);
/** The order came to nothing. @not_until: from Retry-After, 0 = none. @keep: the order can go on later; else it
 *  is forgotten. The chain that is in the slot stays, always. */
int state_failed(struct state *s, const char *name, const char *failure, int64_t not_until,
		 bool keep, int64_t now);

/** state_window() - what the CA suggests; @start 0 = nothing. @next: when it is asked again. */
int state_window(struct state *s, const char *name, int64_t start, int64_t end, int64_t next);

/** state_chain() - @fresh: the one that was issued and is not in the slot yet; else that of the slot.
 *  Return: 0 with octets to free(); -ENOENT. */
int state_chain(struct state *s, const char *name, bool fresh, uint8_t **ret, size_t *ret_len);

/* ---- what is published at places that outlive the daemon ---- */

/** @solver: its name in the configuration; @challenge: octets. Twice the same is one. Each Return: 0, -errno. */
int state_published(struct state *s, const char *solver, const uint8_t *challenge, size_t len);
/** state_withdrawn() - it is taken back. -ENOENT: it was not there. */
int state_withdrawn(struct state *s, const char *solver, const uint8_t *challenge, size_t len);
/** state_publications() - all of them; each() not 0 ends it. It must not change the state. */
int state_publications(struct state *s,
		       int (*each)(void *ctx, const char *solver, const uint8_t *challenge,
				   size_t len),
		       void *ctx);

/** state_facts() - for schedule_renewal(). @recipe: of the configuration now. */
void state_facts(const struct state_cert *cert, const uint8_t recipe[32],
		 struct schedule_facts *ret);

#endif
