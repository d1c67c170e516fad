/* SPDX-License-Identifier: GPL-2.0-only */
/* Large inputs: sealed memfds, which nobody can change any more. */
#ifndef KMOD_MEMFD_H
#define KMOD_MEMFD_H

#include <linux/types.h>

struct file;

/*
 * cc_memfd_get() - the file behind @fd, which nobody can change any more; fput() it.
 * @ret_len: its bytes, 1 to @max.
 * Return: the file, or ERR_PTR as cc_memfd_read(), but for -ENOMEM and -EIO.
 */
struct file *cc_memfd_get(int fd, size_t max, size_t *ret_len);

/*
 * cc_memfd_read() - a copy of the whole memfd, charged to the caller's memory cgroup; free with
 * kvfree(). May sleep.
 * @max: bytes.
 * @ret_len: bytes of the copy.
 * Return: the copy, or ERR_PTR: -EBADF @fd is not open for reading; -EINVAL no memfd, or not sealed
 * by all of F_SEAL_SEAL, SHRINK, GROW, WRITE; -ENODATA it is empty; -EMSGSIZE over @max; -ENOMEM,
 * -EIO.
 */
void *cc_memfd_read(int fd, size_t max, size_t *ret_len);

#endif
