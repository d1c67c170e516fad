/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Modules, the tokens found in them, and the sessions that are open with each. */
#ifndef PKCS11_CONSUMER_TOKEN_H
#define PKCS11_CONSUMER_TOKEN_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>
#include <capcert/vault.h>

#define SESSIONS_MOST 64

struct module {
	CK_FUNCTION_LIST *f;
	bool up;	  /* initialised */
	unsigned int resets;
	int64_t reset_at; /* CLOCK_MONOTONIC, seconds */
};

/* A token stays in the list of its vault when it is taken away: what its PIN did is remembered. */
struct token {
	struct token *next;
	struct module *module;
	CK_SLOT_ID slot; /* where it was seen last */
	CK_TOKEN_INFO info;
	uint32_t source; /* CAPCERT_KEY_* */
	char label[33];
	char serial[17];

	pthread_mutex_t lock; /* everything below */
	pthread_cond_t freed;
	uint64_t epoch; /* sessions and object handles of another one are dead */
	unsigned int limit, open, idle_count;
	unsigned int writers; /* sessions beside those */
	CK_SESSION_HANDLE idle[SESSIONS_MOST];
	bool logged_in;
	enum { PIN_UNASKED, PIN_KNOWN, PIN_REFUSED } pin_state;
	int pin_len;
	char pin[CAPCERT_VAULT_MAX_PIN];
};

struct capcert_vault {
	struct capcert_vault_options options;
	struct module *modules;
	size_t module_count;
	CK_FUNCTION_LIST **loaded; /* p11-kit's list, NULL: each by itself */
	pthread_rwlock_t gate;	   /* read: a call into a module; write: its initialisation */
	pthread_mutex_t lock;	   /* the lists below; taken before a token's */
	struct token *tokens;
	void *keys; /* keys.c */
	size_t key_count;
};

/** rv_error() - -errno of what a module said; -ENODEV for all that may be over after a new start. */
int rv_error(CK_RV rv);

/** token_find() - the one present token that @uri matches. Return: 0, -ENODEV, -ENOTUNIQ, -ENOMEM. */
int token_find(capcert_vault *v, P11KitUri *uri, struct token **ret);

struct session {
	CK_SESSION_HANDLE handle;
	uint64_t epoch;
	bool pooled;
};

/** session_get() - logged in; waits while all that the token allows are in use. Sessions for @writing are not
 *  kept. Return: 0 or -errno of <capcert/vault.h>. */
int session_get(capcert_vault *v, struct token *t, bool writing, struct session *ret);

/** session_put() - @good: nothing is under way in it. */
void session_put(struct token *t, const struct session *s, bool good);

/** token_reset() - forget all sessions: the token says, or it seems, that they are dead. @epoch: the one
 *  that is over; when a later one has begun, nothing happens. */
void token_reset(struct token *t, uint64_t epoch);

/** modules_reset() - finalise and initialise the modules, at most once a second. @resets: how often it had
 *  been done when the trouble began. Return: is it worth to try again? */
bool modules_reset(capcert_vault *v, unsigned int resets);

unsigned int modules_resets(capcert_vault *v);

/** vault_warn() - to whoever runs this. */
void vault_warn(capcert_vault *v, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** vault_run() - @once with the gate open for reading, again when the token seemed to be gone and may
 *  be back. */
int vault_run(capcert_vault *v, int (*once)(capcert_vault *v, void *ctx), void *ctx);

/** vault_new_of() - capcert_vault_new() of modules that are loaded already, not initialised; the array is
 *  copied. */
int vault_new_of(const struct capcert_vault_options *options, CK_FUNCTION_LIST *const *modules,
		 size_t count, capcert_vault **ret);

#endif
