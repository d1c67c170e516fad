/* SPDX-License-Identifier: GPL-2.0-only */
/* What is done while there are still privileges: handles are looked at, sockets bound, the folder made. */
#ifndef HELPERS_ACMED_SETUP_H
#define HELPERS_ACMED_SETUP_H

#include "helpers/acmed/parts.h"

/** setup_world() - for @conf; says on the log what is missing. @control: path of the control socket, "" = none.
 *  Return: 0 or -errno. */
int setup_world(struct world *w, struct conf *conf, const char *control);

/** setup_socket() - a bound TCP socket, or a listening UNIX one: "*:80", "192.0.2.1:80", "[::1]:80", "unix:/path".
 *  Return: fd; -EINVAL; -errno. */
int setup_socket(const char *where, bool *ret_owned);

#endif
