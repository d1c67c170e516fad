// SPDX-License-Identifier: GPL-2.0-only
/* Large inputs: sealed memfds, which nobody can change any more. */
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/shmem_fs.h>

#include "kmod/memfd.h"

#define MEMFD_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* Huge pages have another inode: they are not asked for in vain, there is a limit of 16 MiB. */
static bool memfd_sealed(struct file *file)
{
	return shmem_file(file) &&
	       (READ_ONCE(SHMEM_I(file_inode(file))->seals) & MEMFD_SEALS) == MEMFD_SEALS;
}

struct file *cc_memfd_get(int fd, size_t max, size_t *ret_len)
{
	struct file *file = fd >= 0 ? fget(fd) : NULL;
	int error = 0;
	loff_t size;

	if (!file)
		return ERR_PTR(-EBADF);
	size = i_size_read(file_inode(file));
	if (!(file->f_mode & FMODE_READ))
		error = -EBADF;
	else if (!memfd_sealed(file))
		error = -EINVAL;
	else if (size <= 0)
		error = -ENODATA;
	else if (size > (loff_t)max)
		error = -EMSGSIZE;
	if (error) {
		fput(file);
		return ERR_PTR(error);
	}
	*ret_len = size;
	return file;
}

static void *memfd_copy(struct file *file, size_t size)
{
	loff_t at = 0;
	void *copy;

	copy = kvmalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!copy)
		return ERR_PTR(-ENOMEM);
	while (at < (loff_t)size) {
		ssize_t n = kernel_read(file, copy + at, size - at, &at);

		if (n <= 0) {
			kvfree(copy);
			return ERR_PTR(n ?: -EIO);
		}
	}
	return copy;
}

void *cc_memfd_read(int fd, size_t max, size_t *ret_len)
{
	struct file *file = cc_memfd_get(fd, max, ret_len);
	void *copy;

	if (IS_ERR(file))
		return ERR_CAST(file);
	copy = memfd_copy(file, *ret_len);
	fput(file);
	return copy;
}
