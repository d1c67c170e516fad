/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Evidence on its way into the kernel. */
#ifndef LIBCAPCERT_KEVIDENCE_H
#define LIBCAPCERT_KEVIDENCE_H

#include <capcert/verify.h>

struct kevidence {
	struct capcert_evidence_item items[CAPCERT_MAX_EVIDENCE];
	uint32_t count;
};

/** kevidence_open() - every piece of @e (which may be NULL), as VERIFY takes it: bytes as far as
 *  there is room for them, the rest as evidence handles. The bytes stay @e's.
 *  Return: 0, -EMSGSIZE more pieces than one verification can have, or what EVIDENCE says. */
int kevidence_open(const capcert_evidence *e, struct kevidence *ret);

/** kevidence_close() - close the handles. */
void kevidence_close(struct kevidence *k);

#endif
