// SPDX-License-Identifier: GPL-2.0-only
/* What happens to slots from elsewhere. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <capcert/slot.h>
#include "helpers/acmed/keeper.h"
#include "helpers/common/log.h"

#define EVENTS 16

/* @slot NULL: any of this store. */
static void lost(struct keeper *k, const char *slots, const char *slot)
{
	for (size_t i = 0; i < k->conf->cert_count; i++) {
		const struct conf_cert *c = &k->conf->certs[i];
		struct entry *e = &k->entries[i];

		if (!e->known.have || strcmp(c->slots, slots) != 0 ||
		    (slot && strcmp(c->slot, slot)))
			continue;
		e->restore = true;
		e->restore_at = 0;
	}
}

void slots_happened(struct keeper *k, size_t index)
{
	struct slot_watch *w = &k->w->watches[index];
	struct capcert_slot_event events[EVENTS];
	uint32_t count = EVENTS;
	int r = capcert_slot_next(w->fd, events, &count);

	if (r < 0 && r != -EAGAIN) {
		log_line(LOG_WARNING, "the slots %s are not watched any more: %s", w->slots,
			 strerror(-r));
		close(w->fd);
		w->fd = -1;
		return;
	}
	for (uint32_t i = 0; r == 0 && i < count; i++)
		if (events[i].what == CAPCERT_SLOT_EVENT_DELETE)
			lost(k, w->slots, events[i].name);
		else if (events[i].what == CAPCERT_SLOT_EVENT_RESYNC)
			lost(k, w->slots, NULL);
}
