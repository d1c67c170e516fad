/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates and keys that no store can make good again. */
#ifndef LIBCAPCERT_DISTRUST_H
#define LIBCAPCERT_DISTRUST_H

#include "capcert/verify.h"
#include "core/cert.h"

/** distrust_empty() - nothing is on the list (or there is none). */
bool distrust_empty(const capcert_distrust_list *list);

/** distrust_has() - is the certificate, its key, or its issuer and serial number on the list?
 *  @fingerprint: of @cert. @list may be NULL. */
bool distrust_has(const capcert_distrust_list *list, const struct cc_cert *cert,
		  const uint8_t fingerprint[32]);

#endif
