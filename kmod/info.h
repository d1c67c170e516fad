/* SPDX-License-Identifier: GPL-2.0-only */
/* What is told about a handle: by INFO and by fdinfo alike. */
#ifndef KMOD_INFO_H
#define KMOD_INFO_H

#include <linux/capcert.h>

struct cc_handle;

/*
 * cc_info_fill() - everything but owner_uid and bound_pid, which depend on who asks. @info: all
 * zero but size and flags. May sleep. Return: 0 or -ENOMEM.
 */
int cc_info_fill(const struct cc_handle *handle, struct capcert_info *info);

#endif
