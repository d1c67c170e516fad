/* SPDX-License-Identifier: GPL-2.0-only */
/* Who the client is, and how its back end is told. */
#ifndef HELPERS_TLSD_HELLO_H
#define HELPERS_TLSD_HELLO_H

#include <stdint.h>

struct conn;

/** hello_version() - "TLSv1.3" of 0x0304; "-" of none. */
const char *hello_version(uint32_t version);

/** hello_agreed() - the handshake is over: note what was agreed, and who the peer is.
 *  Return: 0; -EKEYREJECTED a peer of whom nothing can be said; -errno. */
int hello_agreed(struct conn *conn);

/** hello_backend() - put what the back end is told in front of what the client says.
 *  Return: 0, or -errno: then it must not be told anything. */
int hello_backend(struct conn *conn);

#endif
