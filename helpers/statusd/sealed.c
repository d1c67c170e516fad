// SPDX-License-Identifier: GPL-2.0-only
/* Sealed memfds. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "helpers/statusd/sealed.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static int fill(int fd, const uint8_t *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return fcntl(fd, F_ADD_SEALS, SEALS) < 0 ? -errno : 0;
}

int sealed_new(const void *data, size_t len)
{
	int fd = memfd_create("capcert-list", MFD_CLOEXEC | MFD_ALLOW_SEALING), r;

	if (fd < 0)
		return -errno;
	r = fill(fd, data, len);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

int sealed_map(int fd, const uint8_t **ret_data, size_t *ret_len)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) < 0)
		return -errno;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	*ret_data = p;
	*ret_len = (size_t)st.st_size;
	return 0;
}
