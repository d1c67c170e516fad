/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The private keys and certificates that this process possesses, by walking its keyrings. */
#ifndef PKCS11_PROVIDER_KEYRING_H
#define PKCS11_PROVIDER_KEYRING_H

#include <stdbool.h>
#include <stdint.h>

#define KEYRING_DEPTH 4
#define KEYRING_MOST 64	    /* keyrings */
#define KEYRING_LINKS 16384 /* keys in all of them */

/** keyring_walk() - @visit each capkey and capcert of process and session keyring, and of keyrings that are linked into
 *  them, once per link. What lies beyond the limits above is not seen.
 *  @visit: 0 to go on; anything else ends the walk and is returned.
 *  Return: 0, -ENOMEM. No keyring, or no permission to look, is an empty one. */
int keyring_walk(int (*visit)(void *ctx, int32_t serial, const char *type, const char *description),
		 void *ctx);

/** keyring_moved() - were keys linked or unlinked since the last walk, or revoked a second ago or earlier? */
bool keyring_moved(void);
void keyring_forget(void);

#endif
