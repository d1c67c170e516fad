/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls of the kernel module, and whether an fd is one of its handles at all. */
#ifndef LIBCAPCERT_DEVICE_H
#define LIBCAPCERT_DEVICE_H

#include <capcert/capcert.h>

/** handle_call() - one ioctl on a handle. Return: 0 or -errno. */
int handle_call(int fd, unsigned long command, void *argument);

/** device_call() - the same on /dev/capcert, opened for this call: an fd kept between calls could
 *  be closed, and its number reused, behind the library's back. */
int device_call(unsigned long command, void *argument);

/** handle_genuine() - is @fd one of the kernel's own anonymous files? A file system of somebody's
 *  own may answer any ioctl with success; it cannot have the kernel's device number.
 *  Return: 0, -EBADF, or -EBADFD. */
int handle_genuine(int fd);

/** handle_read() - capcert_read() that also tells the store version the answer belongs to. */
int handle_read(int fd, uint32_t what, uint32_t index, uint8_t **ret_data, size_t *ret_len,
		uint64_t *ret_version);

#endif
