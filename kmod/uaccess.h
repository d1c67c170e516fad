/* SPDX-License-Identifier: GPL-2.0-only */
/* The only way to user memory besides the dispatcher: buffers that an argument struct points to. */
#ifndef KMOD_UACCESS_H
#define KMOD_UACCESS_H

#include <linux/types.h>

/*
 * cc_user_in() - a copy of @len bytes at user address @ptr, charged to the caller's memory
 * cgroup; free with kvfree(). @len 0 gives a valid empty buffer.
 * Return: the copy, ERR_PTR(-EMSGSIZE) when @len > @max, -EFAULT, -ENOMEM.
 */
void *cc_user_in(u64 ptr, size_t len, size_t max);

/* cc_user_in_array() - the same for @count elements of @size bytes; -EMSGSIZE over @max_count. */
void *cc_user_in_array(u64 ptr, size_t count, size_t size, size_t max_count);

/* cc_user_into() - exactly @len bytes into @to; for the structs of fixed size. 0 or -EFAULT. */
int cc_user_into(void *to, u64 ptr, size_t len);

/* cc_user_out() - 0 or -EFAULT. */
int cc_user_out(u64 ptr, const void *from, size_t len);

/*
 * cc_user_out_struct() - write a struct of @size bytes for a caller who knows @user_size: the
 * common part, and zeros behind it.
 */
int cc_user_out_struct(u64 ptr, size_t user_size, const void *from, size_t size);

/* cc_user_out_sized() - bytes into a buffer of @cap: *@ret_len = @len; -EMSGSIZE if too small. */
int cc_user_out_sized(u64 ptr, u32 cap, const void *from, size_t len, u32 *ret_len);

#endif
