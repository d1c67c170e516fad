/* SPDX-License-Identifier: GPL-2.0-only */
/* What capcert-statusd keeps for its work: name resolution, connections, its own folder. */
#ifndef HELPERS_STATUSD_WALLS_H
#define HELPERS_STATUSD_WALLS_H

#include <sys/types.h>

/** walls_up() - become @uid and @gid if root, give up privileges, and files but for those that resolving
 *  names takes, the roots of https, and @folder (NULL: none). Before the first byte from anybody.
 *  Return: 0; -errno. */
int walls_up(uid_t uid, gid_t gid, const char *folder);

#endif
