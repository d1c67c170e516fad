/* SPDX-License-Identifier: GPL-2.0-only */
/* The audit trail by service: who verifies, who asks for revocation status, and since when not any more. */
#ifndef TOOLS_AUDIT_SUMMARY_H
#define TOOLS_AUDIT_SUMMARY_H

#include <capcert/capcert.h>

struct audit_summary;

/** audit_summary_new() - NULL: out of memory. */
struct audit_summary *audit_summary_new(void);

/** audit_summary_add() - the next record. Return: 0 or -ENOMEM. */
int audit_summary_add(struct audit_summary *s, const struct capcert_audit_record *r);

/** audit_summary_show() - as a table or JSON. @lost: records that are gone. Return: an exit status. */
int audit_summary_show(const struct audit_summary *s, uint64_t lost);

void audit_summary_free(struct audit_summary *s);

#endif
