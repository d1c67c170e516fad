/* SPDX-License-Identifier: GPL-2.0-only */
/* PINs of tokens: read while this is still root, kept out of every dump, asked for once. */
#ifndef KEYD_PIN_H
#define KEYD_PIN_H

#include <capcert/vault.h>

#define PINS_MOST 32

struct pins;

/** pins_new() - in memory that is not swapped, dumped or given to a child. Return: 0 or -errno. */
int pins_new(struct pins **ret);

/**
 * pins_read() - the PIN of the token @label: from the file "pin.LABEL" in @dir when that is not NULL, in
 * $CREDENTIALS_DIRECTORY (systemd.exec(5)), or from the key "capcert-keyd:pin:LABEL" of type user in
 * the keyrings of this process or the user keyring. One line end at the end is not of it.
 * Return: 0; -ENOENT: nowhere; -EPERM: others may read the file; -EINVAL: empty or too long; -errno.
 */
int pins_read(struct pins *pins, const char *dir, const char *label);

/** pins_get() - for struct capcert_vault_options; @ctx: a struct pins. */
int pins_get(void *ctx, const char *label, const char *serial, char buf[CAPCERT_VAULT_MAX_PIN]);

#endif
