/* SPDX-License-Identifier: GPL-2.0-only */
/* The module's own keyring of system objects. */
#ifndef KMOD_SYSTEM_H
#define KMOD_SYSTEM_H

#include <linux/key.h>

int cc_system_init(void);
void cc_system_exit(void);

/* cc_system_find() - a key with a reference, or ERR_PTR(-ENOKEY). */
struct key *cc_system_find(struct key_type *type, const char *name);

#endif
