/* SPDX-License-Identifier: GPL-2.0-only */
/* What every test needs: keys, handles, calls, and a look at their state. */
#ifndef KSFT_COMMON_H
#define KSFT_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <keyutils.h>
#include <linux/capcert.h>
#include <linux/capcert_agent.h>

#include "certs.h"

/* Calls return an fd, a key or 0, else -errno. */

#define T_RIGHTS_ANY (CAPCERT_RIGHT_INFO | CAPCERT_RIGHT_READ | CAPCERT_RIGHT_RESTRICT | \
		      CAPCERT_RIGHT_TRANSFER)
#define T_RIGHTS_CERT (T_RIGHTS_ANY | CAPCERT_RIGHT_PUBLIC | CAPCERT_RIGHT_VERIFY_SIG)
#define T_RIGHTS_STORE (T_RIGHTS_ANY | CAPCERT_RIGHT_VERIFY | CAPCERT_RIGHT_ADD | \
			CAPCERT_RIGHT_REMOVE)
#define T_RIGHTS_VERIFIER (T_RIGHTS_ANY | CAPCERT_RIGHT_VERIFY | CAPCERT_RIGHT_FETCH)
#define T_RIGHTS_AUDIT (T_RIGHTS_ANY | CAPCERT_RIGHT_WATCH)
#define T_RIGHTS_OUTCOME T_RIGHTS_ANY
#define T_RIGHTS_EVIDENCE T_RIGHTS_ANY
#define T_RIGHTS_KEY ((T_RIGHTS_ANY & ~CAPCERT_RIGHT_READ) | CAPCERT_RIGHT_PUBLIC | \
		      CAPCERT_RIGHT_SIGN)
#define T_RIGHTS_PINS (T_RIGHTS_ANY | CAPCERT_RIGHT_ENFORCE | CAPCERT_RIGHT_ADD | \
		       CAPCERT_RIGHT_REMOVE)
#define T_RIGHTS_SLOT ((T_RIGHTS_ANY & ~CAPCERT_RIGHT_READ) | CAPCERT_RIGHT_GET | \
		       CAPCERT_RIGHT_PUT | CAPCERT_RIGHT_LIST | CAPCERT_RIGHT_DELETE | \
		       CAPCERT_RIGHT_WATCH | CAPCERT_RIGHT_SIGN)
#define T_RIGHTS_WATCH ((T_RIGHTS_ANY & ~CAPCERT_RIGHT_READ) | CAPCERT_RIGHT_WATCH)
#define T_RIGHTS_TLS ((T_RIGHTS_ANY & ~CAPCERT_RIGHT_READ) | CAPCERT_RIGHT_USE)
uint64_t t_rights_of_kind(uint32_t kind);

/* All that the possessor may do, and the owner may see. */
#define T_PERM (KEY_POS_ALL | KEY_USR_VIEW)

/* ---- keys ---- */

/** t_session() - a fresh anonymous session keyring: nobody else's keys are possessed. */
void t_session(void);
/** t_key() - add_key() into the session keyring, then KEYCTL_SETPERM to T_PERM. */
int t_key(const char *type, const char *name, const void *payload, size_t len);
int t_key_store(const char *name);
int t_key_verifier(const char *name, const char *policy);
int t_key_cert(const char *name, const struct tcert *cert);
int t_key_pins(const char *name, const char *text);

/* ---- handles ---- */

int t_dev(void);		/* /dev/capcert, opened once per process */
int t_ioctl(int fd, unsigned long cmd, void *arg);
/** t_memfd() - a memfd with a copy of @data that is sealed by all seals but F_SEAL_FUTURE_WRITE. */
int t_memfd(const void *data, size_t len);
int t_open(int key, uint64_t rights);
int t_open_kind(int key, uint64_t rights, uint32_t *ret_kind, uint64_t *ret_id);
int t_open_name(unsigned long cmd, uint32_t kind, const char *name, uint64_t rights);
int t_open_audit(uint64_t rights);
int t_restrict(int fd, uint64_t rights);
int t_restrict_arg(int fd, struct capcert_restrict *arg);
int t_info(int fd, struct capcert_info *ret);
int t_status(struct capcert_status *ret);
/** t_settle() - STATUS once deferred frees are done. */
int t_settle(struct capcert_status *ret);
uint64_t t_handles(void);	/* STATUS.handles of t_settle() */

/* Handles of new objects with all rights; the session keyring keeps the key. */
int t_store(const char *name);
int t_verifier(const char *name, const char *policy);
int t_cert(const char *name, const struct tcert *cert);
int t_pins(const char *name, const char *text);
/** t_pin() - PINS_ADD, PINS_REMOVE of @cert's key by its SHA-256. */
int t_pin(int pins, unsigned long cmd, const struct tcert *cert, uint64_t *ret_version);

/* ---- stores ---- */

int t_add(int store, const struct tcert *cert, uint32_t purposes);
int t_add_arg(int store, const struct tcert *cert, struct capcert_add *arg);
int t_remove(int store, const struct tcert *cert);
int t_remove_subject(int store, const struct tcert *cert, uint32_t *ret_count);
int t_version(int store, struct capcert_version *ret);

/* Everything of a store that a failed call must leave alone. */
struct t_state {
	uint64_t version;
	uint32_t count;
	uint8_t digest[32];
	struct capcert_anchor *anchors;	/* owned: t_state_free() */
};

int t_state(int store, struct t_state *ret);
bool t_state_equal(const struct t_state *a, const struct t_state *b);
bool t_state_has(const struct t_state *s, const struct tcert *cert);
/** t_state_digest() - what the digest must be: core/digest.h defines it by the content. */
void t_state_digest(const struct t_state *s, uint8_t ret[32]);
void t_state_free(struct t_state *s);

/* ---- verification ---- */

#define T_CHAIN 8
struct t_verify {
	struct capcert_verify arg;
	struct capcert_outcome outcome;
	struct capcert_path_entry path[CAPCERT_MAX_PATH];
	struct capcert_blob chain[T_CHAIN];
};

/** t_verify_init() - @leaf for tlsServerAuth under name www.example.org at the kernel's time. */
#define T_NAME "www.example.org"
void t_verify_init(struct t_verify *v, int store, const struct tcert *leaf);
void t_verify_push(struct t_verify *v, const struct tcert *cert);
int t_verify_run(struct t_verify *v, int verifier);

/* ---- processes ---- */

/** t_child() - run @f in a child process. Return: its return value (0..255), or -1. */
int t_child(int (*f)(void *arg), void *arg);
/** t_drop() - become an ordinary user (uid and gid 12345) for good. */
int t_drop(void);
int t_send_fd(int sock, int fd);
int t_recv_fd(int sock);
int t_fds(void);		/* number of open fds */
/** t_fdinfo() - value of "@key:" in /proc/self/fdinfo/@fd. Return: length or -ENOENT. */
int t_fdinfo(int fd, const char *key, char *buf, size_t cap);

int64_t t_now(void);

#endif
