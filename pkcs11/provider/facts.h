/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What one handle or certificate is, put into holdings. What cannot be read is not there. */
#ifndef PKCS11_PROVIDER_FACTS_H
#define PKCS11_PROVIDER_FACTS_H

#include "pkcs11/provider/holdings.h"

/** facts_key() - the key behind @fd. @key: says where it comes from, and its label. Return: 0, -ENOMEM, -ENOSPC. */
int facts_key(struct holdings *h, int fd, bool signs, struct held_key *key);

/** facts_cert() - @held->cert becomes the holdings'; its hash is filled in. Return: as facts_key(). */
int facts_cert(struct holdings *h, struct held_cert *held);

/** facts_label() - @name, as much of it as fits. @ret: HELD_LABEL octets. */
void facts_label(char *ret, const char *name);

/** facts_label_of() - the common name where the subject begins with one, else all of the subject. */
void facts_label_of(const capcert_cert *cert, char *ret);

#endif
