/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Extensions into struct cc_cert, and values that revocation lists have too. For core/ itself;
 * cert.h has the iterators. */
#ifndef CORE_EXT_H
#define CORE_EXT_H

#include "core/cert.h"

/** cc_exts_parse() - @c->extensions (contents of Extensions) into the fields of @c.
 *  Return: CC_CERT_OK, CC_CERT_E_EXTENSION, _DUPLICATE, _TOO_LARGE. */
int cc_exts_parse(struct cc_cert *c);

/** cc_ext_parse() - one extension's value into the fields of @c. */
bool cc_ext_parse(const struct cc_extension *ext, struct cc_cert *c);

/** cc_policies_parse(), cc_name_constraints_parse() - contents of CertificatePolicies and of
 *  NameConstraints into the fields of @c that they fill; the caller has cleared them. */
bool cc_policies_parse(struct cc_span policies, struct cc_cert *c);
bool cc_name_constraints_parse(struct cc_span seq, struct cc_cert *c);

/* AuthorityKeyIdentifier (RFC 5280 section 4.2.1.1); what is absent is empty. */
struct cc_akid {
	struct cc_span id;
	struct cc_span issuer; /* GeneralNames contents */
	struct cc_span serial;
};

bool cc_akid_parse(struct cc_span value, struct cc_akid *ret);

/** cc_general_names_valid() - contents of a GeneralNames: at least one name, all well formed. */
bool cc_general_names_valid(struct cc_span names);

/** cc_access_descriptions_parse() - an AuthorityInfoAccess or SubjectInfoAccess: its contents. */
bool cc_access_descriptions_parse(struct cc_span value, struct cc_span *ret);

#endif
