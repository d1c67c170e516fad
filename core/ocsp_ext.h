/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Extensions of OCSP responses; for core/ itself. */
#ifndef CORE_OCSP_EXT_H
#define CORE_OCSP_EXT_H

#include "core/ocsp.h"

/** cc_ocsp_exts_parse() - @c->extensions into the fields of @c. Return: CC_OCSP_OK, _E_EXTENSION,
 *  _E_DUPLICATE, _E_TOO_LARGE. */
int cc_ocsp_exts_parse(struct cc_ocsp *c);

/** cc_ocsp_single_exts_parse() - @s->extensions into the fields of @s. The same returns. */
int cc_ocsp_single_exts_parse(struct cc_ocsp_single *s);

/** cc_ocsp_reason_get() - a CRLReason: ENUMERATED, all of @in. False when it is none. */
bool cc_ocsp_reason_get(struct cc_span in, uint8_t *ret);

#endif
