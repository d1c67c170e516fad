/* SPDX-License-Identifier: GPL-2.0-only */
/* Bundles in files: opened with those who may sign, stored so that a power cut harms nothing. */
#ifndef TOOLS_BUNDLE_FILE_H
#define TOOLS_BUNDLE_FILE_H

#include <capcert/bundle.h>
#include "tools/file.h"
#include "tools/opt.h"

/** bundle_read() - @signers: who may sign; NULL: signature and dates are not looked at.
 *  Return: EXIT_DONE, EXIT_NO when the signature or a date does not hold, or another status after
 *  saying why. */
int bundle_read(const char *path, const struct cert_list *signers, capcert_bundle **ret);

/** bundle_is() - is there a bundle, signed or bare, in this file? Says nothing. */
bool bundle_is(const char *path);

/** bundle_signers() - the certificates of all --bundle-cert; at least one. */
int bundle_signers(const struct args *args, struct cert_list *ret);

/** bundle_store() - the store of --bundle, and what each --override makes of it, in order. */
int bundle_store(const struct args *args, capcert_store **ret);

/** bundle_save() - write_file(), or stdout for "-". A bundle with a higher number, or the same number
 *  and other content, is kept unless @force, and so is a file that is no bundle. */
int bundle_save(const char *path, const uint8_t *data, size_t len, bool force);

#endif
