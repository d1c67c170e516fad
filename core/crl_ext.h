/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Extensions of lists and entries into struct cc_crl and struct cc_crl_entry. For core/ itself. */
#ifndef CORE_CRL_EXT_H
#define CORE_CRL_EXT_H

#include "core/crl.h"

/** cc_crl_exts_parse() - @c->extensions into the fields of @c. Return: CC_CRL_OK or CC_CRL_E_*. */
int cc_crl_exts_parse(struct cc_crl *c);

/** cc_crl_entry_exts_parse() - contents of crlEntryExtensions into @entry. */
int cc_crl_entry_exts_parse(struct cc_span list, struct cc_crl_entry *entry);

#endif
