// SPDX-License-Identifier: GPL-2.0-only
/* Names only come; whoever reads them reads those that were complete when it looked. */
#include <stdio.h>
#include <string.h>
#include "helpers/tlsd/gate.h"

static bool knows(struct gate_slots *s, const char *name)
{
	unsigned int n = atomic_load(&s->count);

	for (unsigned int i = 0; i < n; i++)
		if (strcmp(s->names[i], name) == 0)
			return true;
	return n == SLOTS_SEEN;
}

void gate_saw_slot(const struct gate *gate, const char *name)
{
	struct gate_slots *s = gate->seen;

	if (!s || !*name || knows(s, name) || atomic_flag_test_and_set(&s->busy))
		return;
	if (!knows(s, name)) {
		unsigned int n = atomic_load(&s->count);

		snprintf(s->names[n], sizeof(s->names[n]), "%s", name);
		atomic_store(&s->count, n + 1);
	}
	atomic_flag_clear(&s->busy);
}
