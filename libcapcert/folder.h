/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of a folder that are there as a whole or not at all, whenever the power goes. */
#ifndef LIBCAPCERT_FOLDER_H
#define LIBCAPCERT_FOLDER_H

#include <stddef.h>
#include <stdint.h>

#define FOLDER_NEW ".new"   /* what is being written; left over after a crash */
#define FOLDER_LOCK ".lock" /* who writes holds it */

/** folder_read() - a regular file of at most @max octets, no link. @ret: malloc()ed.
 *  Return: 0, -EBADMSG no such file or larger, -ENOMEM, -errno. */
int folder_read(int dir, const char *name, size_t max, uint8_t **ret, size_t *ret_len);

/** folder_write() - @name, mode 0644, is on the disk when this returns 0; else nothing changed. The
 *  caller holds the lock. Return: 0, -errno. */
int folder_write(int dir, const char *name, const void *data, size_t n);

/** folder_lock() - wait for and take the lock. Return: an fd whose close releases it, -errno. */
int folder_lock(int dir);

#endif
