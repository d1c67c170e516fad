/* SPDX-License-Identifier: GPL-2.0-only */
/* What /proc/PID/fdinfo/N says about a handle. */
#ifndef KMOD_FDINFO_H
#define KMOD_FDINFO_H

struct file;
struct seq_file;

void cc_fdinfo_show(struct seq_file *m, struct file *file);

#endif
