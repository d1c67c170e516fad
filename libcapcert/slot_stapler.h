/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The slot behind a slot stapler, as calls: the kernel's, or a test's. */
#ifndef LIBCAPCERT_SLOT_STAPLER_H
#define LIBCAPCERT_SLOT_STAPLER_H

#include <capcert/slot_stapler.h>

/** As the functions of <capcert/slot.h> that they are named after. */
struct slot_calls {
	int (*version)(int fd, const char *name, uint64_t *ret_version, int64_t *ret_time);
	int (*get)(int fd, const char *name, uint32_t flags, struct capcert_slot_value **ret);
	int (*put_staple)(int fd, const char *name, const uint8_t *staple, size_t len,
			  const uint64_t *expect, uint64_t *ret_version);
};

/** slot_stapler_new() - capcert_slot_stapler_new() on these calls; @calls outlives it. */
int slot_stapler_new(const struct slot_calls *calls, int slots_fd, const char *name,
		     const struct capcert_stapler_options *options, const capcert_chain *issuers,
		     capcert_slot_stapler **ret);

#endif
