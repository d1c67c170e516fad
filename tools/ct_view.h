/* SPDX-License-Identifier: GPL-2.0-only */
/* SCTs of a verified leaf, one by one, for people and as JSON. */
#ifndef TOOLS_CT_VIEW_H
#define TOOLS_CT_VIEW_H

#include <capcert/ct.h>
#include <capcert/verify.h>
#include "tools/tool.h"

/** ct_logs_load() - what --ctlogs names; with --ct alone, the list that is compiled in; without
 *  either *@ret stays. Return: EXIT_DONE, or another status after saying why. */
int ct_logs_load(const struct args *args, capcert_loglist **ret);

/** ct_logs_system() - the system's list of CT logs, which verifications through the kernel count by;
 *  *@ret stays where there is none. */
int ct_logs_system(capcert_loglist **ret);

/** ct_scts_load() - those in the leaf, and in the files of --scts (a SignedCertificateTimestampList
 *  each). */
int ct_scts_load(const struct args *args, const capcert_chain *chain, capcert_scts **ret);

/** ct_evidence_load() - the files of --scts into @evidence. */
int ct_evidence_load(const struct args *args, capcert_evidence *evidence);

/** ct_view_new() - each SCT judged at @time. @issuer: NULL not known. */
int ct_view_new(const capcert_loglist *logs, const capcert_scts *scts, const capcert_cert *leaf,
		const capcert_cert *issuer, int64_t time, struct capcert_ct_report **ret);

/** ct_view_cert() - the SCTs in @cert, judged now: printed, or into @j as "ct". Nothing where there
 *  are none. @issuer: NULL not known. */
int ct_view_cert(const capcert_loglist *logs, const capcert_cert *cert, const capcert_cert *issuer,
		 json_t *j);

void ct_view_print(const struct capcert_ct_report *report);
json_t *ct_view_json(const struct capcert_ct_report *report);

#endif
