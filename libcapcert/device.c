// SPDX-License-Identifier: LGPL-2.1-or-later
/* The only file that talks to the kernel module. */
#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "libcapcert/device.h"

int handle_call(int fd, unsigned long command, void *argument)
{
	if (fd < 0)
		return -EBADF;
	return ioctl(fd, command, argument) < 0 ? -errno : 0;
}

int device_call(unsigned long command, void *argument)
{
	int fd = open(CAPCERT_DEVICE, O_RDWR | O_CLOEXEC | O_NOCTTY);
	int r;

	if (fd < 0)
		return -errno;
	r = handle_call(fd, command, argument);
	close(fd);
	return r;
}

int handle_genuine(int fd)
{
	struct stat ours, theirs;
	int probe, r = 0;

	if (fstat(fd, &theirs) < 0)
		return -errno;
	/* All anonymous inodes live on one mount of the kernel's; an eventfd is one for certain. */
	probe = eventfd(0, EFD_CLOEXEC);
	if (probe < 0)
		return -errno;
	if (fstat(probe, &ours) < 0)
		r = -errno;
	else if (ours.st_dev != theirs.st_dev)
		r = -EBADFD;
	close(probe);
	return r;
}
