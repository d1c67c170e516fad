// SPDX-License-Identifier: LGPL-2.1-or-later
/* Signed bundles into the kernel, and the floors below which it takes none. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "libcapcert/device.h"

static int write_all(int fd, const uint8_t *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done < 0 ? -errno : -EIO;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

/* What the kernel takes cannot change any more while it looks. */
static int seal(const uint8_t *bundle, size_t len)
{
	int fd = memfd_create("bundle", MFD_CLOEXEC | MFD_ALLOW_SEALING), r;

	if (fd < 0)
		return -errno;
	r = write_all(fd, bundle, len);
	if (r == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		r = -errno;
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

int capcert_admit(const uint8_t *bundle, size_t len, struct capcert_admit *ret)
{
	struct capcert_admit arg = { .size = sizeof(arg) };
	int r;

	if (len > CAPCERT_MAX_BUNDLE)
		return -EMSGSIZE;
	arg.fd = seal(bundle, len);
	if (arg.fd < 0)
		return arg.fd;
	r = device_call(CAPCERT_ADMIT, &arg);
	close(arg.fd);
	if (r == 0 && ret)
		*ret = arg;
	return r;
}

int capcert_floor(const char *name, uint64_t raise, uint64_t *ret_floor)
{
	struct capcert_floor arg = { .size = sizeof(arg), .number = raise };
	size_t n = strlen(name);
	int r;

	if (n > 63)
		return -EINVAL;
	arg.name = (uint64_t)(uintptr_t)name;
	arg.name_len = (uint32_t)n;
	r = device_call(CAPCERT_FLOOR, &arg);
	if (r == 0 && ret_floor)
		*ret_floor = arg.number;
	return r;
}
