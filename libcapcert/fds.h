/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Named handles that a process was started with. */
#ifndef LIBCAPCERT_FDS_H
#define LIBCAPCERT_FDS_H

#include <stddef.h>

/** fds_find() - the number that "name=fd,name=fd" gives for @name.
 *  Return: fd, -ENOENT, or -EINVAL when any part of @text is malformed or stands twice. */
int fds_find(const char *text, const char *name);

/** fds_at() - entry number @index. Return: fd, -ENOENT behind the last, -EINVAL as above, -EMSGSIZE
 *  when the name does not fit. */
int fds_at(const char *text, size_t index, char *name, size_t cap);

#endif
