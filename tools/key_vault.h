/* SPDX-License-Identifier: GPL-2.0-only */
/* The administrator's view of tokens: PIN, module and records as the options say. */
#ifndef TOOLS_KEY_VAULT_H
#define TOOLS_KEY_VAULT_H

#include <capcert/vault.h>
#include "tools/opt.h"

struct key_vault {
	capcert_vault *vault;
	int records; /* fd, or -1: there are none yet */
	const char *records_path;
};

/** Options of every verb that opens a token. */
#define KEY_VAULT_OPTIONS                                                                              \
	{ .name = "module", .meta = "PATH", .help = "the PKCS#11 module (default: those of p11-kit)" },  \
	{ .name = "pin-file", .meta = "FILE", .help = "the token's PIN; readable for its owner alone" }, \
	{ .name = "pin-key", .meta = "NAME", .help = "the PIN is in this kernel key of type user" },     \
	{ .name = "records", .meta = "DIR", .help = "what each key is for (" CAPCERT_KEY_RECORDS ")" },  \
	{ .name = "user", .meta = "NAME", .help = "open the token as this user (capcert-keyd, if there is one)" }

/** key_vault_open() - Return: EXIT_DONE, or another status after saying why. */
int key_vault_open(const struct args *args, struct key_vault *ret);
void key_vault_close(struct key_vault *v);

/** key_vault_as_keeper() - files of tokens belong to their keeper: become it around calls of the vault ... */
void key_vault_as_keeper(void);
/** key_vault_as_self() - ... and come back for the records. */
void key_vault_as_self(void);

/** key_vault_records() - open the records, @make: make the directory. Return: as above. */
int key_vault_records(struct key_vault *v, bool make);

/** key_vault_fail() - say what a call of the vault meant, and what to do. Return: EXIT_TROUBLE. */
int key_vault_fail(int error, const char *uri);

#endif
