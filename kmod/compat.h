/* SPDX-License-Identifier: GPL-2.0-only */
/* Every difference between the kernel versions that the module builds on. */
#ifndef KMOD_COMPAT_H
#define KMOD_COMPAT_H

#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/pid.h>
#include <linux/string.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "capcert needs Linux 6.1 or newer"
#endif

/*
 * cc_compat_pidfd_pid() - the struct pid behind a pidfd's file, NULL when it is none.
 *
 * pidfd_pid() is not exported. A pidfd is recognised by its file system and, where that is shared
 * by all anonymous files, by the name that only the kernel can give.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
#ifndef PID_FS_MAGIC
#define PID_FS_MAGIC 0x50494446
#endif
static inline struct pid *cc_compat_pidfd_pid(const struct file *file)
{
	const struct inode *inode = file_inode(file);

	return inode->i_sb->s_magic == PID_FS_MAGIC ? inode->i_private : NULL;
}
#else
static inline struct pid *cc_compat_pidfd_pid(const struct file *file)
{
	return file_inode(file)->i_sb->s_magic == ANON_INODE_FS_MAGIC &&
	       !strcmp(file->f_path.dentry->d_name.name, "[pidfd]") ? file->private_data : NULL;
}
#endif

#endif
