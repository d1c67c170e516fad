/* SPDX-License-Identifier: GPL-2.0-only */
/* Every difference between the kernel versions that the module builds on. */
#ifndef KMOD_COMPAT_H
#define KMOD_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "capcert needs Linux 6.1 or newer"
#endif

#endif
