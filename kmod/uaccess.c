// SPDX-License-Identifier: GPL-2.0-only
/* The only way to user memory besides the dispatcher: buffers that an argument struct points to. */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "kmod/uaccess.h"

void *cc_user_in(u64 ptr, size_t len, size_t max)
{
	void *p;

	if (len > max)
		return ERR_PTR(-EMSGSIZE);
	p = kvmalloc(len ?: 1, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!p)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(p, u64_to_user_ptr(ptr), len)) {
		kvfree(p);
		return ERR_PTR(-EFAULT);
	}
	return p;
}

void *cc_user_in_array(u64 ptr, size_t count, size_t size, size_t max_count)
{
	size_t len;

	if (count > max_count || check_mul_overflow(count, size, &len))
		return ERR_PTR(-EMSGSIZE);
	return cc_user_in(ptr, len, len);
}

int cc_user_into(void *to, u64 ptr, size_t len)
{
	return copy_from_user(to, u64_to_user_ptr(ptr), len) ? -EFAULT : 0;
}

int cc_user_out(u64 ptr, const void *from, size_t len)
{
	return copy_to_user(u64_to_user_ptr(ptr), from, len) ? -EFAULT : 0;
}

int cc_user_out_struct(u64 ptr, size_t user_size, const void *from, size_t size)
{
	size_t common = min(user_size, size);

	if (cc_user_out(ptr, from, common))
		return -EFAULT;
	return clear_user(u64_to_user_ptr(ptr + common), user_size - common) ? -EFAULT : 0;
}

int cc_user_out_sized(u64 ptr, u32 cap, const void *from, size_t len, u32 *ret_len)
{
	if (len > cap) {
		*ret_len = (u32)len;
		return -EMSGSIZE;
	}
	if (cc_user_out(ptr, from, len))
		return -EFAULT;
	*ret_len = (u32)len;
	return 0;
}
