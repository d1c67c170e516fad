/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where holdings come from and signatures are made: the handles and keyrings of this process. The one
 * part of the provider that talks to the kernel; unit tests have another one of keys in memory. */
#ifndef PKCS11_PROVIDER_SOURCE_H
#define PKCS11_PROVIDER_SOURCE_H

#include "pkcs11/provider/holdings.h"

/* All of these under the module's lock but source_sign(). */

/** source_scan() - everything there is now. Return: 0, -ENOMEM, -ENOSPC; what cannot be read is
 *  not there. */
int source_scan(struct holdings *ret);

/** source_moved() - could a scan give anything else than the last one gave? Costs a few system calls,
 *  whatever the number of keys. */
bool source_moved(void);

/** source_watch() - up to @most fds that become readable when something changes from now on, for the caller
 *  to close. What has none (keyrings) is only seen by source_moved(). Return: how many. */
size_t source_watch(int *ret, size_t most);

/** source_heard() - take what such an fd has to say. Return: 0; -errno: it will say no more. */
int source_heard(int watch);

/** source_forget() - as if nothing had been scanned. */
void source_forget(void);

/** source_key_fd() - the handle to sign with, made sure to be of this very key: programs close what
 *  they inherited, and the number is another file then.
 *  Return: fd, which stays the key's; -EBADF it is not there any more; -EKEYREVOKED ... */
int source_key_fd(struct held_key *key);

/** source_release() - close what source_key_fd() opened, unless the program did and the number is another
 *  file's. */
void source_release(struct held_key *key);

/** source_sign() - capcert_key_sign(), with patience where others are served first. */
int source_sign(int fd, bool limited, uint32_t purpose, uint32_t scheme, uint32_t flags,
		const void *data, size_t len, uint8_t *signature, size_t *signature_len);

#endif
