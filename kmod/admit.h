/* SPDX-License-Identifier: GPL-2.0-only */
/* Admission of signed bundles: first all that can be done without locks, then one short step. */
#ifndef KMOD_ADMIT_H
#define KMOD_ADMIT_H

#include "core/span.h"
#include "kmod/store.h"

/* A bundle that is ready to take effect. */
struct cc_admission;

/*
 * cc_admission_new() - check capability, signature and content of @bundle, and build what it asks
 * for. Nothing changes yet. May sleep and take long; no lock may be held. Refusals are audited.
 * @command: the ioctl's number for the audit trail, 0 for a key.
 * Return: for cc_admission_free(), or ERR_PTR as the UAPI says at ADMIT.
 */
struct cc_admission *cc_admission_new(struct cc_span bundle, u32 command);
void cc_admission_free(struct cc_admission *admission); /* NULL is fine; may sleep */

/* cc_admission_name() - the bundle's name, NUL-terminated, as long as @admission is there. */
const char *cc_admission_name(const struct cc_admission *admission);

/*
 * cc_admission_commit() - let it take effect, once, or audit why not: then nothing has changed.
 * The key service's locks may be held, but for the semaphore of the system's keyring.
 * @name: of the key it is for, which must be the bundle's; NULL: no key.
 * @object: that the key has already, which must be the system's of that name; NULL: it has none.
 * Return: the store with a reference, or ERR_PTR: -EINVAL, -EEXIST, -ESTALE, -EAGAIN, -ENOMEM.
 */
struct cc_store *cc_admission_commit(struct cc_admission *admission, const char *name,
				     const struct cc_object *object);

#endif
