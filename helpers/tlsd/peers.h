/* SPDX-License-Identifier: GPL-2.0-only */
/* How many connections there are, in all and of each peer: an IPv4 address, or the /64 of an IPv6 one,
 * which is what one customer has. Peers on UNIX sockets are counted in all only. */
#ifndef HELPERS_TLSD_PEERS_H
#define HELPERS_TLSD_PEERS_H

#include "helpers/tlsd/address.h"

struct peers;

/** peers_new() - @most connections in all, @each of a peer; 0 = as many as that.
 *  Return: 0 or -ENOMEM. */
int peers_new(unsigned int most, unsigned int each, struct peers **ret);
void peers_free(struct peers *peers);

/** peers_enter() - one more, from any thread. Return: 0; -ENFILE too many in all; -EUSERS of this one. */
int peers_enter(struct peers *peers, const struct address *who);

/** peers_leave() - one that entered is gone. */
void peers_leave(struct peers *peers, const struct address *who);

#endif
