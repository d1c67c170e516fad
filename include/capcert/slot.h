/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificate slots: named values of chain, staple, SCTs and key that change as one, and events
 * that say so. What the calls mean and refuse stands in <linux/capcert_tls.h>. */
#ifndef CAPCERT_SLOT_H
#define CAPCERT_SLOT_H

#include <stdbool.h>
#include <capcert/capcert.h>

#ifdef __cplusplus
extern "C" {
#endif

/** capcert_slot_contents - what a slot is given; zero-initialise but for @key_fd. */
struct capcert_slot_contents {
	const struct capcert_blob *chain; /* leaf first: bytes with fd -1, or certificate handles */
	size_t chain_count;		  /* at most CAPCERT_SLOT_MAX_CHAIN */
	const uint8_t *staple;		  /* DER OCSPResponse; NULL = none */
	size_t staple_len;
	const uint8_t *scts;		  /* SignedCertificateTimestampList; NULL = none */
	size_t scts_len;
	int key_fd;			  /* key handle with SIGN and TRANSFER; -1 = none */
};

/**
 * capcert_slot_put() - right PUT: the slot has this value from the return on, or stays as it was.
 * @expect: NULL = whatever is there; else the version it must have, 0 = the slot must be new.
 * @ret_version: may be NULL.
 * Return: 0; -EINVAL no slot name, or no chain; -EACCES not a slot of this handle, or a key for
 * neither tls-server nor tls-client; -EBADMSG chain, staple or SCTs are not what they must be;
 * -EKEYREJECTED the key is not the leaf's; -ESTALE not the version expected; -EMSGSIZE; -ENOSPC the
 * store is full; -EDQUOT.
 */
CAPCERT_API int capcert_slot_put(int slots_fd, const char *name,
				 const struct capcert_slot_contents *contents,
				 const uint64_t *expect, uint64_t *ret_version);

/**
 * capcert_slot_put_staple() - right PUT: replace the staple alone. Its signature is the caller's
 * to check first (capcert_slot_stapler_step() does).
 * @staple: NULL with @len 0: the slot has none any more.
 * Return: as capcert_slot_put(); -ENOENT there is no such slot.
 */
CAPCERT_API int capcert_slot_put_staple(int slots_fd, const char *name, const uint8_t *staple,
					size_t len, const uint64_t *expect, uint64_t *ret_version);

struct capcert_slot_der {
	const uint8_t *der;
	size_t len;
};

/** capcert_slot_value - one value; all of it is freed by capcert_slot_value_free(). */
struct capcert_slot_value {
	uint64_t version;	/* of the slot: equal versions are equal values */
	int64_t time;		/* of the PUT, seconds since 1970 */
	int64_t not_after;	/* of the leaf */
	int64_t staple_until;	/* last second of the staple; 0 = none, INT64_MAX = it says not */
	uint64_t key_id;	/* of the key object; 0 = no key */
	int key_fd;		/* SIGN PUBLIC INFO; -1 = none, or not asked for; take it out, and
				 * put -1 here, to keep it */
	uint8_t leaf[32];	/* SHA-256 */
	size_t chain_count;
	struct capcert_slot_der chain[CAPCERT_SLOT_MAX_CHAIN];	/* leaf first */
	const uint8_t *staple;	/* NULL = none, or its time is over */
	size_t staple_len;
	const uint8_t *scts;	/* NULL = none */
	size_t scts_len;
};

/**
 * capcert_slot_get() - right GET: the value of a slot, as one PUT made it.
 * @flags: CAPCERT_SLOT_KEY (right SIGN as well): with a handle of its key.
 * Return: 0; -ENOENT no such slot for this handle; -EACCES; -EKEYREVOKED, -EKEYEXPIRED, -ENOKEY
 * with CAPCERT_SLOT_KEY also of the slot's key; -EAGAIN it changed again and again.
 */
CAPCERT_API int capcert_slot_get(int slots_fd, const char *name, uint32_t flags,
				 struct capcert_slot_value **ret);
CAPCERT_API void capcert_slot_value_free(struct capcert_slot_value *value); /* NULL is fine */

/** capcert_slot_version() - right GET: is something new? One system call. @ret_time may be NULL.
 *  Return: 0, -ENOENT, ... */
CAPCERT_API int capcert_slot_version(int slots_fd, const char *name, uint64_t *ret_version,
				     int64_t *ret_time);

/** capcert_slot_list() - right LIST: the slots of this handle by name. A list that changes on the
 *  way may lack what came, and have what went. @ret_entries: free() it. @ret_version: of the
 *  store; may be NULL. */
CAPCERT_API int capcert_slot_list(int slots_fd, struct capcert_slot_entry **ret_entries,
				  size_t *ret_count, uint64_t *ret_version);

/** capcert_slot_delete() - right DELETE. @expect as capcert_slot_put(). Return: 0, -ENOENT,
 *  -ESTALE, -EACCES not a slot of this handle. */
CAPCERT_API int capcert_slot_delete(int slots_fd, const char *name, const uint64_t *expect,
				    uint64_t *ret_version);

/**
 * capcert_slot_watch() - right WATCH: an fd that poll() finds readable when there are events.
 * @patterns: "web/,www.example.org"; NULL = all slots of the handle.
 * @from: NULL = events from now on; else what came after the version *@from.
 * @ret_version: of the store when the watch began; may be NULL.
 * Return: 0; -EINVAL no patterns, or a version that is yet to come; -EACCES patterns of more than
 * the handle stands for; -ENOSPC too many watches. close() the fd to end the watch.
 */
CAPCERT_API int capcert_slot_watch(int slots_fd, const char *patterns, const uint64_t *from,
				   int *ret_fd, uint64_t *ret_version);

/**
 * capcert_slot_next() - events of a watch, oldest first; does not wait.
 * @count: in: room of @events; out: events, 0 = none yet.
 * A CAPCERT_SLOT_EVENT_RESYNC stands for events that the store has forgotten: look at the slots.
 * Return: 0; -EKEYREVOKED, -EKEYEXPIRED, -ENOKEY: there will be no more.
 */
CAPCERT_API int capcert_slot_next(int watch_fd, struct capcert_slot_event *events,
				  uint32_t *count);

/** capcert_slot_restrict() - right RESTRICT: a handle with fewer rights and slots.
 *  @patterns: NULL = as the handle. @pidfd: of the process that alone may use it (needs TRANSFER),
 *  -1 = not bound so. */
CAPCERT_API int capcert_slot_restrict(int slots_fd, uint64_t rights, const char *patterns,
				      int pidfd, int *ret_fd);

/** capcert_slot_name_valid() - is @name a slot's name? */
CAPCERT_API bool capcert_slot_name_valid(const char *name);

/** capcert_slot_patterns_valid() - is @patterns a list of names and prefixes? */
CAPCERT_API bool capcert_slot_patterns_valid(const char *patterns);

/**
 * capcert_slot_for_host() - which slots may serve @host, best first: for each pattern the slot
 * whose last part is the host, then for each the one that is "*." and the host without its first
 * label. Upper case in @host is taken as lower.
 * @patterns: NULL or "" = all slots.
 * @at: 0 at first; the next call goes on from it.
 * Return: 0 with @ret_name; -ENOENT there are no more.
 */
CAPCERT_API int capcert_slot_for_host(const char *patterns, const char *host, uint32_t *at,
				      char ret_name[CAPCERT_SLOT_NAME_SIZE]);

#ifdef __cplusplus
}
#endif
#endif
