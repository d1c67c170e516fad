/* SPDX-License-Identifier: GPL-2.0-only */
/* What evidence.c and evidence_file.c know of one another. */
#ifndef KMOD_EVIDENCE_FILE_H
#define KMOD_EVIDENCE_FILE_H

#include "kmod/evidence.h"

/* cc_evidence_alloc() - charged with @len bytes, which are not there yet; or an ERR_PTR. */
struct cc_evidence *cc_evidence_alloc(u32 type, size_t len);

/* cc_evidence_file_forget() - the last reference is gone: off the table, the file put. */
void cc_evidence_file_forget(struct cc_evidence *evidence);

int cc_evidence_file_out(const struct cc_evidence *evidence, u64 ptr, u32 cap, u32 *ret_len);

#endif
