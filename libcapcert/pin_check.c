// SPDX-License-Identifier: LGPL-2.1-or-later
/* Pins in the search: a valid path without a pinned key is passed over, for as long as there are
 * others. */
#include "libcapcert/pin_check.h"
#include "libcapcert/pins.h"

void pin_begin(struct evaluation *ev)
{
	ev->pins_expired = ev->request->pins && pins_expired(ev->request->pins, &ev->window);
}

static bool in_force(const struct evaluation *ev)
{
	return ev->request->pins && !ev->pins_expired;
}

static bool pinned(const struct evaluation *ev, const struct path *path)
{
	uint32_t i;

	for (i = 0; i < path->count; i++) {
		struct node *node = path->node[i];

		if (node->pin == PIN_UNKNOWN)
			node->pin = pins_match(ev->request->pins, node->cert->spki) ? PIN_MATCHES
										    : PIN_DIFFERS;
		if (node->pin == PIN_MATCHES)
			return true;
	}
	return false;
}

bool pin_check(struct evaluation *ev, struct path *path)
{
	const struct cc_pins *pins = ev->request->pins;

	if (!in_force(ev) || pinned(ev, path))
		return true;
	if (pins->mode == CC_PIN_ENFORCE) {
		path->found[0] = finding(CC_REASON_PIN_MISMATCH,
					 pins->count ? pins_mismatch_text : pins_empty_text);
		return false;
	}
	if (ev->survey)
		return true;
	if (!ev->have_unpinned) {
		ev->unpinned = *path;
		ev->have_unpinned = true;
	}
	return false;
}

void pin_fall_back(struct evaluation *ev)
{
	if (ev->settled || !ev->have_unpinned)
		return;
	ev->best = ev->unpinned;
	ev->have_best = ev->valid = ev->settled = true;
	ev->budget.spent = NULL;
}

uint32_t pin_flags(struct evaluation *ev, int32_t reason)
{
	if (!ev->request->pins)
		return 0;
	if (ev->pins_expired)
		return CAPCERT_OUTCOME_PINS_EXPIRED;
	if (reason == CC_REASON_PIN_MISMATCH)
		return CAPCERT_OUTCOME_PIN_MISMATCH;
	if (reason != CC_REASON_NONE)
		return 0;
	return pinned(ev, &ev->best) ? CAPCERT_OUTCOME_PINNED : CAPCERT_OUTCOME_PIN_MISMATCH;
}
