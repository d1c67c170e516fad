/* SPDX-License-Identifier: GPL-2.0-only */
/* How a person names a store, a verifier or a key on the command line, and the handle of it. */
#ifndef TOOLS_REF_H
#define TOOLS_REF_H

#include <capcert/capcert.h>

/**
 * ref_open() - a handle for a word.
 * @word: "fd:NAME" (inherited, named in CAPCERT_FDS) or "fd:NUMBER"; a key's serial number;
 *	"type:description" in the caller's keyrings; "system:NAME" or
 *	"system:type:NAME", what bundles made; or a description alone.
 * @kind: expected CAPCERT_KIND_*, 0 = told by the word.
 * @rights: to open a key with; an inherited handle has what it has.
 * Return: EXIT_DONE with an fd that the caller closes, or another status after saying why.
 */
int ref_open(const char *word, uint32_t kind, uint64_t rights, int *ret_fd);

/** ref_try() - the same for a word that ref_open() has opened before, with other rights: says
 *  nothing. Return: 0 or -errno. */
int ref_try(const char *word, uint32_t kind, uint64_t rights, int *ret_fd);

/** ref_kind() - kind that a word tells: from its key type or the key behind the serial. 0 =
 * unknown. */
uint32_t ref_kind(const char *word);

/** ref_ring() - keyring for a word: "@s", "@u", "@us", "@p", "@t" or a serial. NULL = the session
 *  keyring, or the user session keyring where there is none. 0 = after saying why. */
int32_t ref_ring(const char *word);

/** ref_serial() - the key behind a word, as ref_open() reads it; no handles. 0 = after saying why.
 */
int32_t ref_serial(const char *word, uint32_t kind);

/** ref_rights() - "VERIFY+INFO" for @kind (0 = unknown). */
int ref_rights(const char *text, uint32_t kind, uint64_t *ret);

/** --purpose words into a mask; each may hold several after commas. */
struct args;
int ref_purposes(const struct args *args, uint32_t *ret_mask);

#endif
