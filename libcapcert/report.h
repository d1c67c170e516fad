/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A report in the making. It is written after the verdict, by a search of its own, so that asking
 * for one changes nothing but the time that the call takes. */
#ifndef LIBCAPCERT_REPORT_H
#define LIBCAPCERT_REPORT_H

#include <capcert/report.h>
#include "libcapcert/evaluation.h"

struct report;

int report_new(struct report **ret);
void report_free(struct report *report);

/** report_take() - the finished report, which now belongs to the caller; @report is gone.
 *  Return: 0, or -ENOMEM when some part of it could not be kept. */
int report_take(struct report *report, capcert_report **ret);

/** report_unread() - certificate @index of the chain takes no part. @kind: NOTE_MALFORMED or
 *  NOTE_REPEATED. */
void report_unread(struct report *report, uint32_t kind, struct cc_span der, uint32_t index,
		   const char *text);

/** report_spent() - @left of the budget when the search ended. */
void report_spent(struct report *report, const struct budget *left);

/** report_path() - a path that was judged, unless it is there already. */
void report_path(struct evaluation *ev, const struct path *path, bool valid);

/** report_refused() - @issuer was a candidate for @node and did not become its issuer. */
void report_refused(struct evaluation *ev, struct node *node, struct node *issuer, uint32_t kind);

/** report_rest() - when the search is over: what no path shows. */
void report_rest(struct evaluation *ev);

#endif
