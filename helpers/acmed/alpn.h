/* SPDX-License-Identifier: GPL-2.0-only */
/* The tls-alpn-01 solver (RFC 8737): challenge certificates in slots under a prefix, for whoever terminates TLS
 * to show. It has no socket: a server with the slots does, as capcert-tlsd --acme. */
#ifndef HELPERS_ACMED_ALPN_H
#define HELPERS_ACMED_ALPN_H

#include <capcert/slot.h>
#include "helpers/acmed/wire.h"

#define ALPN_MOST  1000 /* at once; a store has 1024 slots */
#define ALPN_ERROR 256

struct alpn;

/**
 * alpn_new() - what slots under @prefix are there from before is taken away: all of them are this solver's.
 * @key: SIGN PUBLIC INFO TRANSFER, for tls-server. @slots: PUT DELETE LIST. Both, and @prefix, are the caller's, and
 * outlive it.
 * Return: 0 or -errno.
 */
int alpn_new(int key, int slots, const char *prefix, struct alpn **ret);
/** alpn_free() - after taking away what is published. NULL is fine. */
void alpn_free(struct alpn *a);

/** alpn_publish() - sign the certificate of @c, and put it into the slot of the name that the CA will ask for.
 *  @error: ALPN_ERROR octets for people, on failure.
 *  Return: 0; -EBUSY another challenge of that name is published; -ENAMETOOLONG; -ENOSPC; -errno. */
int alpn_publish(struct alpn *a, const struct challenge *c, char *error);
/** alpn_withdraw() - Return: 0; -ENOENT it is not published; -errno of the slot store. */
int alpn_withdraw(struct alpn *a, const struct challenge *c);

/** alpn_slot() - prefix and name in one. Return: 0; -EINVAL no identifier; -ENAMETOOLONG, too long for a slot. */
int alpn_slot(const char *prefix, const struct challenge *c, char ret[CAPCERT_SLOT_NAME_SIZE]);

#endif
