/* SPDX-License-Identifier: GPL-2.0-only */
/* What the calls on slot stores share: names from user memory, and the audit trail. */
#ifndef KMOD_SLOT_CALLS_H
#define KMOD_SLOT_CALLS_H

#include "core/slot.h"
#include "kmod/audit.h"

struct cc_call;
struct cc_slot_view;

struct cc_slot_name {
	struct cc_span span;	/* into @text */
	u8 text[CC_SLOT_NAME_MAX];
};

/* cc_slot_name_in() - 0, -EINVAL when it is none, -EFAULT. */
int cc_slot_name_in(struct cc_slot_name *name, u64 ptr, u32 len);

/* cc_slot_seen() - does the view stand for the slot? */
bool cc_slot_seen(const struct cc_slot_view *view, const struct cc_slot_name *name);

/* cc_slot_audit() - @event with what the call has: handle, object, and @why with a slot's name. */
void cc_slot_audit(const struct cc_call *call, struct cc_audit_event event, const char *why,
		   struct cc_span name);

#endif
