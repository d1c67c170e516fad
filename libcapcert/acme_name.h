/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Identifiers of ACME orders: host names and addresses, in one form each. */
#ifndef LIBCAPCERT_ACME_NAME_H
#define LIBCAPCERT_ACME_NAME_H

#include <capcert/acme.h>
#include "core/span.h"

struct acme_name {
	uint32_t type;	/* enum capcert_acme_identifier_type */
	bool wildcard;	/* @text begins with "*." */
	char text[256]; /* A-labels in lower case without a dot at the end; addresses as RFC 5952 has them */
	uint8_t ip[16];
	size_t ip_len;	/* 4, 16; 0 = a host name */
};

/** acme_name_set() - Return: 0, -EINVAL it is none, -ENOMEM. */
int acme_name_set(struct acme_name *ret, uint32_t type, const char *value);

/** acme_name_base() - without "*.". */
const char *acme_name_base(const struct acme_name *name);

/** acme_names_same() - the same names, in whatever order; none of them stands twice in @a. */
bool acme_names_same(const struct acme_name *a, size_t a_count, const struct acme_name *b,
		     size_t b_count);

/** acme_names_find() - index of @name in @list, or -1. */
long acme_names_find(const struct acme_name *list, size_t count, const struct acme_name *name);

/** acme_names_of_cert() - the names of a certificate's subjectAltName.
 *  Return: 0; -EBADMSG it has others than host names and addresses, more than @cap, or none. */
int acme_names_of_cert(const capcert_cert *cert, struct acme_name *ret, size_t cap,
		       size_t *ret_count);

#endif
