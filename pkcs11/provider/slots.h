/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificate slots that this process has a handle of: each one's chain and key, and news of them. */
#ifndef PKCS11_PROVIDER_SLOTS_H
#define PKCS11_PROVIDER_SLOTS_H

#include "pkcs11/provider/holdings.h"

/** slots_add() - what is in them now; keys when @rights have SIGN. Return: 0, -ENOMEM, -ENOSPC. */
int slots_add(struct holdings *h, int slots_fd, uint64_t rights);

/** slots_key() - a handle of the key that slot @name has now, for the caller to close. Return: fd or -errno. */
int slots_key(int slots_fd, const char *name);

/** slots_watch() - an fd that is readable when a slot changed from now on. Return: fd or -errno. */
int slots_watch(int slots_fd);

/** slots_heard() - take what a watch has to say. Return: 0; -errno: it will say no more. */
int slots_heard(int watch_fd);

#endif
