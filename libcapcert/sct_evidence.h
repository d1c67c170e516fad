/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SCTs in a verification: those in the leaf and those that the caller brings, judged once. */
#ifndef LIBCAPCERT_SCT_EVIDENCE_H
#define LIBCAPCERT_SCT_EVIDENCE_H

#include "core/text.h"
#include "libcapcert/evaluation.h"

/** sct_evidence_check() - for a path that is valid otherwise: does the leaf have the SCTs that the
 *  policy asks for? Nothing is judged when it asks for none. */
struct finding sct_evidence_check(struct evaluation *ev, const struct path *path);

/** sct_date_check() - for a path that is valid otherwise: if its anchor stands only for what was
 *  logged up to a date, is there a valid SCT of that time? False: the anchor's finding says
 *  distrusted, and other paths are to be tried. */
bool sct_date_check(struct evaluation *ev, struct path *path);

/** sct_evidence_say() - " (SCT of NAME: retiredLog; ...)", as far as there is room. */
void sct_evidence_say(const struct evaluation *ev, struct cc_text *t);

/** sct_evidence_count() - distinct logs whose SCTs count, 0 when none were judged. */
uint32_t sct_evidence_count(const struct evaluation *ev);

void sct_evidence_free(struct evaluation *ev);

#endif
