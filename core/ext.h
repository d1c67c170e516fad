/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Certificate extensions into struct cc_cert. For core/ itself; cert.h has the iterators. */
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

#endif
